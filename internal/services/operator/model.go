package operator

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type listModel struct {
	Operators []model `tfsdk:"operators"`
}

type model struct {
	Name               types.String       `tfsdk:"name"`
	LegalName          types.String       `tfsdk:"legal_name"`
	Description        types.String       `tfsdk:"description"`
	Driver             types.String       `tfsdk:"driver"`
	Endpoint           types.String       `tfsdk:"endpoint"`
	Project            types.String       `tfsdk:"project"`
	Qualification      qualificationModel `tfsdk:"qualification"`
	Kinds              []string           `tfsdk:"kinds"`
	Zones              []zoneModel        `tfsdk:"zones"`
	DefaultZone        types.String       `tfsdk:"default_zone"`
	VolumeClasses      []volumeClassModel `tfsdk:"volume_classes"`
	DefaultVolumeClass types.String       `tfsdk:"default_volume_class"`
	MeteringResolution types.Int64        `tfsdk:"metering_resolution_seconds"`
	Prices             []priceModel       `tfsdk:"prices"`
}

type qualificationModel struct {
	Tier      types.Int64  `tfsdk:"tier"`
	RackUnits types.Int64  `tfsdk:"rack_units"`
	VirsisID  types.String `tfsdk:"virsis_id"`
}

type zoneModel struct {
	Name  types.String `tfsdk:"name"`
	Title types.String `tfsdk:"title"`
}

type volumeClassModel struct {
	Name    types.String `tfsdk:"name"`
	Title   types.String `tfsdk:"title"`
	SizeGiB rangeModel   `tfsdk:"size_gib"`
}

type rangeModel struct {
	Min  types.Int64 `tfsdk:"min"`
	Max  types.Int64 `tfsdk:"max"`
	Step types.Int64 `tfsdk:"step"`
}

type priceModel struct {
	Component types.String      `tfsdk:"component"`
	Class     types.String      `tfsdk:"class"`
	Unit      types.String      `tfsdk:"unit"`
	Per       types.String      `tfsdk:"per"`
	Amount    types.String      `tfsdk:"amount"`
	Currency  types.String      `tfsdk:"currency"`
	ValidFrom timetypes.RFC3339 `tfsdk:"valid_from"`
}

func modelOf(op *cloud.Operator) model {
	m := model{
		Name: types.StringValue(op.Name), LegalName: lifecycle.OptionalString(op.LegalName),
		Description: lifecycle.OptionalString(op.Description), Driver: types.StringValue(op.Driver),
		Endpoint: types.StringValue(op.Endpoint), Project: lifecycle.OptionalString(op.Project),
		Qualification: qualificationModel{
			Tier: types.Int64Value(op.Qualification.Tier), RackUnits: types.Int64Value(op.Qualification.RackUnits),
			VirsisID: lifecycle.OptionalString(op.Qualification.VirsisID),
		},
		DefaultZone:        lifecycle.OptionalString(op.Catalogue.DefaultZone),
		DefaultVolumeClass: lifecycle.OptionalString(op.Catalogue.DefaultVolumeClass),
		MeteringResolution: types.Int64Value(int64(op.Capabilities.MeteringResolution.Seconds())),
		// Lists that have nothing in them are empty, not null.
		Kinds: []string{}, Zones: []zoneModel{}, VolumeClasses: []volumeClassModel{}, Prices: []priceModel{},
	}
	for kind := range op.Capabilities.Kinds {
		m.Kinds = append(m.Kinds, string(kind))
	}
	slices.Sort(m.Kinds)
	for _, z := range op.Catalogue.Zones {
		m.Zones = append(m.Zones, zoneModel{types.StringValue(z.Name), lifecycle.OptionalString(z.Title)})
	}
	for _, c := range op.Catalogue.VolumeClasses {
		m.VolumeClasses = append(m.VolumeClasses, volumeClassModel{
			types.StringValue(c.Name), lifecycle.OptionalString(c.Title), rangeOf(c.SizeGiB),
		})
	}
	for _, p := range op.Catalogue.Prices {
		m.Prices = append(m.Prices, priceModel{
			Component: types.StringValue(p.Component), Class: lifecycle.OptionalString(p.Class),
			Unit: types.StringValue(p.Unit), Per: types.StringValue(p.Per),
			Amount: types.StringValue(p.Amount), Currency: types.StringValue(p.Currency),
			ValidFrom: lifecycle.Timestamp(p.ValidFrom),
		})
	}
	return m
}

func rangeOf(r cloud.Range) rangeModel {
	return rangeModel{types.Int64Value(r.Min), types.Int64Value(r.Max), types.Int64Value(max(r.Step, 1))}
}
