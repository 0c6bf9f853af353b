// Package image shows the images that machines boot from.
package image

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// source is what both data sources of images have.
type source struct{ federation *cloud.Federation }

// Configure takes the federation over; Read tells if there is none.
func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// images opens the operator and reads its images, newest first.
func (s *source) images(
	ctx context.Context, operator types.String, diags *diag.Diagnostics,
) (*cloud.Operator, []cloud.Image, bool) {
	op, ok := lifecycle.OpenOperator(ctx, s.federation, operator, diags)
	if !ok {
		return nil, nil, false
	}
	images, err := list(ctx, op)
	if err != nil {
		diags.Append(unread(op.Name, err))
		return nil, nil, false
	}
	return op, images, true
}

type dataSource struct{ source }

// NewDataSource makes data.vdam_image.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_image"
}

// Schema is the image's, with some of it to choose by.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageAttributes()
	maps.Copy(attributes, filterAttributes(true))
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the newest image that has all of the values given.", Attributes: attributes,
	}
}

// Read finds the newest image.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	op, images, ok := d.images(ctx, m.Operator, &resp.Diagnostics)
	if !ok {
		return
	}
	wanted := filter{m.OSFamily, m.OSVersion, m.Architecture, m.Name}
	found := wanted.apply(images)
	if len(found) == 0 {
		resp.Diagnostics.Append(noMatch(op.Name, wanted, images))
		return
	}
	m = model{Operator: types.StringValue(op.Name), attributes: attributesOf(op.Name, found[0])}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

type listDataSource struct{ source }

// NewListDataSource makes data.vdam_images.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata names the type.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_images"
}

// Schema has the filters and the images.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := filterAttributes(false)
	attributes["images"] = schema.ListNestedAttribute{
		MarkdownDescription: "The images found, newest first; empty if there are none.", Computed: true,
		NestedObject: schema.NestedAttributeObject{Attributes: imageAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the images of one operator that have all of the values given.", Attributes: attributes,
	}
}

// Read lists the images.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m listModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	op, images, ok := d.images(ctx, m.Operator, &resp.Diagnostics)
	if !ok {
		return
	}
	m.Operator, m.Images = types.StringValue(op.Name), []attributes{}
	for _, i := range (filter{m.OSFamily, m.OSVersion, m.Architecture, m.Name}).apply(images) {
		m.Images = append(m.Images, attributesOf(op.Name, i))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// filterAttributes choose images; in the singular data source they are also what was found.
func filterAttributes(computed bool) map[string]schema.Attribute {
	text := func(s string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: s, Optional: true, Computed: computed}
	}
	operator := text("Name of the operator. Default is `default_operator`.")
	operator.Computed = true
	return map[string]schema.Attribute{
		"operator":     operator,
		"os_family":    text("Only images of this operating system, as in `debian`."),
		"os_version":   text("Only images of this version of the operating system, as in `13`."),
		"architecture": text("Only images for this processor architecture, as in `x86_64`."),
		"name":         text("Only images of exactly this name."),
	}
}

func imageAttributes() map[string]schema.Attribute {
	text := func(s string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: s, Computed: true}
	}
	created := text("When the image was made (RFC 3339, UTC).")
	created.CustomType = timetypes.RFC3339Type{}
	return map[string]schema.Attribute{
		"id":           text("`<operator>/<id>`, as a machine's `image` takes it."),
		"name":         text("Name of the image."),
		"title":        text("Name for people."),
		"os_family":    text("Operating system."),
		"os_version":   text("Version of the operating system."),
		"architecture": text("Processor architecture."),
		"min_disk_gib": schema.Int64Attribute{
			MarkdownDescription: "The smallest boot disk that it fits on, in GiB.", Computed: true,
		},
		"created_at": created,
	}
}
