package operator

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func operatorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":        text("Name of the operator, a key of the provider's `operators`."),
		"legal_name":  text("Name of the legal person."),
		"description": text("What the operator says of itself."),
		"driver":      text("API family: `selfservice`."),
		"endpoint":    text("URL of the API."),
		"project":     text("The agency's project."),
		"qualification": schema.SingleNestedAttribute{
			MarkdownDescription: "What the operator states about its data centre.", Computed: true,
			Attributes: map[string]schema.Attribute{
				"tier": number("Security level, 1 to 4; 0 if none is stated."),
				"rack_units": number("Height of processing and storage equipment in productive use, in rack units; 0 if " +
					"none is stated."),
				"virsis_id": text("Registration of the service in VIRSIS."),
			},
		},
		"kinds": schema.ListAttribute{
			MarkdownDescription: "What can be ordered, as in `virtual_machine`, in the order of the alphabet.",
			ElementType:         types.StringType, Computed: true,
		},
		"zones": objects("The zones. What fails in one leaves the others running.", map[string]schema.Attribute{
			"name":  text("Name, as `zone` arguments take it."),
			"title": text("Name for people."),
		}),
		"default_zone": text("The zone of what names none."),
		"volume_classes": objects("The sorts of storage.", map[string]schema.Attribute{
			"name":  text("Name, as `class` arguments take it."),
			"title": text("Name for people."),
			"size_gib": schema.SingleNestedAttribute{
				MarkdownDescription: "Sizes in GiB: `min`, `min + step`, … up to `max`.", Computed: true,
				Attributes: map[string]schema.Attribute{
					"min": number("Smallest size."), "max": number("Largest size."), "step": number("Distance of the sizes."),
				},
			},
		}),
		"default_volume_class":        text("The class of volumes that name none."),
		"metering_resolution_seconds": number("Length of one metered interval, of which each that is begun counts."),
		"prices":                      objects("The price list, without VAT.", priceAttributes()),
	}
}

func priceAttributes() map[string]schema.Attribute {
	from := text("When the price begins to count (RFC 3339, UTC).")
	from.CustomType = timetypes.RFC3339Type{}
	return map[string]schema.Attribute{
		"component":  text("What is priced."),
		"class":      text("Its class, if it has one."),
		"unit":       text("What is counted."),
		"per":        text("The time that the price is for."),
		"amount":     text("An exact decimal."),
		"currency":   text("Three letters (ISO 4217)."),
		"valid_from": from,
	}
}

func text(s string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: s, Computed: true}
}

func number(s string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: s, Computed: true}
}

func objects(s string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: s, Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}
