// Package virtualmachine is the service of machines.
package virtualmachine

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_virtual_machine.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.VirtualMachineSpec, cloud.VirtualMachine] {
	return lifecycle.Definition[resourceModel, attributes, cloud.VirtualMachineSpec, cloud.VirtualMachine]{
		Kind: cloud.KindVirtualMachine, Plural: "virtual_machines", Noun: "virtual machine",
		Schema:     machineSchema(),
		Omit:       []string{"restore_from", "user_data", "user_data_wo", "user_data_wo_version"},
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine] {
			return o.VirtualMachines
		},
		Spec: spec, Read: read,
		Replace: []string{"zone", "image", "boot_volume_id"},
		InPlace: []string{
			"name", "description", "labels", "vcpus", "memory_mib", "boot_disk", "network_interfaces",
			"ssh_authorized_keys", "user_data", "user_data_wo_version", "power_state", "deletion_protection",
		},
		ReplaceIf: map[string]func(ctx context.Context, state, plan *resourceModel) bool{
			"restore_from": func(ctx context.Context, state, plan *resourceModel) bool {
				return lifecycle.RestoresAnother(ctx, state.Restored, plan.RestoreFrom)
			},
		},
		Fields: map[string]string{
			"image": "image_id", "user_data_wo_version": "user_data", "restore_from.encryption_key_wo": "restore_from.encryption_key",
			"restore_from.source_id": "restore_from.volume_id",
		},
		Timeout:    func(m *resourceModel) time.Duration { return lifecycle.RestoreTimeout(m.RestoreFrom) },
		Protection: func(a *attributes) types.Bool { return a.DeletionProtection },
		Forget: func(m *resourceModel) {
			m.UserData, m.UserDataWOVersion = types.StringNull(), types.Int64Null()
			m.RestoreFrom = lifecycle.NoRestoreFrom()
		},
		Plan:  plan,
		Moves: []lifecycle.Move{{Driver: "openstack", Type: "openstack_compute_instance_v2"}},
	}
}
