package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// unknowns gives each form of a configuration in which one value is not known: every attribute that can be set, also
// where it is left out, and every element. The key is the value's path.
func unknowns(attributes []*tfprotov6.SchemaAttribute, config tftypes.Value) map[string]tftypes.Value {
	out := make(map[string]tftypes.Value)
	for _, a := range attributes {
		if !a.Required && !a.Optional {
			continue
		}
		v := fields(config)[a.Name]
		with := func(at string, part tftypes.Value) {
			changed := fields(config)
			changed[a.Name] = part
			out[a.Name+at] = tftypes.NewValue(config.Type(), changed)
		}
		with("", tftypes.NewValue(v.Type(), tftypes.UnknownValue))
		var nested []*tfprotov6.SchemaAttribute
		if a.NestedType != nil {
			nested = a.NestedType.Attributes
		}
		for at, part := range unknownParts(nested, v) {
			with(at, part)
		}
	}
	return out
}

// unknownParts is unknowns for what is inside of an attribute.
func unknownParts(nested []*tfprotov6.SchemaAttribute, v tftypes.Value) map[string]tftypes.Value {
	out := make(map[string]tftypes.Value)
	if v.IsNull() || !v.IsKnown() {
		return out
	}
	inside := func(element tftypes.Value, put func(at string, part tftypes.Value)) {
		put("", tftypes.NewValue(element.Type(), tftypes.UnknownValue))
		if nested != nil {
			for at, part := range unknowns(nested, element) {
				put("."+at, part)
			}
		}
	}
	switch typ := v.Type().(type) {
	case tftypes.Object:
		for at, part := range unknowns(nested, v) {
			out["."+at] = part
		}
	case tftypes.Map:
		for key := range fields(v) {
			inside(fields(v)[key], func(at string, part tftypes.Value) {
				changed := fields(v)
				changed[key] = part
				out["["+key+"]"+at] = tftypes.NewValue(typ, changed)
			})
		}
	case tftypes.List, tftypes.Set:
		for i := range elements(v) {
			inside(elements(v)[i], func(at string, part tftypes.Value) {
				changed := elements(v)
				changed[i] = part
				out["["+string(rune('0'+i))+"]"+at] = tftypes.NewValue(typ, changed)
			})
		}
	}
	return out
}

// settable are the paths of all attributes that can be set, without keys and indices.
func settable(attributes []*tfprotov6.SchemaAttribute, prefix string, into map[string]bool) map[string]bool {
	for _, a := range attributes {
		if a.Required || a.Optional {
			into[prefix+a.Name] = false
			if a.NestedType != nil {
				settable(a.NestedType.Attributes, prefix+a.Name+".", into)
			}
		}
	}
	return into
}

// eachUnknown calls f with every unknown form of every configuration, and checks that no attribute is forgotten.
func eachUnknown(t *testing.T, s *tfprotov6.Schema, configs []object, f func(t *testing.T, config tftypes.Value)) {
	t.Helper()
	left := settable(s.Block.Attributes, "", map[string]bool{})
	for _, c := range configs {
		config := valueOf(t, s.ValueType(), c)
		t.Run("all known", func(t *testing.T) { f(t, config) })
		for at, v := range unknowns(s.Block.Attributes, config) {
			t.Run(at, func(t *testing.T) { f(t, v) })
			left[bare(at)] = true
		}
	}
	for at, done := range left {
		if !done {
			t.Errorf("no configuration has %s", at)
		}
	}
}

// bare is a path without keys and indices.
func bare(at string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(at, "[") {
		if i := strings.IndexByte(part, ']'); i >= 0 {
			part = part[i+1:]
		}
		b.WriteString(part)
	}
	return b.String()
}

func TestUnknownValuesOfResources(t *testing.T) {
	tf := start(t, deskBlock(acctest.Start(t, "lvrtc")))
	for _, name := range slices.Concat(resourceTypes, agentTypes, ticketTypes) {
		t.Run(name, func(t *testing.T) {
			eachUnknown(t, tf.schema(name), append(full[name], minimal[name]), func(t *testing.T, config tftypes.Value) {
				clean(t, "validation", tf.validate(t, name, config))
				clean(t, "plan", tf.plan(t, name, state{}, config).diags)
			})
		})
	}
}

