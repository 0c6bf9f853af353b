package mover

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3Retries is how often a request is tried: with the client's pauses, for about half a minute.
const s3Retries = 7

// bodyTries is how often an object is read whose answer breaks off.
const bodyTries = 3

// bucket is a store in a bucket of S3, below a prefix.
type bucket struct {
	client *minio.Client
	host   string
	name   string
	// prefix is empty or ends with a slash.
	prefix string
	// lock may be nil.
	lock *Lock
}

func newBucket(o Options) (*bucket, error) {
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil || endpoint.Host == "" || strings.Trim(endpoint.Path, "/") != "" || endpoint.User != nil {
		return nil, fail(Misconfigured, nil, "the endpoint has to be like https://s3.example.org")
	}
	secure := endpoint.Scheme == "https"
	if !secure && (endpoint.Scheme != "http" || !loopback(endpoint.Hostname())) {
		return nil, fail(Misconfigured, nil, "the endpoint has to be https, as names and sizes of objects are not encrypted")
	}
	if o.Bucket == "" || o.AccessKey == "" || o.SecretKey == "" {
		return nil, fail(Misconfigured, nil, "bucket, access key and secret key are required")
	}
	if o.Lock != nil && (!minio.RetentionMode(o.Lock.Mode).IsValid() || o.Lock.Days < 1) {
		return nil, fail(Misconfigured, nil, "a lock is COMPLIANCE or GOVERNANCE, of a day or more")
	}
	round, err := o.transport(secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: secure, Transport: round,
		Region: o.region(), BucketLookup: minio.BucketLookupPath, MaxRetries: s3Retries,
	})
	if err != nil {
		return nil, fail(Misconfigured, err, "%v", err)
	}
	prefix := strings.Trim(o.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{client: client, host: endpoint.Host, name: o.Bucket, prefix: prefix, lock: o.Lock}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// region spares a request that asks for it, and the right to ask.
func (o Options) region() string {
	if o.Region == "" {
		return "us-east-1"
	}
	return o.Region
}

func (o Options) transport(secure bool) (http.RoundTripper, error) {
	if o.Client != nil && o.Client.Transport != nil {
		return o.Client.Transport, nil
	}
	t, err := minio.DefaultTransport(secure)
	if err != nil || len(o.CAPEM) == 0 {
		return t, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(o.CAPEM) {
		return nil, fail(Misconfigured, nil, "the CA certificates have to be PEM, beginning with -----BEGIN CERTIFICATE-----")
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return t, nil
}

func (b *bucket) String() string {
	return "s3://" + strings.TrimSuffix(b.name+"/"+b.prefix, "/") + " at " + b.host
}

func (b *bucket) put(ctx context.Context, name string, data []byte) error {
	_, err := b.write(ctx, name, data)
	return err
}

func (b *bucket) write(ctx context.Context, name string, data []byte) (minio.UploadInfo, error) {
	options := minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableMultipart: true,
		SendContentMd5: true, // A bucket with Object Lock takes nothing without it.
	}
	if b.lock != nil {
		options.Mode = minio.RetentionMode(b.lock.Mode)
		options.RetainUntilDate = time.Now().AddDate(0, 0, b.lock.Days).Add(time.Second) // Which is sent in whole seconds.
	}
	info, err := b.client.PutObject(ctx, b.name, b.prefix+name, bytes.NewReader(data), int64(len(data)), options)
	return info, b.failed(name, err)
}

// get begins again if the connection breaks amid an object: the client tries only until the answer begins.
func (b *bucket) get(ctx context.Context, name string, buffer []byte, limit int64) ([]byte, error) {
	var data []byte
	err := error(nil)
	for range bodyTries {
		// Core answers with the body at once, where GetObject makes a goroutine and a buffer for each.
		body, _, _, opening := (&minio.Core{Client: b.client}).GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
		if opening != nil {
			return nil, b.failed(name, opening)
		}
		data, err = read(body, name, buffer, limit)
		_ = body.Close() // It was only read.
		if err == nil || ctx.Err() != nil || errors.Is(err, Tampered) {
			break
		}
	}
	return data, b.failed(name, err)
}

func (b *bucket) stat(ctx context.Context, name string) (object, error) {
	info, err := b.client.StatObject(ctx, b.name, b.prefix+name, minio.StatObjectOptions{})
	return object{name: name, size: info.Size, modified: info.LastModified}, b.failed(name, err)
}

func (b *bucket) list(ctx context.Context, prefix string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for info := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
			if info.Err != nil {
				yield(object{}, b.failed(prefix, info.Err))
				return
			}
			o := object{name: strings.TrimPrefix(info.Key, b.prefix), size: info.Size, modified: info.LastModified}
			if !yield(o, nil) {
				return
			}
		}
	}
}
