// Package s3 gives tests a real S3 as an operator of a backup vault would have it: users that may write, that may read,
// and one that owns the buckets, which keep all versions and lock them. All of it ends with the test.
package s3

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

const (
	// Region is what requests have to be signed for.
	Region = "y-1"
	// LockDays is how long a bucket with a lock protects what is put into it.
	LockDays = 1

	startTimeout = time.Minute
)

// User is a pair of keys.
type User struct{ AccessKey, SecretKey string }

// Server is an S3 that runs.
type Server struct {
	// Endpoint is https at a loopback address, CAPEM the certificate that it shows.
	Endpoint string
	CAPEM    []byte
	// Writer may put, get and list, and delete nothing. Reader may get and list, and put below restores/ only. Owner owns
	// the buckets. Root may do what the server lets anybody do.
	Writer, Reader, Owner, Root User

	process   *process
	transport *http.Transport
}

// Start starts a server that ends with the test. It skips a test that nobody asked for. What the server logs is in
// t.ArtifactDir().
func Start(t testing.TB) *Server {
	t.Helper()
	testbed.Asked(t, "backup")
	program, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Writer: newUser("writer"), Reader: newUser("reader"), Owner: newUser("owner"), Root: newUser("root")}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := s.start(ctx, program, t.TempDir(), filepath.Join(t.ArtifactDir(), "versitygw.log")); err != nil {
		t.Fatalf("starting S3: %v", err)
	}
	t.Cleanup(func() {
		if err := s.process.end(); err != nil {
			t.Error(err)
		}
	})
	store, err := objectstore.Open(s.Account())
	if err != nil {
		t.Fatal(err)
	}
	for u, role := range map[User]string{s.Writer: "user", s.Reader: "user", s.Owner: "userplus"} {
		if err := store.AddUser(ctx, objectstore.Key(u), role); err != nil {
			t.Fatalf("the user %s: %v", u.AccessKey, err)
		}
	}
	return s
}

// Account is what a sandbox needs to keep vaults there.
func (s *Server) Account() objectstore.Account {
	return objectstore.Account{
		Endpoint: s.Endpoint, Region: Region, CAPEM: string(s.CAPEM), AccessKey: s.Root.AccessKey, SecretKey: s.Root.SecretKey,
	}
}

func newUser(name string) User { return User{AccessKey: name, SecretKey: rand.Text()} }

// PID is the number of the server's process.
func (s *Server) PID() int { return s.process.cmd.Process.Pid }

// Client speaks to the server as a user.
func (s *Server) Client(u User) (*minio.Client, error) {
	return minio.New(strings.TrimPrefix(s.Endpoint, "https://"), &minio.Options{
		Creds: credentials.NewStaticV4(u.AccessKey, u.SecretKey, ""), Secure: true, Region: Region, Transport: s.transport,
		BucketLookup: minio.BucketLookupPath, MaxRetries: 1,
	})
}

// Bucket says how a bucket protects what is in it.
type Bucket struct {
	Versioned bool
	// Lock needs versions.
	Lock bool
	// WriterDeletes gives the writer more than it should have.
	WriterDeletes bool
}

// Vault is how a bucket has to be.
var Vault = Bucket{Versioned: true, Lock: true}

// Make makes a bucket, with what writer and reader may do in it.
func (s *Server) Make(ctx context.Context, name string, b Bucket) error {
	owner, err := s.Client(s.Owner)
	if err != nil {
		return err
	}
	if err := owner.MakeBucket(ctx, name, minio.MakeBucketOptions{Region: Region, ObjectLocking: b.Lock}); err != nil {
		return err
	}
	if b.Versioned {
		if err := owner.EnableVersioning(ctx, name); err != nil {
			return fmt.Errorf("versioning: %w", err)
		}
	}
	if b.Lock {
		mode, days, unit := minio.Compliance, uint(LockDays), minio.Days
		if err := owner.SetObjectLockConfig(ctx, name, &mode, &days, &unit); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	policy, err := s.policy(name, b)
	if err != nil {
		return err
	}
	return owner.SetBucketPolicy(ctx, name, policy)
}

// statement is one of a policy.
type statement struct {
	Effect    string
	Principal map[string][]string
	Action    []string
	Resource  []string
}

// policy is what a vault's operator has to let writer and reader do, and no more.
func (s *Server) policy(bucket string, b Bucket) (string, error) {
	both := map[string][]string{"AWS": {s.Writer.AccessKey, s.Reader.AccessKey}}
	writer, reader := map[string][]string{"AWS": {s.Writer.AccessKey}}, map[string][]string{"AWS": {s.Reader.AccessKey}}
	whole := "arn:aws:s3:::" + bucket
	write := []string{"s3:PutObject"}
	if b.WriterDeletes {
		write = append(write, "s3:DeleteObject")
	}
	owner := map[string][]string{"AWS": {s.Owner.AccessKey}}
	raw, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []statement{
		// versitygw refuses the owner of a bucket with a policy what the policy does not allow.
		{"Allow", owner, []string{"s3:*"}, []string{whole, whole + "/*"}},
		{"Allow", both, []string{"s3:ListBucket", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"}, []string{whole}},
		{"Allow", both, []string{"s3:GetObject"}, []string{whole + "/*"}},
		{"Allow", writer, write, []string{whole + "/*"}},
		// Velero, and a drill, write down what became of a restore.
		{"Allow", reader, []string{"s3:PutObject"}, []string{whole + "/restores/*"}},
	}})
	return string(raw), err
}
