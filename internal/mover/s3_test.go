package mover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// fakeS3 is a bucket that says it has a lock. Each field may be changed by a test.
type fakeS3 struct {
	next http.Handler
	// lock is the answer to how the bucket is locked.
	lock string
	// refuse are the codes of S3 to answer with, by method.
	refuse map[string]s3Code
	// cut is how many answers to break off.
	cut atomic.Int32
}

type s3Code struct {
	status int
	code   string
}

const lockedFor30Days = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>` +
	`<Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>`

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c, ok := f.refuse[r.Method]; ok {
		w.WriteHeader(c.status)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>for the test</Message></Error>", c.code)
		return
	}
	if r.URL.Query().Has("object-lock") {
		if f.lock == "" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>")
			return
		}
		_, _ = io.WriteString(w, f.lock)
		return
	}
	if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") && f.cut.Add(-1) >= 0 {
		w.Header().Set("Content-Length", "1000000")
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		_, _ = w.Write(make([]byte, 1000)) // The server breaks the connection, as there is less than it said.
		return
	}
	f.next.ServeHTTP(w, r)
}

// startS3 returns the fake and how to open a vault in it.
func startS3(t testing.TB) (*fakeS3, Options) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("vault"); err != nil {
		t.Fatal(err)
	}
	versioning := gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}
	if err := backend.SetVersioningConfiguration("vault", versioning); err != nil {
		t.Fatal(err)
	}
	f := &fakeS3{
		next: gofakes3.New(backend, gofakes3.WithTimeSkewLimit(0)).Server(), lock: lockedFor30Days,
		refuse: map[string]s3Code{http.MethodDelete: {http.StatusForbidden, "AccessDenied"}},
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, Options{
		Endpoint: server.URL, Bucket: "vault", Prefix: "x/from", AccessKey: "writer", SecretKey: "secret-of-the-writer", Key: testKey(t),
	}
}

// TestS3 makes and restores recovery points in a bucket.
func TestS3(t *testing.T) {
	f, o := startS3(t)
	v, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Check(t.Context())
	if want := (Protection{Versioned: true, LockMode: "COMPLIANCE", LockDays: 30}); err != nil || p != want {
		t.Fatalf("it is protected by %v, %v", p, err)
	}
	v.geometry = small
	data := noise(1, 100*int(small.BlockSize)+17)
	first := mustBackup(t, v, data, testMeta)
	changed := plainSource(bytes.Clone(data))
	copy(changed[50000:], "something else")
	m := testMeta
	m.TakenAt = m.TakenAt.Add(1e9)
	second := mustBackup(t, v, changed, m)
	if second.Parent != first.ID || second.BytesUploaded > 3*small.BlockSize {
		t.Fatalf("the second recovery point is %+v", second)
	}
	f.cut.Store(bodyTries - 1)
	if !bytes.Equal(mustRestore(t, v, first), data) || !bytes.Equal(mustRestore(t, v, second), changed) {
		t.Fatal("what is restored is not what was there")
	}
	if all := points(t, v); len(all) != 2 {
		t.Fatalf("there are %v", all)
	}
}

// TestS3Unfit: a bucket or a key that does not protect backups is refused by what it lacks.
func TestS3Unfit(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fakeS3)
		kind   Kind
	}{
		"unlocked": {func(f *fakeS3) { f.lock = "" }, Unlocked},
		"no retention": {func(f *fakeS3) {
			f.lock = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
		}, Unlocked},
		"deletable":  {func(f *fakeS3) { f.refuse = nil }, Deletable},
		"clock":      {func(f *fakeS3) { f.refuse["GET"] = s3Code{403, "RequestTimeTooSkewed"} }, ClockOff},
		"no writing": {func(f *fakeS3) { f.refuse["PUT"] = s3Code{403, "AccessDenied"} }, Denied},
		"wrong key":  {func(f *fakeS3) { f.refuse["GET"] = s3Code{403, "SignatureDoesNotMatch"} }, Denied},
		"full":       {func(f *fakeS3) { f.refuse["PUT"] = s3Code{403, "QuotaExceeded"} }, Full},
		"disk full":  {func(f *fakeS3) { f.refuse["PUT"] = s3Code{507, "Whatever"} }, Full},
		"no bucket":  {func(f *fakeS3) { f.refuse["GET"] = s3Code{404, "NoSuchBucket"} }, NoBucket},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := startS3(t)
			c.change(f)
			v, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = v.Check(t.Context())
			want(t, err, c.kind)
			if strings.Contains(err.Error(), o.SecretKey) || strings.Contains(err.Error(), o.Key) {
				t.Errorf("%v tells a secret", err)
			}
		})
	}
}

// TestS3Unversioned: a bucket of which nobody switched versioning on is refused.
func TestS3Unversioned(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("vault"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	v, err := Open(Options{Endpoint: server.URL, Bucket: "vault", AccessKey: "a", SecretKey: "s", Key: testKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Check(t.Context())
	want(t, err, Unversioned)
}

// TestS3Misconfigured: what cannot work is refused without a request.
func TestS3Misconfigured(t *testing.T) {
	good := Options{Endpoint: "https://s3.example.org", Bucket: "b", AccessKey: "a", SecretKey: "s", Key: testKey(t)}
	if _, err := Open(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){
		"no endpoint": func(o *Options) { o.Endpoint = "" },
		"a path":      func(o *Options) { o.Endpoint += "/b" },
		"no scheme":   func(o *Options) { o.Endpoint = "s3.example.org" },
		"no TLS":      func(o *Options) { o.Endpoint = "http://s3.example.org" },
		"no bucket":   func(o *Options) { o.Bucket = "" },
		"no secret":   func(o *Options) { o.SecretKey = "" },
		"no key":      func(o *Options) { o.Key = "" },
		"no lock":     func(o *Options) { o.Lock = &Lock{Mode: "COMPLIANCE"} },
		"no mode":     func(o *Options) { o.Lock = &Lock{Days: 1} },
		"no PEM":      func(o *Options) { o.CAPEM = []byte("x") },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			_, err := Open(o)
			want(t, err, Misconfigured)
		})
	}
}

// TestS3Unreachable: a vault that does not answer is told from all else, after the client's pauses.
func TestS3Unreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Endpoint: "https://s3.example.org", Bucket: "b", AccessKey: "a", SecretKey: "s", Key: testKey(t)}
		o.Client = &http.Client{Transport: failing{}}
		v, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		m := testMeta
		m.TakenAt = time.Now()
		_, err = v.Backup(t.Context(), noise(1, 10), m, nil)
		want(t, err, Unreachable)
	})
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}
