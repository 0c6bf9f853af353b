package image

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are an image's own; the singular data source filters by some of them.
type attributes struct {
	ID           types.String      `tfsdk:"id"`
	Name         types.String      `tfsdk:"name"`
	Title        types.String      `tfsdk:"title"`
	OSFamily     types.String      `tfsdk:"os_family"`
	OSVersion    types.String      `tfsdk:"os_version"`
	Architecture types.String      `tfsdk:"architecture"`
	MinDiskGiB   types.Int64       `tfsdk:"min_disk_gib"`
	CreatedAt    timetypes.RFC3339 `tfsdk:"created_at"`
}

type model struct {
	Operator types.String `tfsdk:"operator"`
	attributes
}

type listModel struct {
	Operator     types.String `tfsdk:"operator"`
	OSFamily     types.String `tfsdk:"os_family"`
	OSVersion    types.String `tfsdk:"os_version"`
	Architecture types.String `tfsdk:"architecture"`
	Name         types.String `tfsdk:"name"`
	Images       []attributes `tfsdk:"images"`
}

func attributesOf(operator string, i cloud.Image) attributes {
	return attributes{
		ID: lifecycle.Reference(operator, i.ID), Name: types.StringValue(i.Name), Title: lifecycle.OptionalString(i.Title),
		OSFamily: lifecycle.OptionalString(i.OSFamily), OSVersion: lifecycle.OptionalString(i.OSVersion),
		Architecture: lifecycle.OptionalString(i.Architecture), MinDiskGiB: types.Int64Value(i.MinDiskGiB),
		CreatedAt: lifecycle.Timestamp(i.CreatedAt),
	}
}

// filter lets those images pass that have all of its values; null is none.
type filter struct {
	osFamily, osVersion, architecture, name types.String
}

func (f filter) passes(i cloud.Image) bool {
	matches := func(wanted types.String, has string) bool { return wanted.IsNull() || wanted.ValueString() == has }
	return matches(f.osFamily, i.OSFamily) && matches(f.osVersion, i.OSVersion) &&
		matches(f.architecture, i.Architecture) && matches(f.name, i.Name)
}

// String is the filter as a configuration has it; empty without one.
func (f filter) String() string {
	var parts []string
	for _, p := range []struct {
		name  string
		value types.String
	}{
		{"os_family", f.osFamily}, {"os_version", f.osVersion}, {"architecture", f.architecture}, {"name", f.name},
	} {
		if !p.value.IsNull() {
			parts = append(parts, fmt.Sprintf("%s = %q", p.name, p.value.ValueString()))
		}
	}
	return strings.Join(parts, ", ")
}

// apply returns the images that pass.
func (f filter) apply(images []cloud.Image) []cloud.Image {
	return slices.DeleteFunc(slices.Clone(images), func(i cloud.Image) bool { return !f.passes(i) })
}

// list reads all images of an operator, newest first.
func list(ctx context.Context, op *cloud.Operator) ([]cloud.Image, error) {
	var images []cloud.Image
	for i, err := range op.Images.List(ctx) {
		if err != nil {
			return nil, err
		}
		images = append(images, i)
	}
	slices.SortFunc(images, func(a, b cloud.Image) int {
		// Name and id make the order of images of the same age the same every time.
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return images, nil
}
