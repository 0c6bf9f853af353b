package lifecycle

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// computedAttributes is the resource's schema as a data source answers it, so that a field is described once.
func (d *Definition[M, A, S, O]) computedAttributes(ctx context.Context, diags *diag.Diagnostics) map[string]schema.Attribute {
	out := make(map[string]schema.Attribute)
	for _, attributes := range []map[string]resourceschema.Attribute{d.commonAttributes(ctx), d.Schema.Attributes} {
		for name, a := range attributes {
			if name == "timeouts" || slices.Contains(d.Omit, name) {
				continue
			}
			c, err := computed(a)
			if err != nil {
				diags.AddError("A data source cannot show "+name, err.Error()+" Please report this.")
				continue
			}
			out[name] = c
		}
	}
	return out
}

// computed turns a resource's attribute into a data source's.
func computed(a resourceschema.Attribute) (schema.Attribute, error) {
	text := a.GetMarkdownDescription()
	switch a := a.(type) {
	case resourceschema.StringAttribute:
		return schema.StringAttribute{MarkdownDescription: text, Computed: true, CustomType: a.CustomType, Sensitive: a.Sensitive}, nil
	case resourceschema.Int64Attribute:
		return schema.Int64Attribute{MarkdownDescription: text, Computed: true}, nil
	case resourceschema.BoolAttribute:
		return schema.BoolAttribute{MarkdownDescription: text, Computed: true}, nil
	case resourceschema.MapAttribute:
		return schema.MapAttribute{MarkdownDescription: text, Computed: true, ElementType: a.ElementType}, nil
	case resourceschema.ListAttribute:
		return schema.ListAttribute{MarkdownDescription: text, Computed: true, ElementType: a.ElementType}, nil
	case resourceschema.SetAttribute:
		return schema.SetAttribute{MarkdownDescription: text, Computed: true, ElementType: a.ElementType}, nil
	case resourceschema.SingleNestedAttribute:
		nested, err := ComputedAttributes(a.Attributes)
		return schema.SingleNestedAttribute{MarkdownDescription: text, Computed: true, Attributes: nested}, err
	case resourceschema.ListNestedAttribute:
		nested, err := ComputedAttributes(a.NestedObject.Attributes)
		return schema.ListNestedAttribute{MarkdownDescription: text, Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: nested}}, err
	case resourceschema.MapNestedAttribute:
		nested, err := ComputedAttributes(a.NestedObject.Attributes)
		return schema.MapNestedAttribute{MarkdownDescription: text, Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: nested}}, err
	case resourceschema.SetNestedAttribute:
		nested, err := ComputedAttributes(a.NestedObject.Attributes)
		return schema.SetNestedAttribute{MarkdownDescription: text, Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: nested}}, err
	}
	return nil, fmt.Errorf("attributes of type %T have no data source form", a)
}

// ComputedAttributes turns attributes of a resource into those of a data source.
func ComputedAttributes(attributes map[string]resourceschema.Attribute) (map[string]schema.Attribute, error) {
	out := make(map[string]schema.Attribute, len(attributes))
	for name, a := range attributes {
		c, err := computed(a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = c
	}
	return out, nil
}
