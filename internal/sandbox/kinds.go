package sandbox

import (
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// kind is the rules of one collection.
type kind struct {
	// segment is the collection's part of the path.
	segment string
	noun    string
	// prefix starts the ids.
	prefix string
	// mutable are the properties that a change may have besides those of all kinds.
	mutable []string
	// schema names the contract's schema of an order.
	schema string
	// offered tells whether an operator has the kind; nil if all have.
	offered func(p *profile) bool
	fresh   func() any
	// admit checks an order, or a change if old is not nil, and fills in what was left to the operator. It changes
	// nothing but o.
	admit func(w *world, o, old *object) *problem
	// accepted does what an accepted order or change does to other objects; nil if nothing.
	accepted func(w *world, o *object)
	// arrived completes a new version of an object that has become ready; nil if nothing.
	arrived func(o *object)
	// entered takes note of an object, at the start and in each version; nil if nobody does.
	entered func(w *world, o *object)
	// held refuses to delete what others need; nil if nothing is held.
	held func(w *world, o *object) *problem
	// leaving does what the beginning of a deletion means; nil if nothing.
	leaving func(w *world, o *object)
	// removed does what the end of an object does to other objects; nil if nothing.
	removed func(w *world, o *object)
	usage   func(o *object) usage
	render  func(o *object, m api.Meta) any
	// live renders what changes without the object; nil if nothing does.
	live func(w *world, o *object) any
}

// demand is what an order needs of the quota, with what it brings along.
func (k *kind) demand(o *object) usage {
	u := k.usage(o)
	if k == &virtualMachineKind && machineSpec(o).BootDisk != nil {
		u["storage_volumes"], u["storage_gib"] = 1, machineSpec(o).BootDisk.SizeGib
	}
	return u
}

// kinds is filled by init, since the rules refer to it themselves.
var kinds []*kind

func init() {
	kinds = []*kind{
		&networkKind, &securityGroupKind, &storageVolumeKind, &virtualMachineKind, &volumeAttachmentKind, &containerClusterKind,
		&nodePoolKind, &backupVaultKind, &backupPlanKind, &backupKind,
	}
	for _, k := range kinds {
		k.mutable = append([]string{"name", "description", "labels"}, k.mutable...)
	}
}

func kindOf(segment string) *kind {
	for _, k := range kinds {
		if k.segment == segment {
			return k
		}
	}
	panic("no such kind: " + segment) // Segments come from this package's own tables.
}
