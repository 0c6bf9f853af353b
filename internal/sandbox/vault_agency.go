package sandbox

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// agencyBucket is a bucket of an agency's own, which has given its keys. What belongs to one key is below a prefix of it.
type agencyBucket struct{ *api.VaultBucket }

// agencyAgreement is all that there is to agree on with the owner of a bucket.
func agencyAgreement(id, operator, url string, b *api.VaultBucket) agreement {
	return agreement{id: id, operator: operator, url: url, retention: days(b.RetentionDays), agency: b}
}

func (b agencyBucket) open(_ context.Context, o mover.Options) (*mover.Vault, error) {
	return b.at(o, fingerprint(o.Key))
}

func (b agencyBucket) at(o mover.Options, folder string) (*mover.Vault, error) {
	o.Endpoint, o.Region, o.Bucket, o.Prefix = b.Endpoint, value(b.Region), b.Bucket, path.Join(value(b.Prefix), folder)
	o.AccessKey, o.SecretKey, o.CAPEM = b.AccessKeyId, b.SecretAccessKey, []byte(value(b.CaCertificate))
	return mover.Open(o)
}

func (b agencyBucket) openAny(ctx context.Context, o mover.Options) (*mover.Vault, error) {
	store, err := objectstore.Open(objectstore.Account{
		Endpoint: b.Endpoint, Region: value(b.Region), CAPEM: value(b.CaCertificate), AccessKey: b.AccessKeyId, SecretKey: b.SecretAccessKey,
	})
	if err != nil {
		return b.open(ctx, o) // It tells what is wrong.
	}
	defer store.Close()
	folders, err := store.Folders(ctx, b.Bucket, value(b.Prefix))
	if err != nil {
		return b.open(ctx, o) // Whoever reads there is told the same.
	}
	return b.at(o, folderOf(o.Key, slices.Collect(maps.Keys(folders))))
}

// now is that of the S3, which has no clock that could be moved.
func (b agencyBucket) now() time.Time { return time.Now() }

// faultOfBucket refuses what is no bucket, in words that do not tell its keys. Nobody asks the S3: it may be away at present.
func faultOfBucket(b *api.VaultBucket, pointer, key string) []api.FieldError {
	var known *mover.Error
	if _, err := (agencyBucket{b}).at(mover.Options{Key: key}, ""); errors.As(err, &known) && faultOfKey(key) == nil {
		return []api.FieldError{fieldError(pointer, "%s", known.Detail)}
	}
	return nil
}

// faultsOfAgency checks a plan against the agency's own bucket that it writes into.
func faultsOfAgency(spec *api.BackupPlanCreate, old *object) []api.FieldError {
	if old != nil && planSpec(old).Bucket == nil {
		return []api.FieldError{fieldError("/bucket", "The plan writes into the vault %s of an operator, and no other.", spec.Vault.Id)}
	}
	if faults := faultOfBucket(spec.Bucket, "/bucket", spec.EncryptionKey); faults != nil {
		return faults
	}
	a := agencyAgreement(spec.Vault.Id, spec.Vault.Operator, spec.Vault.Url, spec.Bucket)
	return a.faultsOfRetention(spec)
}
