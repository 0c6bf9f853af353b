package velero

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// vaultOf opens the operator of a vault.
func (c *clusters) vaultOf(ctx context.Context, v cloud.VaultReference) (*cloud.Operator, error) {
	op, err := c.options.Operator(ctx, v.Operator)
	if err != nil {
		return nil, err
	}
	if op.VaultAccess == nil {
		return nil, c.badVault(op.Name + " keeps no backup vaults.")
	}
	return op, nil
}

// badVault refuses a vault.
func (c *clusters) badVault(text string) error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: c.operator.Name, Text: text,
		Fields: []cloud.FieldError{{Pointer: "/vault", Text: text}}}
}

// writer mints a key for Velero, and proves that the vault protects what is written by it.
func (c *clusters) writer(ctx context.Context, v cloud.VaultReference, folder string) (key cloud.VaultKey, err error) {
	op, err := c.vaultOf(ctx, v)
	if err != nil {
		return key, err
	}
	key, err = op.VaultAccess.Mint(ctx, v.ID, cloud.VaultWish{Role: cloud.VaultWriter, TTL: cloud.ClusterKeyTTL})
	if errors.Is(err, cloud.ErrUnsupported) {
		return key, c.badVault("There are no keys of this vault, as " + op.Name + " only plays it: Velero cannot write into it.")
	}
	if err != nil {
		return key, err
	}
	if err := c.preflight(ctx, key, folder); err != nil {
		_ = op.VaultAccess.Revoke(context.WithoutCancel(ctx), v.ID, key.ID) // Else it ends by itself.
		return key, err
	}
	return key, nil
}

// preflight fails unless the vault keeps all versions and locks them, and the key cannot delete: who has broken into the
// cluster has the key.
func (c *clusters) preflight(ctx context.Context, key cloud.VaultKey, folder string) error {
	identity, err := mover.NewKey() // Nothing is encrypted with it.
	if err != nil {
		return err
	}
	vault, err := mover.Open(mover.Options{
		Endpoint: key.Endpoint, Region: key.Region, Bucket: key.Bucket, Prefix: joined(key.Prefix, folder), AccessKey: key.AccessKeyID,
		SecretKey: key.SecretKey, CAPEM: []byte(key.CACertificate), Key: identity,
	})
	if err == nil {
		_, err = vault.Check(ctx)
	}
	var refused *mover.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && unfit[refused.Kind]:
		return c.badVault(fmt.Sprintf("The vault does not protect backups: %s. %s", refused.Detail, refused.Advice()))
	case errors.As(err, &refused):
		return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: c.operator.Name, Cause: err,
			Text: fmt.Sprintf("The vault was tried from here, and %s.", refused.Detail), Advice: refused.Advice()}
	}
	return err
}

// unfit are the kinds of failures by which a vault is none.
var unfit = map[mover.Kind]bool{mover.Unversioned: true, mover.Unlocked: true, mover.Deletable: true, mover.NoBucket: true}

func joined(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p = strings.Trim(p, "/"); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/")
}

// secretKey is under which key a Secret has what Velero reads.
const secretKey = "cloud"

// keySecret is the Secret with a vault's key.
func keySecret(name string, labels object, key cloud.VaultKey) object {
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", key.AccessKeyID, key.SecretKey)
	return object{
		"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": name, "labels": labels}, "type": "Opaque",
		"data": object{secretKey: base64.StdEncoding.EncodeToString([]byte(text))},
	}
}

// storageLocation is where a vault is, by the Secret of the same name.
func storageLocation(name string, labels object, key cloud.VaultKey, folder string, readOnly bool) object {
	storage := object{"bucket": key.Bucket, "prefix": joined(key.Prefix, folder)}
	if key.CACertificate != "" {
		storage["caCert"] = base64.StdEncoding.EncodeToString([]byte(key.CACertificate))
	}
	spec := object{
		"provider": "aws", "accessMode": "ReadWrite", "objectStorage": storage,
		"credential": object{"name": name, "key": secretKey},
		"config":     object{"region": key.Region, "s3Url": key.Endpoint, "s3ForcePathStyle": "true"},
	}
	if readOnly { // Velero would bring all backups of the folder into the cluster, as if they were its own.
		spec["accessMode"], spec["backupSyncPeriod"] = "ReadOnly", "0s"
	}
	return object{
		"apiVersion": "velero.io/v1", "kind": "BackupStorageLocation", "metadata": object{"name": name, "labels": labels}, "spec": spec,
	}
}

// secrets is the path of the Secrets that Velero reads.
func secrets(name ...string) string { return within("/api/v1", namespace, "secrets", name...) }
