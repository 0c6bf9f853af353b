package virtualmachine

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// objectOf is the machine that an operator makes of a specification.
func objectOf(s cloud.VirtualMachineSpec) cloud.VirtualMachine {
	v := cloud.VirtualMachine{
		Zone: s.Zone, VCPUs: s.VCPUs, MemoryMiB: s.MemoryMiB, ImageID: s.ImageID, BootDisk: s.BootDisk,
		BootVolumeID: s.BootVolumeID, NetworkInterfaces: s.NetworkInterfaces, SSHAuthorizedKeys: s.SSHAuthorizedKeys,
		PowerState: s.PowerState, DeletionProtection: s.DeletionProtection,
		MeteredSince: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC),
	}
	if v.BootVolumeID == "" {
		v.BootVolumeID = "vol-1"
	}
	return v
}

func TestRoundTrip(t *testing.T) {
	fromVolume := func(m *resourceModel) {
		m.Image, m.BootDisk = types.StringNull(), types.ObjectNull(bootDiskTypes)
		m.BootVolumeID = types.StringValue("lnb/vol-7")
	}
	bare := func(m *resourceModel) {
		m.NetworkInterfaces, m.Addresses = types.ListNull(interfaceType), texts()
		m.SSHAuthorizedKeys, m.UserData = types.ListNull(types.StringType), types.StringNull()
	}
	emptyNotNull := func(m *resourceModel) {
		m.NetworkInterfaces, m.Addresses = types.ListValueMust(interfaceType, []attr.Value{}), texts()
		m.SSHAuthorizedKeys = texts()
	}
	for name, change := range map[string]func(*resourceModel){
		"everything": func(*resourceModel) {}, "from a volume": fromVolume, "bare": bare, "empty, not null": emptyNotNull,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			want := testModel(t)
			change(want)
			got := *want
			var diags diag.Diagnostics
			read(ctx, "lnb", objectOf(spec(ctx, want, new(resourceModel), &diags)), &got.attributes, &diags)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			before, after := reflect.ValueOf(want.attributes), reflect.ValueOf(got.attributes)
			for i := range before.NumField() {
				b, ok := before.Field(i).Interface().(attr.Value)
				if ok && !b.Equal(after.Field(i).Interface().(attr.Value)) {
					t.Errorf("%s was %s and is %s", before.Type().Field(i).Name, b, after.Field(i).Interface())
				}
			}
		})
	}
}

func TestSpec(t *testing.T) {
	var diags diag.Diagnostics
	m := testModel(t)
	m.PowerState, m.Zone = types.StringUnknown(), types.StringUnknown()
	s := spec(t.Context(), m, new(resourceModel), &diags)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if s.Zone != "" || s.PowerState != "" {
		t.Errorf("what is not known is to be the operator's choice, not %q and %q", s.Zone, s.PowerState)
	}
	if s.BootDisk == nil || s.BootVolumeID != "" || s.ImageID != "img-1" || !s.BootDisk.RetainOnDestroy {
		t.Errorf("a machine of an image has no volume to boot: %+v", s)
	}
	if !slices.Equal(s.SSHAuthorizedKeys, []string{"ssh-ed25519 AAAA ops"}) {
		t.Errorf("keys are %q", s.SSHAuthorizedKeys)
	}
	if !slices.Equal(s.NetworkInterfaces[0].SecurityGroupIDs, []string{"sg-1", "sg-2"}) {
		t.Errorf("groups are %q", s.NetworkInterfaces[0].SecurityGroupIDs)
	}
}

func TestUserDataRevision(t *testing.T) {
	m, config := new(resourceModel), new(resourceModel)
	if userData(m, config) != nil {
		t.Error("none declared is none")
	}
	m.UserData = types.StringValue("a")
	plain := userData(m, config)
	const sum = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" // SHA-256 of "a".
	if plain.Value != "a" || plain.Revision != sum {
		t.Errorf("got %+v", plain)
	}
	m.UserData, m.UserDataWOVersion = types.StringNull(), types.Int64Value(3)
	config.UserDataWO = types.StringValue("secret")
	planned, state := userData(m, config), userData(m, new(resourceModel))
	if planned.Value != "secret" || planned.Revision != "wo:3" || state.Revision != "wo:3" {
		t.Errorf("planned %+v, state %+v", planned, state)
	}
}

// A data source, an import and a query start from nothing: what is read must have the schema's types all the same.
func TestReadIntoNothing(t *testing.T) {
	var diags diag.Diagnostics
	full := testModel(t)
	m := resourceModel{RestoreFrom: lifecycle.NoRestoreFrom(), Timeouts: testConfig().Timeouts}
	m.Labels, m.EffectiveLabels = full.EffectiveLabels, full.EffectiveLabels
	read(t.Context(), "lnb", objectOf(spec(t.Context(), full, &m, &diags)), &m.attributes, &diags)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	newTerraform(t, &machines{}).value(t, &m)
	if !m.NetworkInterfaces.Equal(full.NetworkInterfaces) || m.Image.ValueString() != "lnb/img-1" {
		t.Errorf("got %s, %s", m.NetworkInterfaces, m.Image)
	}
	m = resourceModel{RestoreFrom: m.RestoreFrom, Timeouts: m.Timeouts}
	m.Labels, m.EffectiveLabels = full.EffectiveLabels, full.EffectiveLabels
	read(t.Context(), "lnb", cloud.VirtualMachine{}, &m.attributes, &diags)
	newTerraform(t, &machines{}).value(t, &m)
}

func TestWithdrawnImageIsKept(t *testing.T) {
	var diags diag.Diagnostics
	m := testModel(t)
	v := objectOf(spec(t.Context(), m, new(resourceModel), &diags))
	v.ImageID = ""
	read(t.Context(), "lnb", v, &m.attributes, &diags)
	if m.Image.ValueString() != "lnb/img-1" || len(diags) > 0 {
		t.Errorf("image is %s, %v", m.Image, diags)
	}
}
