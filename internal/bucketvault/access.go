package bucketvault

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// access gives the keys that the provider block has.
type access struct {
	operator string
	buckets  map[string]*Bucket
	own      cloud.VaultAccess
}

// Mint implements cloud.VaultAccess. The keys of a bucket do not end: whoever made them ends them.
func (a access) Mint(ctx context.Context, vaultID string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	if b, ok := a.buckets[vaultID]; ok {
		return b.key(ctx, wish.Role)
	}
	if a.own != nil {
		return a.own.Mint(ctx, vaultID, wish)
	}
	return cloud.VaultKey{}, unknown(a.operator, vaultID, a.buckets)
}

// Revoke implements cloud.VaultAccess.
func (a access) Revoke(ctx context.Context, vaultID, keyID string) error {
	if _, ok := a.buckets[vaultID]; ok || a.own == nil {
		return nil
	}
	return a.own.Revoke(ctx, vaultID, keyID)
}
