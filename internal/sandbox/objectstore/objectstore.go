// Package objectstore keeps an operator's backup vaults in a real S3: a bucket for each, which keeps all versions and locks
// them, and users that may write, or read, and never delete. Its users are made by the administration of versitygw.
package objectstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Account is an S3 and whoever may do everything there.
type Account struct {
	// Endpoint is https, or http at a loopback address.
	Endpoint string `json:"endpoint"`
	Region   string `json:"region"`
	// CAPEM are the certificates to trust instead of the system's; may be empty.
	CAPEM     string `json:"ca_certificate,omitempty"`
	AccessKey string `json:"access_key_id"`
	SecretKey string `json:"secret_access_key"`
}

// Lock is what protects everything that is put into a vault.
type Lock struct {
	Compliance bool  `json:"compliance,omitempty"`
	Days       int64 `json:"days"`
}

// Store is the S3 of an operator.
type Store struct {
	account   Account
	client    *minio.Client
	transport *http.Transport
	// mu is held while a policy is read and written.
	mu sync.Mutex
}

// answerWait is how long the S3 may take to begin an answer to what it has in full.
const answerWait = time.Minute

// Open makes the client. It asks for nothing yet.
func Open(a Account) (*Store, error) {
	u, err := url.Parse(a.Endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of an S3", a.Endpoint)
	}
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // The standard library's own.
	t.Proxy, t.ResponseHeaderTimeout = nil, answerWait
	if a.CAPEM != "" {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(a.CAPEM)) {
			return nil, errors.New("the certificate of the S3's authority is not PEM")
		}
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(a.AccessKey, a.SecretKey, ""), Secure: u.Scheme == "https", Region: a.Region,
		Transport: t, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, err
	}
	return &Store{account: a, client: client, transport: t}, nil
}

// Client is for others that speak to the same S3, and trusts it.
func (s *Store) Client() *http.Client { return &http.Client{Transport: s.transport} }

// Close lets go of the connections.
func (s *Store) Close() { s.transport.CloseIdleConnections() }

// Account is where the S3 is, without what only its owner knows.
func (s *Store) Account() Account {
	a := s.account
	a.AccessKey, a.SecretKey = "", ""
	return a
}

// Make makes a vault. One that is there already gets what it lacks.
func (s *Store) Make(ctx context.Context, bucket string, l Lock) error {
	there, err := s.client.BucketExists(ctx, bucket)
	if err != nil {
		return err
	}
	if !there {
		if err := s.client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: s.account.Region, ObjectLocking: true}); err != nil {
			return err
		}
	}
	if err := s.client.EnableVersioning(ctx, bucket); err != nil {
		return fmt.Errorf("versioning: %w", err)
	}
	return s.Lock(ctx, bucket, l)
}

// Lock says how what is put into a vault from now on is protected.
func (s *Store) Lock(ctx context.Context, bucket string, l Lock) error {
	mode, days, unit := l.mode(), uint(l.Days), minio.Days //nolint:gosec // Days are at least one.
	if err := s.client.SetObjectLockConfig(ctx, bucket, &mode, &days, &unit); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

func (l Lock) mode() minio.RetentionMode {
	if l.Compliance {
		return minio.Compliance
	}
	return minio.Governance
}

// Hold locks a version for as long as if it had been locked when it was written, unless it has a lock of its own already.
// It is for servers that do not apply the lock of a vault to what is put there.
func (s *Store) Hold(ctx context.Context, bucket string, v Version, l Lock) error {
	if mode, _, err := s.Held(ctx, bucket, v); err != nil || mode != "" {
		return err
	}
	mode, until := l.mode(), v.Written.AddDate(0, 0, int(l.Days)).Add(time.Second) // Which is sent in whole seconds.
	return s.client.PutObjectRetention(ctx, bucket, v.Key, minio.PutObjectRetentionOptions{
		Mode: &mode, RetainUntilDate: &until, VersionID: v.ID,
	})
}

// Held is the lock that a version has of its own, and until when. The mode is empty if it has none.
func (s *Store) Held(ctx context.Context, bucket string, v Version) (mode minio.RetentionMode, until time.Time, err error) {
	// The answer of versitygw that is about the lock alone is not as the client expects it.
	info, err := s.client.StatObject(ctx, bucket, v.Key, minio.StatObjectOptions{VersionID: v.ID})
	if err != nil {
		return "", time.Time{}, err
	}
	if mode = minio.RetentionMode(info.Metadata.Get("X-Amz-Object-Lock-Mode")); mode != "" {
		until, err = time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	}
	return mode, until, err
}

// Version is one of an object in a vault.
type Version struct {
	Key, ID string
	Size    int64
	Written time.Time
	// Marker is one that only hides those before it. It is never locked.
	Marker bool
}

// Versions are those of all objects in a vault.
func (s *Store) Versions(ctx context.Context, bucket string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range s.client.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
			if minio.ToErrorResponse(o.Err).Code == minio.NoSuchBucket {
				return // It was never made, or has gone.
			}
			v := Version{Key: o.Key, ID: o.VersionID, Size: o.Size, Written: o.LastModified, Marker: o.IsDeleteMarker}
			if !yield(v, o.Err) || o.Err != nil {
				return
			}
		}
	}
}

// RemoveVersion removes one for good. What is locked is not removed.
func (s *Store) RemoveVersion(ctx context.Context, bucket string, v Version) error {
	return s.client.RemoveObject(ctx, bucket, v.Key, minio.RemoveObjectOptions{VersionID: v.ID})
}

// Folders are what the names of a vault's objects have before their first slash, of those below a prefix after that, which may
// be empty.
func (s *Store) Folders(ctx context.Context, bucket, prefix string) (map[string]bool, error) {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := map[string]bool{}
	for o := range s.client.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix}) {
		if o.Err != nil {
			return nil, o.Err
		}
		if folder, below := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), "/"); below {
			found[folder] = true
		}
	}
	return found, nil
}

// Remove removes a vault with everything that is no longer locked; what is locked keeps it.
func (s *Store) Remove(ctx context.Context, bucket string) error {
	there, err := s.client.BucketExists(ctx, bucket)
	if err != nil || !there {
		return err
	}
	for v, err := range s.Versions(ctx, bucket) {
		if err == nil {
			err = s.RemoveVersion(ctx, bucket, v)
		}
		if err != nil {
			return err
		}
	}
	return s.client.RemoveBucket(ctx, bucket)
}