func TestUnknownValuesOfDataSources(t *testing.T) {
	tf := start(t, block(acctest.Start(t, "lvrtc")))
	for name, s := range tf.schemas.DataSourceSchemas {
		t.Run(name, func(t *testing.T) {
			// Terraform itself puts the reading of a data source off until all is known.
			eachUnknown(t, s, sources[name], func(t *testing.T, config tftypes.Value) {
				resp, err := tf.server.ValidateDataResourceConfig(tf.ctx, &tfprotov6.ValidateDataResourceConfigRequest{
					TypeName: name, Config: wire(t, config),
				})
				if err != nil {
					t.Fatal(err)
				}
				clean(t, "validation", resp.Diagnostics)
			})
		})
	}
}

func TestUnknownValuesOfListResources(t *testing.T) {
	tf := start(t, block(acctest.Start(t, "lvrtc")))
	for name, s := range tf.schemas.ListResourceSchemas {
		t.Run(name, func(t *testing.T) {
			eachUnknown(t, s, lists[name], func(t *testing.T, config tftypes.Value) {
				clean(t, "validation", tf.validateList(t, name, config))
			})
		})
	}
}

// TestUnknownValuesOfTheProvider validates and configures with provider blocks in which a value is not known yet.
func TestUnknownValuesOfTheProvider(t *testing.T) {
	eachUnknown(t, connect(t).schemas.Provider, blocks, func(t *testing.T, config tftypes.Value) {
		connect(t).accepts(t, config)
	})
}

// accepts validates and configures, not a word being said.
func (tf *terraform) accepts(t *testing.T, block tftypes.Value) {
	t.Helper()
	valid, err := tf.server.ValidateProviderConfig(tf.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: wire(t, block)})
	if err != nil {
		t.Fatal(err)
	}
	clean(t, "validation", valid.Diagnostics)
	resp, err := tf.server.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{Config: wire(t, block)})
	if err != nil {
		t.Fatal(err)
	}
	clean(t, "configuration", resp.Diagnostics)
}

// TestPlansWhileTheProviderIsUnknown plans resources while a value of the provider block is not known yet.
func TestPlansWhileTheProviderIsUnknown(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	b := block(env)
	lvrtc := entry(env.Box.Endpoint("lvrtc"))
	maps.Copy(lvrtc, object{"tls": object{}, "limits": object{}, "workload_identity": object{}})
	lvrtc["service_desk"] = "lvrtc"
	maps.Copy(b, object{
		"operators": object{"lvrtc": lvrtc}, "default_labels": object{"suite": "tests"},
		"service_desks": object{"lvrtc": object{"operator": "lvrtc"}, "other": entry(env.Box.Endpoint("lvrtc"))}, "default_service_desk": "other",
	})
	b = set(b, "service_desks.other.kind", "selfservice")
	s := connect(t).schemas.Provider
	for at, config := range unknowns(s.Block.Attributes, valueOf(t, s.ValueType(), b)) {
		t.Run(at, func(t *testing.T) {
			tf := connect(t)
			tf.accepts(t, config)
			for _, name := range append(slices.Clone(resourceTypes), ticketTypes...) {
				clean(t, "plan of "+name, tf.plan(t, name, state{}, minimal[name]).diags)
			}
			clean(t, "plan of an operator's ticket", tf.plan(t, ticketTypes[0], state{}, ticket("Jauda", object{"operator": "lvrtc"})).diags)
		})
	}
}

// TestUnknownDefaultLabels plans labels that are not known as such: what the plan shows has to come.
func TestUnknownDefaultLabels(t *testing.T) {
	b := block(acctest.Start(t, "lvrtc"))
	for at, labels := range map[string]any{"all": unknown{}, "one": object{"suite": unknown{}}} {
		t.Run(at, func(t *testing.T) {
			b["default_labels"] = labels
			p := start(t, b).plan(t, "vdam_network", state{}, minimal["vdam_network"])
			clean(t, "plan", p.diags)
			if got := fields(p.value)["effective_labels"]; got.IsKnown() {
				t.Errorf("effective_labels is planned as %s", got)
			}
		})
	}
}

// TestNothingConfigured gives each resource a configuration with nothing in it.
func TestNothingConfigured(t *testing.T) {
	tf := start(t, deskBlock(acctest.Start(t, "lvrtc")))
	var out strings.Builder
	for _, name := range append(slices.Clone(resourceTypes), ticketTypes...) {
		out.WriteString("# " + name + "\n\n" + show(sorted(tf.validate(t, name, object{}))) + "\n")
		if diags := tf.plan(t, name, state{}, object{}).diags; !hasError(diags) && name != "vdam_security_group" {
			continue // Terraform never plans what it found invalid; that nothing panics is enough.
		}
	}
	golden(t, "nothing_configured", out.String())
}
