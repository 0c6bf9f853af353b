package acctest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Bucket is one that an agency has, in an S3 that keeps all versions, and says that it locks them for 7 days.
type Bucket struct {
	// URL is the endpoint.
	URL string
	// AccessKey is the one that it lets in, at first "first".
	AccessKey atomic.Value
	// Unlocked takes the lock away.
	Unlocked atomic.Bool
	// Probes are how often somebody has tried what the key may do.
	Probes atomic.Int32

	next http.Handler
}

const bucketLock = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>` +
	`<Mode>COMPLIANCE</Mode><Days>7</Days></DefaultRetention></Rule></ObjectLockConfiguration>`

// NewBucket makes a bucket of the name registry. It ends with the test.
func NewBucket(t *testing.T) *Bucket {
	t.Helper()
	backend := s3mem.New()
	versions := gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}
	if err := errors.Join(backend.CreateBucket("registry"), backend.SetVersioningConfiguration("registry", versions)); err != nil {
		t.Fatal(err)
	}
	b := &Bucket{next: gofakes3.New(backend, gofakes3.WithTimeSkewLimit(0)).Server()}
	b.AccessKey.Store("first")
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

// ServeHTTP implements http.Handler.
func (b *Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>for the test</Message></Error>")
	}
	key, _ := b.AccessKey.Load().(string)
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/"):
		refuse(http.StatusForbidden, "InvalidAccessKeyId")
	case r.Method == http.MethodDelete:
		refuse(http.StatusForbidden, "AccessDenied")
	case r.URL.Query().Has("object-lock") && b.Unlocked.Load():
		refuse(http.StatusNotFound, "ObjectLockConfigurationNotFoundError")
	case r.URL.Query().Has("object-lock"):
		_, _ = io.WriteString(w, bucketLock)
	default:
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/probe") {
			b.Probes.Add(1)
		}
		b.next.ServeHTTP(w, r)
	}
}

// Config is a configuration in which the bucket is the backup vault main of an operator, by an access key.
func (b *Bucket) Config(env *Env, operator, accessKey, body string) string {
	return strings.Replace(env.Config(body), operator+" = {", fmt.Sprintf(`%s = {
      backup_buckets = { main = {
        endpoint = %q, bucket = "registry", prefix = "vdam", retention_days = 31, access_key_id = %q, secret_access_key = "secret"
      } },`, operator, b.URL, accessKey), 1)
}
