package virtualmachine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	Zone               types.String      `tfsdk:"zone"`
	VCPUs              types.Int64       `tfsdk:"vcpus"`
	MemoryMiB          types.Int64       `tfsdk:"memory_mib"`
	Image              types.String      `tfsdk:"image"`
	BootDisk           types.Object      `tfsdk:"boot_disk"`
	BootVolumeID       types.String      `tfsdk:"boot_volume_id"`
	NetworkInterfaces  types.List        `tfsdk:"network_interfaces"`
	SSHAuthorizedKeys  types.List        `tfsdk:"ssh_authorized_keys"`
	PowerState         types.String      `tfsdk:"power_state"`
	DeletionProtection types.Bool        `tfsdk:"deletion_protection"`
	Addresses          types.List        `tfsdk:"addresses"`
	MeteredSince       timetypes.RFC3339 `tfsdk:"metered_since"`
	Restored           types.Object      `tfsdk:"restored"`
}

// resourceModel has besides what no operator answers: user data is handed over and never read back, and what came of
// restore_from is in restored.
type resourceModel struct {
	attributes
	RestoreFrom       types.Object   `tfsdk:"restore_from"`
	UserData          types.String   `tfsdk:"user_data"`
	UserDataWO        types.String   `tfsdk:"user_data_wo"`
	UserDataWOVersion types.Int64    `tfsdk:"user_data_wo_version"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

type bootDiskModel struct {
	SizeGiB   types.Int64  `tfsdk:"size_gib"`
	Class     types.String `tfsdk:"class"`
	OnDestroy types.String `tfsdk:"on_destroy"`
}

// What becomes of the boot disk when its machine is destroyed.
const (
	onDestroyDelete = "delete"
	onDestroyRetain = "retain"
)

var bootDiskTypes = map[string]attr.Type{
	"size_gib": types.Int64Type, "class": types.StringType, "on_destroy": types.StringType,
}

func spec(ctx context.Context, m, config *resourceModel, diags *diag.Diagnostics) cloud.VirtualMachineSpec {
	s := cloud.VirtualMachineSpec{
		SpecMeta:           m.SpecMeta(ctx, diags),
		Zone:               m.Zone.ValueString(),
		VCPUs:              m.VCPUs.ValueInt64(),
		MemoryMiB:          m.MemoryMiB.ValueInt64(),
		NetworkInterfaces:  interfaceSpecs(ctx, m.NetworkInterfaces, diags),
		SSHAuthorizedKeys:  lifecycle.Strings(ctx, m.SSHAuthorizedKeys, diags),
		UserData:           userData(m, config),
		PowerState:         cloud.PowerState(m.PowerState.ValueString()),
		DeletionProtection: m.DeletionProtection.ValueBool(),
		RestoreFrom:        lifecycle.RestoreSpec(ctx, m.RestoreFrom, config.RestoreFrom, diags),
	}
	for i, key := range s.SSHAuthorizedKeys {
		s.SSHAuthorizedKeys[i] = strings.TrimSpace(key)
	}
	disk, ok := bootDisk(ctx, m.BootDisk, diags)
	if !ok {
		s.BootVolumeID = lifecycle.ObjectID(m.BootVolumeID)
		return s
	}
	s.ImageID = lifecycle.ObjectID(m.Image)
	s.BootDisk = &cloud.BootDisk{
		SizeGiB:         disk.SizeGiB.ValueInt64(),
		Class:           disk.Class.ValueString(),
		RetainOnDestroy: disk.OnDestroy.ValueString() == onDestroyRetain,
	}
	return s
}

// userData has a revision that the state alone gives too, so that a change shows without the value: of a write-only
// value the state holds nothing but the version.
func userData(m, config *resourceModel) *cloud.UserData {
	switch {
	case !m.UserDataWOVersion.IsNull():
		return &cloud.UserData{
			Value:    config.UserDataWO.ValueString(),
			Revision: "wo:" + strconv.FormatInt(m.UserDataWOVersion.ValueInt64(), 10),
		}
	case !m.UserData.IsNull():
		sum := sha256.Sum256([]byte(m.UserData.ValueString()))
		return &cloud.UserData{Value: m.UserData.ValueString(), Revision: hex.EncodeToString(sum[:])}
	}
	return nil
}

// bootDisk decodes the boot disk; ok is false if there is none or none is known yet.
func bootDisk(ctx context.Context, o types.Object, diags *diag.Diagnostics) (disk bootDiskModel, ok bool) {
	if o.IsNull() || o.IsUnknown() {
		return disk, false
	}
	diags.Append(o.As(ctx, &disk, basetypes.ObjectAsOptions{})...)
	return disk, true
}

func read(ctx context.Context, operator string, v cloud.VirtualMachine, a *attributes, diags *diag.Diagnostics) {
	a.Zone = lifecycle.OptionalString(v.Zone) // Some operators choose it only while the machine is being made.
	a.VCPUs = types.Int64Value(v.VCPUs)
	a.MemoryMiB = types.Int64Value(v.MemoryMiB)
	readBoot(ctx, operator, v, a, diags)
	readInterfaces(ctx, operator, v.NetworkInterfaces, a, diags)
	a.SSHAuthorizedKeys = readKeys(ctx, a.SSHAuthorizedKeys, v.SSHAuthorizedKeys, diags)
	a.PowerState = types.StringValue(string(v.PowerState))
	a.DeletionProtection = types.BoolValue(v.DeletionProtection)
	a.MeteredSince = lifecycle.Timestamp(v.MeteredSince)
	a.Restored = lifecycle.Restored(ctx, operator, v.Restored, diags)
}

// readBoot shows an image only where a disk was made from it: a volume's own image is no declaration of the machine.
func readBoot(ctx context.Context, operator string, v cloud.VirtualMachine, a *attributes, diags *diag.Diagnostics) {
	a.BootVolumeID = lifecycle.Reference(operator, v.BootVolumeID)
	if v.BootDisk == nil {
		a.Image, a.BootDisk = types.StringNull(), types.ObjectNull(bootDiskTypes)
		return
	}
	if v.ImageID != "" || a.Image.IsUnknown() {
		// An operator may forget an image that it has withdrawn. That must not replace the machine.
		a.Image = lifecycle.Reference(operator, v.ImageID)
	}
	onDestroy := onDestroyDelete
	if v.BootDisk.RetainOnDestroy {
		onDestroy = onDestroyRetain
	}
	var d diag.Diagnostics
	a.BootDisk, d = types.ObjectValueFrom(ctx, bootDiskTypes, bootDiskModel{
		SizeGiB:   types.Int64Value(v.BootDisk.SizeGiB),
		Class:     lifecycle.OptionalString(v.BootDisk.Class),
		OnDestroy: types.StringValue(onDestroy),
	})
	diags.Append(d...)
}

// readKeys keeps the user's writing of a key where only white space differs, such as the newline at a file's end, and
// all of it where the operator does not show keys.
func readKeys(ctx context.Context, prior types.List, keys []string, diags *diag.Diagnostics) types.List {
	if keys == nil {
		if known(prior) {
			return prior
		}
		return types.ListNull(types.StringType)
	}
	written := lifecycle.Strings(ctx, prior, diags)
	shown := make([]string, len(keys))
	for i, key := range keys {
		shown[i] = key
		if i < len(written) && strings.TrimSpace(written[i]) == strings.TrimSpace(key) {
			shown[i] = written[i]
		}
	}
	return lifecycle.StringList(ctx, prior, shown, diags)
}
