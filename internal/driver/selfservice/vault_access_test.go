package selfservice_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

var vaultWish = cloud.VaultWish{Role: cloud.VaultReader, TTL: 10 * time.Minute}

func TestMintVaultKey(t *testing.T) {
	c := &canned{status: http.StatusCreated, mediaType: "application/json", body: []byte(`{
		"id":"key-1","endpoint":"https://s3.example","region":"riga-1","bucket":"vault-1","access_key_id":"key-1",
		"secret_access_key":"SECRET","expires_at":"2026-11-25T12:00:00+02:00"}`)}
	got, err := fuzzed(t.Context(), t, c).VaultAccess.Mint(t.Context(), "vault-1", vaultWish)
	must(t, err)
	want := cloud.VaultKey{
		ID: "key-1", Endpoint: "https://s3.example", Region: "riga-1", Bucket: "vault-1", AccessKeyID: "key-1", SecretKey: "SECRET",
		ExpiresAt: time.Date(2026, time.November, 25, 10, 0, 0, 0, time.UTC),
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestMintVaultKeyWithoutOne has an operator answer what is of no use, with a secret in it that no error may show.
func TestMintVaultKeyWithoutOne(t *testing.T) {
	for _, body := range []string{
		`{"id":"x","endpoint":"https://h","bucket":"b","access_key_id":"","secret_access_key":"PLANTED-KEY"}`,
		`{"secret_access_key":["PLANTED-KEY"]}`, `{"secret_access_key":"PLANTED-KEY`, `PLANTED-KEY`,
	} {
		c := &canned{status: http.StatusCreated, mediaType: "text/plain", body: []byte(body)}
		_, err := fuzzed(t.Context(), t, c).VaultAccess.Mint(t.Context(), "vault-1", vaultWish)
		if !errors.Is(err, cloud.ErrUnknownOutcome) || strings.Contains(err.Error(), "PLANTED-KEY") {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// TestNoVaultKeys asks a sandbox that keeps its vaults in folders.
func TestNoVaultKeys(t *testing.T) {
	box := start(t, sandbox.Options{Operators: []string{"lvrtc", "lnb"}})
	if open(t, box, "lnb", "registry").VaultAccess != nil {
		t.Error("there are keys of vaults where there are no vaults")
	}
	op := open(t, box, "lvrtc", "registry")
	vault, err := op.BackupVaults.Create(t.Context(), cloud.BackupVaultSpec{
		SpecMeta: cloud.SpecMeta{Name: "vault"}, Immutability: cloud.Immutability{Mode: cloud.ImmutabilityGovernance, Days: 1}, RetentionDays: 2,
	}, cloud.CreateOptions{OwnerKey: "5e0c1f4e-0c1b-5b5e-9d4e-2f6f1f5a7b11"})
	must(t, err)
	_, err = op.VaultAccess.Mint(t.Context(), vault.ID, vaultWish)
	if !errors.Is(err, cloud.ErrUnsupported) || !strings.Contains(err.Error(), "--s3") {
		t.Errorf("got %v", err)
	}
	if err := op.VaultAccess.Revoke(t.Context(), "../x", "key-1"); !errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
