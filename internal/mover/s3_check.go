package mover

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
)

func (b *bucket) check(ctx context.Context, probe string) (Protection, error) {
	p, err := b.protection(ctx)
	if err != nil {
		return p, err
	}
	version, err := b.probe(ctx, probe)
	if err != nil {
		return p, err
	}
	for _, v := range []string{"", version} {
		if err := b.deletable(ctx, probe, v); err != nil {
			return p, err
		}
	}
	return p, nil
}

// protection reads how the bucket is set up.
func (b *bucket) protection(ctx context.Context) (Protection, error) {
	versioning, err := b.client.GetBucketVersioning(ctx, b.name)
	if err != nil {
		return Protection{}, b.failed("(versioning of the bucket)", err)
	}
	if !versioning.Enabled() {
		return Protection{}, fail(Unversioned, nil, "the bucket has no versioning")
	}
	p := Protection{Versioned: true}
	lock, mode, validity, unit, err := b.client.GetObjectLockConfig(ctx, b.name)
	if code := minio.ToErrorResponse(err).Code; err != nil && code != "ObjectLockConfigurationNotFoundError" {
		return p, b.failed("(Object Lock of the bucket)", err)
	}
	if err != nil || lock != "Enabled" {
		return p, fail(Unlocked, err, "the bucket has no Object Lock")
	}
	if mode == nil || validity == nil || unit == nil || *validity == 0 {
		return p, fail(Unlocked, nil, "the bucket has Object Lock, but no default retention, so what is put into it is not locked")
	}
	p.LockMode, p.LockDays = mode.String(), int(*validity)
	if *unit == minio.Years {
		p.LockDays *= 365
	}
	return p, nil
}

// probe puts an object, reads it again, and returns its version.
func (b *bucket) probe(ctx context.Context, name string) (string, error) {
	content := []byte(rand.Text())
	info, err := b.write(ctx, name, content)
	if err != nil {
		return "", err
	}
	found, err := b.get(ctx, name, nil, int64(len(content)))
	if err != nil {
		return "", err
	}
	if !bytes.Equal(found, content) {
		return "", fail(Tampered, nil, "what was put into %s is not what is read from it", name)
	}
	return info.VersionID, nil
}

// deletable fails unless the delete of an object, or of one version of it, is refused.
func (b *bucket) deletable(ctx context.Context, name, version string) error {
	err := b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{VersionID: version})
	switch response := minio.ToErrorResponse(err); {
	case err == nil:
		return fail(Deletable, nil, "the access key may delete the object %s", name)
	case response.StatusCode == http.StatusForbidden || response.Code == "AccessDenied" || response.Code == "ObjectLocked":
		return nil
	}
	return b.failed(name, err)
}

// kinds are what error codes of S3 mean. Of some there are several in use.
var kinds = map[string]Kind{
	"NoSuchKey": Missing, "NoSuchVersion": Missing,
	"NoSuchBucket":         NoBucket,
	"RequestTimeTooSkewed": ClockOff, "RequestExpired": ClockOff,
	"AccessDenied": Denied, "AllAccessDisabled": Denied, "AccountProblem": Denied, "InvalidAccessKeyId": Denied,
	"SignatureDoesNotMatch": Denied, "ExpiredToken": Denied, "InvalidToken": Denied, "Forbidden": Denied,
	"AuthorizationHeaderMalformed": Misconfigured, "PermanentRedirect": Misconfigured,
	"QuotaExceeded": Full, "XMinioStorageFull": Full, "XMinioAdminBucketQuotaExceeded": Full, "InsufficientCapacity": Full,
	"InsufficientStorage": Full, "TooManyBytes": Full,
}

// failed makes an error of one of S3. It is nil if that is.
func (b *bucket) failed(name string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	var untrusted x509.UnknownAuthorityError
	if errors.As(err, &untrusted) {
		return fail(Misconfigured, err, "nobody that is trusted here has signed the certificate of %s: its CA certificates are needed", b.host)
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return fail(ClockOff, err, "the certificate of %s has expired or is not valid yet, if it is %s as it is here", b.host, here())
	}
	response := minio.ToErrorResponse(err)
	kind, ok := kinds[response.Code]
	switch {
	case ok:
	case response.StatusCode == http.StatusNotFound:
		kind = Missing
	case response.StatusCode == http.StatusForbidden || response.StatusCode == http.StatusUnauthorized:
		kind = Denied
	case response.StatusCode == http.StatusInsufficientStorage:
		kind = Full
	default:
		kind = Unreachable
	}
	switch kind {
	case Missing:
		return fail(kind, err, "the object %s is not there", name)
	case NoBucket:
		return fail(kind, err, "there is no bucket %s", b.name)
	case ClockOff:
		return fail(kind, err, "it is %s here, which is too far from the vault's time", here())
	default:
		return fail(kind, err, "%s: %s", name, said(err, response))
	}
}

// here is the time.
func here() string { return time.Now().UTC().Format(time.RFC3339) }

// said is what S3 or the network said.
func said(err error, response minio.ErrorResponse) string {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return "the vault did not answer in time"
	}
	if response.Code != "" && response.Message != "" {
		return response.Code + ", " + response.Message
	}
	return err.Error()
}
