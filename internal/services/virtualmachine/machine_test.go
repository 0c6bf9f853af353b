package virtualmachine

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// imageSource answers always the same and counts how often it is asked.
type imageSource struct {
	asked int
	image cloud.Image
	err   error
}

func (s *imageSource) Get(context.Context, string) (cloud.Image, error) {
	s.asked++
	return s.image, s.err
}

func (s *imageSource) List(context.Context) iter.Seq2[cloud.Image, error] {
	return func(func(cloud.Image, error) bool) {}
}

func fixedSize(name string, vcpus, memoryMiB int64) cloud.MachineSize {
	return cloud.MachineSize{Name: name,
		VCPUs: cloud.Range{Min: vcpus, Max: vcpus, Step: 1}, MemoryMiB: cloud.Range{Min: memoryMiB, Max: memoryMiB, Step: 1}}
}

func testOperator(images cloud.Source[cloud.Image]) *cloud.Operator {
	return &cloud.Operator{Name: "lnb", Images: images, Catalogue: cloud.Catalogue{
		Zones: []cloud.Zone{{Name: "a"}, {Name: "b"}},
		MachineSizes: []cloud.MachineSize{
			fixedSize("m1.small", 1, 2048), fixedSize("m1.medium", 2, 4096), fixedSize("m1.large", 4, 8192),
		},
		VolumeClasses: []cloud.VolumeClass{
			{Name: "standard", SizeGiB: cloud.Range{Min: 10, Max: 1000, Step: 10}},
			{Name: "fast", SizeGiB: cloud.Range{Min: 10, Max: 500, Step: 10}},
		},
		DefaultVolumeClass: "standard",
	}}
}

// testModel is a machine as a configuration with everything in it has it after its creation.
func testModel(t *testing.T) *resourceModel {
	t.Helper()
	m := &resourceModel{UserData: types.StringValue("#cloud-config\n")}
	m.Operator, m.Name = types.StringValue("lnb"), types.StringValue("db-1")
	m.Status = types.StringValue(string(cloud.StateReady))
	m.EffectiveLabels = types.MapValueMust(types.StringType, map[string]attr.Value{"agency": types.StringValue("vzd")})
	m.Zone, m.VCPUs, m.MemoryMiB = types.StringValue("a"), types.Int64Value(2), types.Int64Value(4096)
	m.Image, m.BootVolumeID = types.StringValue("lnb/img-1"), types.StringValue("lnb/vol-1")
	m.BootDisk = disk(40, "fast")
	m.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{
		nic("lnb/net-1", types.StringValue("10.0.0.5"), types.StringValue("02:00:00:00:00:01"), "lnb/sg-2", "lnb/sg-1"),
		nic("lnb/net-2", types.StringValue("10.1.0.5"), types.StringValue("02:00:00:00:00:02")),
	})
	m.Addresses = texts("10.0.0.5", "10.1.0.5")
	m.SSHAuthorizedKeys = texts("ssh-ed25519 AAAA ops\n")
	m.PowerState, m.DeletionProtection = types.StringValue("running"), types.BoolValue(true)
	m.MeteredSince.StringValue = types.StringValue("2026-11-02T10:00:00Z")
	return m
}

func texts(values ...string) types.List {
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		elements[i] = types.StringValue(v)
	}
	return types.ListValueMust(types.StringType, elements)
}

func disk(sizeGiB int64, class string) types.Object {
	return types.ObjectValueMust(bootDiskTypes, map[string]attr.Value{
		"size_gib": types.Int64Value(sizeGiB), "class": types.StringValue(class), "on_destroy": types.StringValue("retain"),
	})
}

func nic(network string, ip, mac types.String, groups ...string) types.Object {
	set := types.SetNull(types.StringType)
	if len(groups) > 0 {
		elements := make([]attr.Value, len(groups))
		for i, g := range groups {
			elements[i] = types.StringValue(g)
		}
		set = types.SetValueMust(types.StringType, elements)
	}
	return types.ObjectValueMust(interfaceType.AttrTypes, map[string]attr.Value{
		"network_id": types.StringValue(network), "ip_address": ip, "mac_address": mac, "security_group_ids": set,
	})
}

// wantOne holds that there is exactly one diagnostic, on this path and with these words.
func wantOne(t *testing.T, diags diag.Diagnostics, at, summary, detail string) {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("want one diagnostic, got %v", diags)
	}
	var found string
	if p, ok := diags[0].(diag.DiagnosticWithPath); ok {
		found = p.Path().String()
	}
	if found != at || diags[0].Summary() != summary || diags[0].Detail() != detail {
		t.Errorf("got %s:\n%s\n%s\nwant %s:\n%s\n%s", found, diags[0].Summary(), diags[0].Detail(), at, summary, detail)
	}
}

func TestSchemas(t *testing.T) {
	ctx := t.Context()
	var r resource.SchemaResponse
	NewResource().Schema(ctx, resource.SchemaRequest{}, &r)
	diags := r.Diagnostics
	diags.Append(r.Schema.ValidateImplementation(ctx)...)
	for _, d := range []datasource.DataSource{NewDataSource(), NewListDataSource()} {
		var resp datasource.SchemaResponse
		d.Schema(ctx, datasource.SchemaRequest{}, &resp)
		diags.Append(resp.Diagnostics...)
		diags.Append(resp.Schema.ValidateImplementation(ctx)...)
	}
	var l list.ListResourceSchemaResponse
	NewListResource().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &l)
	if diags.Append(l.Diagnostics...); len(diags) > 0 {
		t.Error(diags)
	}
}

func TestImageIsLookedUpOnce(t *testing.T) {
	source := &imageSource{image: cloud.Image{ID: "img-1", CreatedAt: time.Unix(0, 0)}}
	op := testOperator(source)
	for range 1000 {
		if _, err := lookUp(t.Context(), op, "image", "img-1", op.Images.Get); err != nil {
			t.Fatal(err)
		}
	}
	if source.asked != 1 {
		t.Errorf("a thousand machines asked %d times for their image", source.asked)
	}
	source.err = &cloud.Error{Reason: cloud.ErrNotFound, Operator: "lnb"}
	if _, err := lookUp(t.Context(), op, "image", "img-2", op.Images.Get); !errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("another image's answer is %v", err)
	}
}
