package image

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// imageSource lists its images and then, if there is one, the error.
type imageSource struct {
	images []cloud.Image
	err    error
}

func (s imageSource) Get(context.Context, string) (cloud.Image, error) {
	return cloud.Image{}, errors.New("not asked for in these tests")
}

func (s imageSource) List(context.Context) iter.Seq2[cloud.Image, error] {
	return func(yield func(cloud.Image, error) bool) {
		for _, i := range s.images {
			if !yield(i, nil) {
				return
			}
		}
		if s.err != nil {
			yield(cloud.Image{}, s.err)
		}
	}
}

func testImage(id, family, version string, day int) cloud.Image {
	return cloud.Image{
		ID: id, Name: family + "-" + version, OSFamily: family, OSVersion: version, Architecture: "x86_64", MinDiskGiB: 10,
		CreatedAt: time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC),
	}
}

var testImages = []cloud.Image{
	testImage("1", "debian", "12", 1), testImage("2", "debian", "13", 2), testImage("3", "ubuntu", "26.04", 9),
	testImage("4", "debian", "13", 7), testImage("5", "debian", "12", 8),
}

// readState runs a data source over a configuration, in an operator of the given images.
func readState(t *testing.T, d datasource.DataSource, config any, source imageSource) *datasource.ReadResponse {
	t.Helper()
	ctx := t.Context()
	f := cloud.NewFederation(true, map[string]cloud.Opener{"lvrtc": func(context.Context) (*cloud.Operator, error) {
		return &cloud.Operator{Name: "lvrtc", Images: source}, nil
	}})
	f.DefaultOperator = "lvrtc"
	if c, ok := d.(datasource.DataSourceWithConfigure); ok {
		c.Configure(ctx, datasource.ConfigureRequest{ProviderData: &lifecycle.Configured{Federation: f}}, &datasource.ConfigureResponse{})
	}
	var s datasource.SchemaResponse
	d.Schema(ctx, datasource.SchemaRequest{}, &s)
	if diags := s.Schema.ValidateImplementation(ctx); len(diags) > 0 {
		t.Fatal(diags)
	}
	raw := tftypes.NewValue(s.Schema.Type().TerraformType(ctx), nil)
	written := tfsdk.State{Schema: s.Schema, Raw: raw}
	if diags := written.Set(ctx, config); len(diags) > 0 {
		t.Fatal(diags)
	}
	resp := &datasource.ReadResponse{State: tfsdk.State{Schema: s.Schema, Raw: raw}}
	d.Read(ctx, datasource.ReadRequest{Config: tfsdk.Config{Schema: s.Schema, Raw: written.Raw}}, resp)
	return resp
}

func TestNewestMatchingImage(t *testing.T) {
	for want, attributes := range map[string]attributes{
		"lvrtc/3": {},
		"lvrtc/5": {OSFamily: types.StringValue("debian")},
		"lvrtc/4": {OSFamily: types.StringValue("debian"), OSVersion: types.StringValue("13")},
	} {
		resp := readState(t, NewDataSource(), &model{attributes: attributes}, imageSource{images: testImages})
		var got model
		if resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...); len(resp.Diagnostics) > 0 {
			t.Fatal(resp.Diagnostics)
		}
		if got.ID.ValueString() != want || got.Operator.ValueString() != "lvrtc" {
			t.Errorf("got %s of %s, want %s", got.ID, got.Operator, want)
		}
	}
}

func TestImagesAreSortedAndFiltered(t *testing.T) {
	debian := &listModel{OSFamily: types.StringValue("debian")}
	resp := readState(t, NewListDataSource(), debian, imageSource{images: testImages})
	var got listModel
	if resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...); len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics)
	}
	var ids []string
	for _, i := range got.Images {
		ids = append(ids, i.ID.ValueString())
	}
	if strings.Join(ids, " ") != "lvrtc/5 lvrtc/4 lvrtc/2 lvrtc/1" {
		t.Errorf("got %q", ids)
	}
	resp = readState(t, NewListDataSource(), &listModel{Name: types.StringValue("none")}, imageSource{images: testImages})
	got = listModel{}
	resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...)
	if len(resp.Diagnostics) > 0 || got.Images == nil || len(got.Images) != 0 {
		t.Errorf("a list of none is empty: %v, %v", got.Images, resp.Diagnostics)
	}
}

func TestNoMatchTellsWhatThereIs(t *testing.T) {
	wanted := attributes{OSFamily: types.StringValue("debian"), OSVersion: types.StringValue("14")}
	resp := readState(t, NewDataSource(), &model{attributes: wanted}, imageSource{images: testImages[:3]})
	want := `lvrtc has no image with os_family = "debian", os_version = "14"` + `
It has, newest first:

    name = "ubuntu-26.04", os_family = "ubuntu", os_version = "26.04", architecture = "x86_64"
    name = "debian-13", os_family = "debian", os_version = "13", architecture = "x86_64"
    name = "debian-12", os_family = "debian", os_version = "12", architecture = "x86_64"

Change the filter to match one of them. Upper and lower case differ.`
	if got := text(resp); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := text(readState(t, NewDataSource(), &model{}, imageSource{})); got !=
		"lvrtc has no images\nAsk the operator for one, or choose another operator." {
		t.Errorf("got %s", got)
	}
	var many []cloud.Image
	for i := range shownImages + 3 {
		many = append(many, testImage(fmt.Sprint(i), "debian", fmt.Sprint(i), 1))
	}
	got := text(readState(t, NewDataSource(), &model{attributes: wanted}, imageSource{images: many[:12]}))
	if strings.Contains(got, "older") {
		t.Errorf("got %s", got)
	}
	wanted.OSVersion = types.StringValue("none")
	got = text(readState(t, NewDataSource(), &model{attributes: wanted}, imageSource{images: many}))
	if !strings.Contains(got, "\n\nAnd 3 older ones; data.vdam_images lists all of them.\n\nChange") {
		t.Errorf("got %s", got)
	}
}

func TestUnreadableImages(t *testing.T) {
	refusal := &cloud.Error{Reason: cloud.ErrUnavailable, Operator: "lvrtc", Text: "Maintenance.", RequestID: "91be"}
	got := text(readState(t, NewListDataSource(), &listModel{}, imageSource{images: testImages, err: refusal}))
	want := "The images of lvrtc could not be read: operator unavailable\n" +
		"Maintenance.\n\nRequest 91be.\n\nNothing was changed."
	if got != want {
		t.Errorf("got:\n%s", got)
	}
}

func text(resp *datasource.ReadResponse) string {
	var out []string
	for _, d := range resp.Diagnostics {
		out = append(out, d.Summary()+"\n"+d.Detail())
	}
	return strings.Join(out, "\n---\n")
}
