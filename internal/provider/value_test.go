package provider_test

import (
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object is a configuration as a test writes it: what is left out is null.
type object = map[string]any

// unknown is what is not known yet.
type unknown struct{}

// valueOf makes a value of a type of what a test writes.
func valueOf(t tester, typ tftypes.Type, v any) tftypes.Value {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case tftypes.Value:
		return v
	case string, bool:
		return tftypes.NewValue(typ, v)
	case int:
		return tftypes.NewValue(typ, big.NewFloat(float64(v)))
	case object:
		return mappedValue(t, typ, v)
	case []any:
		element := elementType(typ)
		values := make([]tftypes.Value, len(v))
		for i := range v {
			values[i] = valueOf(t, element, v[i])
		}
		return tftypes.NewValue(typ, values)
	}
	t.Fatalf("a %T is no %s", v, typ)
	return tftypes.Value{}
}

func mappedValue(t tester, typ tftypes.Type, v object) tftypes.Value {
	t.Helper()
	values := make(map[string]tftypes.Value)
	o, ok := typ.(tftypes.Object)
	if !ok {
		for key := range v {
			values[key] = valueOf(t, elementType(typ), v[key])
		}
		return tftypes.NewValue(typ, values)
	}
	for name := range v {
		if _, ok := o.AttributeTypes[name]; !ok {
			t.Fatalf("there is no attribute %s", name)
		}
	}
	for name, of := range o.AttributeTypes {
		values[name] = valueOf(t, of, v[name])
	}
	return tftypes.NewValue(typ, values)
}

// elementType is nil for what has no elements.
func elementType(typ tftypes.Type) tftypes.Type {
	switch typ := typ.(type) {
	case tftypes.List:
		return typ.ElementType
	case tftypes.Set:
		return typ.ElementType
	case tftypes.Map:
		return typ.ElementType
	}
	return nil
}

// fields are an object's or a map's parts; none of what is null or unknown.
func fields(v tftypes.Value) map[string]tftypes.Value {
	var m map[string]tftypes.Value
	if v.IsKnown() && !v.IsNull() {
		if err := v.As(&m); err != nil {
			panic(err)
		}
	}
	return maps.Clone(m) // What As gives is the value's own.
}

func elements(v tftypes.Value) []tftypes.Value {
	var l []tftypes.Value
	if v.IsKnown() && !v.IsNull() {
		if err := v.As(&l); err != nil {
			panic(err)
		}
	}
	return slices.Clone(l)
}

// text is a string of an object; empty if it is null or unknown.
func text(v tftypes.Value, name string) string {
	var s string
	if f := fields(v)[name]; f.IsKnown() && !f.IsNull() {
		if err := f.As(&s); err != nil {
			panic(err)
		}
	}
	return s
}

// proposed is what Terraform proposes for a configuration: computed values that are not configured stay as they were.
func proposed(attributes []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	was, now, out := fields(prior), fields(config), make(map[string]tftypes.Value)
	for _, a := range attributes {
		before, known := was[a.Name]
		if !known {
			before = tftypes.NewValue(now[a.Name].Type(), nil)
		}
		switch c := now[a.Name]; {
		case a.WriteOnly:
			out[a.Name] = tftypes.NewValue(c.Type(), nil)
		case a.Computed && c.IsNull():
			out[a.Name] = before
		case a.NestedType != nil:
			out[a.Name] = proposedNested(a.NestedType, before, c)
		default:
			out[a.Name] = c
		}
	}
	return tftypes.NewValue(config.Type(), out)
}

func proposedNested(nested *tfprotov6.SchemaObject, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	switch nested.Nesting { //nolint:exhaustive // None of the sets here has computed parts.
	case tfprotov6.SchemaObjectNestingModeSingle:
		return proposed(nested.Attributes, prior, config)
	case tfprotov6.SchemaObjectNestingModeList:
		was, out := elements(prior), elements(config)
		for i := range out {
			before := tftypes.NewValue(out[i].Type(), nil)
			if i < len(was) {
				before = was[i]
			}
			out[i] = proposed(nested.Attributes, before, out[i])
		}
		return tftypes.NewValue(config.Type(), out)
	case tfprotov6.SchemaObjectNestingModeMap:
		was, out := fields(prior), make(map[string]tftypes.Value)
		for key, v := range fields(config) {
			before, known := was[key]
			if !known {
				before = tftypes.NewValue(v.Type(), nil)
			}
			out[key] = proposed(nested.Attributes, before, v)
		}
		return tftypes.NewValue(config.Type(), out)
	}
	return config
}
