package backuprun

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

const (
	day = 24 * time.Hour
	// keyTTL is how long a key of a vault lives if nobody ends it, which a run does at its end. It is the most that operators give
	// a reader: nothing can be moved on with another key, and what took longer would never end.
	keyTTL = 7 * day
	// parting is how long what is done at the end may take, though the rest was given up.
	parting = 2 * time.Minute
)

// fingerprint tells keys apart. It is what the part of a key is called in a vault, whoever writes it.
func fingerprint(key string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(key)))
	return hex.EncodeToString(sum[:8])
}

// faultsOfKey refuses what is no key, in words that do not tell it.
func faultsOfKey(key string) []cloud.FieldError {
	var known *mover.Error
	if _, err := mover.OpenFolder("", mover.Options{Key: key}); errors.As(err, &known) {
		return []cloud.FieldError{fault("/encryption_key", "%s", known.Detail)}
	}
	return nil
}

// openS3 opens a vault where its key says that it is.
func openS3(key cloud.VaultKey, o mover.Options) (Vault, error) {
	o.Endpoint, o.Region, o.Bucket = key.Endpoint, key.Region, key.Bucket
	o.AccessKey, o.SecretKey, o.CAPEM = key.AccessKeyID, key.SecretKey, []byte(key.CACertificate)
	return mover.Open(o)
}

// vault is that of a plan, as it is now.
func (r *runner) vault(ctx context.Context, ref vaultRecord) (*cloud.Operator, cloud.BackupVault, error) {
	var none cloud.BackupVault
	op, err := r.Operator(ctx, ref.Operator)
	if err != nil {
		return nil, none, err
	}
	if op.BackupVaults == nil || op.VaultAccess == nil {
		return nil, none, r.invalid("/vault/url", "%s keeps no backup vaults that others can write into.", op.Name)
	}
	vault, err := op.BackupVaults.Get(ctx, ref.ID)
	switch {
	case errors.Is(err, cloud.ErrNotFound):
		return nil, none, r.invalid("/vault/url", "There is no backup vault %s at %s.", ref.ID, op.Name)
	case err != nil:
		return nil, none, err
	case vault.Beneficiary != "" && vault.Beneficiary != r.op.Name:
		return nil, none, r.invalid("/vault/url", "The vault %s is for backups of the operator %s, and not for those of %s.",
			ref.ID, vault.Beneficiary, r.op.Name)
	case vault.State == cloud.StateCreating:
		return nil, none, &cloud.Error{Reason: cloud.ErrBusy, Operator: op.Name, Text: "The backup vault is still being made."}
	case vault.State == cloud.StateFailed || vault.State == cloud.StateDeleting:
		return nil, none, r.invalid("/vault/url", "The backup vault %s at %s is %s. %s", ref.ID, op.Name, vault.State, vault.StateMessage)
	}
	return op, vault, nil
}

// spare is how much longer a vault keeps what was written than a plan needs it.
func spare(vault cloud.BackupVault, retention time.Duration) time.Duration {
	return time.Duration(vault.RetentionDays)*day - retention
}

func faultsOfRetention(vault cloud.BackupVault, retention time.Duration) []cloud.FieldError {
	if spare(vault, retention) >= day {
		return nil
	}
	return []cloud.FieldError{fault("/retention_seconds",
		"The vault keeps what was written for %d days. As a recovery point relies on what was written before it, it can be restored for "+
			"certain for a day less at most, %d s.", vault.RetentionDays, (vault.RetentionDays-1)*int64(day/time.Second))}
}

// admitVault finds out whether a plan's vault can be written into, and is fit for backups.
func (r *runner) admitVault(ctx context.Context, spec cloud.BackupPlanSpec) error {
	op, vault, err := r.vault(ctx, newPlanRecord(spec).Vault)
	if err != nil {
		return err
	}
	if err := r.faults(faultsOfRetention(vault, spec.Retention)...); err != nil {
		return err
	}
	v, end, err := r.open(ctx, op, vault.ID, cloud.VaultWriter, mover.Options{Key: spec.Key.Value})
	if err != nil {
		return err
	}
	defer end()
	if _, err := v.Check(ctx); err != nil {
		if errors.Is(err, mover.Unreachable) || errors.Is(err, mover.Canceled) {
			return r.refused(cloud.ErrUnavailable, words(err), "")
		}
		return r.invalid("/vault/url", "%s", words(err))
	}
	return nil
}

// open opens a vault's part of a key, by a key pair that ends with it.
func (r *runner) open(
	ctx context.Context, at *cloud.Operator, vaultID string, role cloud.VaultRole, o mover.Options,
) (v Vault, end func(), err error) {
	pair, err := at.VaultAccess.Mint(ctx, vaultID, cloud.VaultWish{Role: role, TTL: keyTTL})
	if errors.Is(err, cloud.ErrUnsupported) {
		pointer := "/vault/url"
		if role == cloud.VaultReader {
			pointer = "/restore_from/vault_id"
		}
		return nil, nil, r.invalid(pointer, "There are no keys of the vault %s at %s, so only the operators of its own sandbox reach what is "+
			"in it, and this machine, which makes the backups and restores of %s, does not. Use a vault in an S3.", vaultID, at.Name, r.op.Name)
	}
	if err != nil {
		return nil, nil, err
	}
	end = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
		defer cancel()
		_ = at.VaultAccess.Revoke(ctx, vaultID, pair.ID) // It ends by itself, too.
	}
	o.Prefix, o.Now = path.Join(pair.Prefix, fingerprint(o.Key)), r.Now
	o.Key = strings.TrimSpace(o.Key)
	if v, err = r.OpenVault(pair, o); err != nil {
		end()
		return nil, nil, r.refused(cloud.ErrInvalid, words(err), "")
	}
	return v, end, nil
}
