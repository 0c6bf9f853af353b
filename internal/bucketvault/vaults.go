package bucketvault

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// vaults are the buckets, and besides what an operator has of its own, which may be nil.
type vaults struct {
	operator string
	buckets  map[string]*Bucket
	own      cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault]
}

// Create implements cloud.Collection.
func (v vaults) Create(ctx context.Context, spec cloud.BackupVaultSpec, opts cloud.CreateOptions) (cloud.BackupVault, error) {
	if v.own != nil {
		return v.own.Create(ctx, spec, opts)
	}
	return cloud.BackupVault{}, &cloud.Error{Reason: cloud.ErrUnsupported, Operator: v.operator,
		Text: fmt.Sprintf("%s makes no backup vaults. It has the buckets that the provider block configures: %s.",
			v.operator, strings.Join(names(v.buckets), ", ")),
		Advice: fmt.Sprintf("Refer to one of them, as in vault_id = %q.", v.operator+"/"+names(v.buckets)[0])}
}

// Get implements cloud.Collection.
func (v vaults) Get(ctx context.Context, id string) (cloud.BackupVault, error) {
	if b, ok := v.buckets[id]; ok {
		return b.vault(ctx)
	}
	if v.own != nil {
		return v.own.Get(ctx, id)
	}
	return cloud.BackupVault{}, unknown(v.operator, id, v.buckets)
}

// unknown tells of an id that no bucket has.
func unknown(operator, id string, buckets map[string]*Bucket) error {
	return &cloud.Error{Reason: cloud.ErrNotFound, Operator: operator,
		Text: fmt.Sprintf("operators[%q].backup_buckets has no %q. It has: %s.", operator, id, strings.Join(names(buckets), ", "))}
}

// Await implements cloud.Collection.
func (v vaults) Await(ctx context.Context, id string, limit time.Duration) (cloud.BackupVault, error) {
	if _, ok := v.buckets[id]; ok || v.own == nil {
		return v.Get(ctx, id)
	}
	return v.own.Await(ctx, id, limit)
}

// List implements cloud.Collection. What the operator has comes first: a bucket that cannot be used ends the list.
func (v vaults) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.BackupVault, error] {
	return func(yield func(cloud.BackupVault, error) bool) {
		if v.own != nil {
			for vault, err := range v.own.List(ctx, opts) {
				if !yield(vault, err) || err != nil {
					return
				}
			}
		}
		if opts.OwnerKey != "" || len(opts.Labels) > 0 || opts.State != "" && opts.State != cloud.StateReady {
			return // Which buckets do not have.
		}
		for _, name := range names(v.buckets) {
			if opts.Name != "" && opts.Name != name {
				continue
			}
			vault, err := v.buckets[name].vault(ctx)
			if !yield(vault, err) || err != nil {
				return
			}
		}
	}
}

// Update implements cloud.Collection.
func (v vaults) Update(ctx context.Context, id string, change cloud.Change[cloud.BackupVaultSpec]) (cloud.BackupVault, error) {
	if err := v.fixed(id, "changed"); err != nil {
		return cloud.BackupVault{}, err
	}
	return v.own.Update(ctx, id, change)
}

// Delete implements cloud.Collection.
func (v vaults) Delete(ctx context.Context, id string) error {
	if err := v.fixed(id, "deleted"); err != nil {
		return err
	}
	return v.own.Delete(ctx, id)
}

// Claim implements cloud.Collection.
func (v vaults) Claim(ctx context.Context, id string) error {
	if err := v.fixed(id, "claimed"); err != nil {
		return err
	}
	return v.own.Claim(ctx, id)
}

// fixed refuses what cannot be done to a bucket, or to what there is not.
func (v vaults) fixed(id, verb string) error {
	if _, ok := v.buckets[id]; ok {
		return &cloud.Error{Reason: cloud.ErrUnsupported, Operator: v.operator,
			Text: fmt.Sprintf("The backup vault %s is a bucket that the provider block configures, and is not %s by Terraform.", id, verb),
			Advice: "Change operators[\"" + v.operator + "\"].backup_buckets there, and take the resource out of the state with a removed " +
				"block."}
	}
	if v.own == nil {
		return unknown(v.operator, id, v.buckets)
	}
	return nil
}
