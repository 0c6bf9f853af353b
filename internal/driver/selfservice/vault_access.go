package selfservice

import (
	"context"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// vaultAccess mints keys of backup vaults.
type vaultAccess struct{ *session }

// Mint implements cloud.VaultAccess.
func (v vaultAccess) Mint(ctx context.Context, vaultID string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	if !validID(vaultID) {
		return cloud.VaultKey{}, v.noSuchID(vaultID)
	}
	order := api.VaultCredentialsOrder{Role: api.VaultCredentialsOrderRole(wish.Role), TtlSeconds: int(wish.TTL / time.Second)}
	const lost = "If a key was minted, nobody has its secret, and it ends by itself. Run again for another."
	return mint(v.session, lost, func() (*http.Response, error) {
		return v.client.MintVaultCredentials(ctx, v.project, vaultID, order)
	}, vaultKeyOf)
}

// vaultKeyOf reads a key. Its errors quote nothing of the answer, in which there is a secret.
func vaultKeyOf(a answer) (cloud.VaultKey, error) {
	var r api.VaultCredentials
	if err := a.Decode(&r); err != nil {
		return cloud.VaultKey{}, err
	}
	if err := complete(
		part{"id", r.Id}, part{"endpoint", r.Endpoint}, part{"bucket", r.Bucket}, part{"access_key_id", r.AccessKeyId},
		part{"secret_access_key", r.SecretAccessKey},
	); err != nil {
		return cloud.VaultKey{}, err
	}
	return cloud.VaultKey{
		ID: r.Id, Endpoint: r.Endpoint, Region: r.Region, Bucket: r.Bucket, Prefix: deref(r.Prefix), CACertificate: deref(r.CaCertificate),
		AccessKeyID: r.AccessKeyId, SecretKey: r.SecretAccessKey, ExpiresAt: r.ExpiresAt.UTC(),
	}, nil
}

// Revoke implements cloud.VaultAccess.
func (v vaultAccess) Revoke(ctx context.Context, vaultID, keyID string) error {
	if !validID(vaultID) {
		return v.noSuchID(vaultID)
	}
	return v.writeTwice(ctx, func() (*http.Response, error) {
		return v.client.RevokeVaultCredentials(ctx, v.project, vaultID, api.VaultCredentialsEnd{Id: keyID})
	})
}
