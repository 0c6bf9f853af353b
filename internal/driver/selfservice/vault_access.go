package selfservice

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// vaultAccess mints keys of backup vaults.
type vaultAccess struct{ *session }

// Mint implements cloud.VaultAccess. There is nothing that would find a key again whose answer was lost.
func (v vaultAccess) Mint(ctx context.Context, vaultID string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	if !validID(vaultID) {
		return cloud.VaultKey{}, v.noSuchID(vaultID)
	}
	order := api.VaultCredentialsOrder{Role: api.VaultCredentialsOrderRole(wish.Role), TtlSeconds: int(wish.TTL / time.Second)}
	var minted cloud.VaultKey
	err := v.write(func() (*http.Response, error) {
		return v.client.MintVaultCredentials(ctx, v.project, vaultID, order)
	}, func(a answer) (err error) {
		minted, err = vaultKeyOf(a)
		return err
	})
	var e *cloud.Error
	if errors.Is(err, cloud.ErrUnknownOutcome) && errors.As(err, &e) {
		e.Advice = "If a key was minted, nobody has its secret, and it ends by itself. Run again for another."
	}
	if err != nil {
		return cloud.VaultKey{}, err
	}
	return minted, nil
}

// vaultKeyOf reads a key. Its errors quote nothing of the answer, in which there is a secret.
func vaultKeyOf(a answer) (cloud.VaultKey, error) {
	var r api.VaultCredentials
	if err := a.Decode(&r); err != nil {
		return cloud.VaultKey{}, err
	}
	for _, part := range []struct{ name, value string }{
		{"id", r.Id}, {"endpoint", r.Endpoint}, {"bucket", r.Bucket}, {"access_key_id", r.AccessKeyId}, {"secret_access_key", r.SecretAccessKey},
	} {
		if part.value == "" {
			return cloud.VaultKey{}, errors.New("the credentials have no " + part.name)
		}
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
