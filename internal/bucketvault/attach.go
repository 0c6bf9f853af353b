package bucketvault

import (
	"maps"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Attach gives buckets to an operator as vaults, beside those that it has of its own.
func Attach(op *cloud.Operator, buckets ...*Bucket) {
	if len(buckets) == 0 {
		return
	}
	all := make(map[string]*Bucket, len(buckets))
	for _, b := range buckets {
		all[b.options.Name] = b
	}
	if !op.Capabilities.Offers(cloud.KindBackupVault) {
		kinds := maps.Clone(op.Capabilities.Kinds)
		kinds[cloud.KindBackupVault] = cloud.KindCapabilities{Configured: true}
		op.Capabilities.Kinds = kinds
	}
	if op.StorageVolumes != nil {
		op.StorageVolumes = volumes{op.StorageVolumes, restores{op, all}}
	}
	if op.VirtualMachines != nil {
		op.VirtualMachines = machines{op.VirtualMachines, restores{op, all}}
	}
	op.BackupVaults = vaults{operator: op.Name, buckets: all, own: op.BackupVaults}
	op.VaultAccess = access{operator: op.Name, buckets: all, own: op.VaultAccess}
}

func names(buckets map[string]*Bucket) []string { return slices.Sorted(maps.Keys(buckets)) }
