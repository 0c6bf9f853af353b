package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// lister is the provider's server as one that lists.
func (tf *terraform) lister(t *testing.T) tfprotov6.ListResourceServer {
	t.Helper()
	l, ok := tf.server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the server lists nothing")
	}
	return l
}

func (tf *terraform) validateList(t *testing.T, typeName string, config any) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := tf.lister(t).ValidateListResourceConfig(tf.ctx, &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: wire(t, valueOf(t, tf.schemas.ListResourceSchemas[typeName].ValueType(), config)),
		IncludeResourceObject: wire(t, tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)),
		Limit:                 wire(t, tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// listed is one result of a list resource.
type listed struct {
	name, id string
	resource tftypes.Value
}

func (tf *terraform) list(
	t *testing.T, typeName string, config any, resource bool, limit int64,
) (found []listed, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	stream, err := tf.lister(t).ListResource(tf.ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: wire(t, valueOf(t, tf.schemas.ListResourceSchemas[typeName].ValueType(), config)),
		IncludeResource: resource, Limit: limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	for r := range stream.Results {
		diags = append(diags, r.Diagnostics...)
		if hasError(r.Diagnostics) {
			continue
		}
		l := listed{name: r.DisplayName, id: identityOf(t, r.Identity)}
		if r.Resource != nil {
			if l.resource, err = r.Resource.Unmarshal(tf.schema(typeName).ValueType()); err != nil {
				t.Fatal(err)
			}
		}
		found = append(found, l)
	}
	return found, diags
}

// names are display names.
func names(found []listed) string {
	out := make([]string, len(found))
	for i, l := range found {
		out[i] = l.name
	}
	return strings.Join(out, " ")
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	want := map[string]string{
		"vdam_network": "n-1 n-2 front", "vdam_security_group": "g-1 g-2 web",
		"vdam_storage_volume": "v-1 v-2 m-1-boot data app-boot restored restored-boot", "vdam_virtual_machine": "m-1 app restored",
		"vdam_container_cluster": "k8s", "vdam_node_pool": "batch", "vdam_backup_vault": "registry", "vdam_backup_plan": "nightly",
		"vdam_backup": "now",
	}
	for _, name := range resourceTypes {
		t.Run(name, func(t *testing.T) {
			found, diags := w.list(t, name, object{}, false, 0)
			clean(t, "the list", diags)
			if got := names(found); got != want[name] && name != "vdam_volume_attachment" {
				t.Errorf("found %s", got)
			}
			for _, l := range found {
				if l.resource.Type() != nil && !l.resource.IsNull() {
					t.Errorf("%s came with its resource unasked: %s", l.name, l.resource)
				}
				if l.name == "" {
					t.Errorf("%s has no name to show", l.id)
				}
			}
			w.checkListed(t, name)
			if limited, _ := w.list(t, name, object{}, false, 1); len(limited) != 1 || limited[0].id != found[0].id {
				t.Errorf("with limit 1 found %v", limited)
			}
			if elsewhere, diags := w.list(t, name, object{"operator": "iem-ic"}, false, 0); len(elsewhere) > 0 || len(diags) > 0 {
				t.Errorf("at iem-ic found %v, %v", elsewhere, diags)
			}
			if name == "vdam_volume_attachment" {
				return
			}
			labelled, diags := w.list(t, name, object{"labels": object{"tier": "front"}}, false, 0)
			clean(t, "the list by labels", diags)
			if len(labelled) != 1 || labelled[0].id != text(w.states[name].value, "id") {
				t.Errorf("by labels found %s", names(labelled))
			}
		})
	}
}

// checkListed holds what a list shows of the resource against its state.
func (w *world) checkListed(t *testing.T, name string) {
	t.Helper()
	s := w.states[name]
	found, diags := w.list(t, name, object{}, true, 0)
	clean(t, "the list with resources", diags)
	i := slices.IndexFunc(found, func(l listed) bool { return l.id == text(s.value, "id") })
	if i < 0 {
		t.Fatalf("%s is not among %v", text(s.value, "id"), found)
	}
	w.checkImported(t, name, s, state{value: found[i].resource})
}

func TestListsOfUnknownOperators(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	for _, name := range []string{"vdam_network", "vdam_volume_attachment"} {
		_, diags := w.list(t, name, object{"operator": "nowhere"}, false, 0)
		out.WriteString(show(diags) + "\n")
	}
	golden(t, "list_unknown_operator", out.String())
}

// TestListLimit counts what a limited list asks of an operator with many objects: not for all of them.
func TestListLimit(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	for i := range 12 {
		tf.create(t, "vdam_security_group", object{"name": "g-" + string(rune('a'+i))})
	}
	env.Box.ResetRequests()
	for _, limit := range []int64{1, 5, 12, 100} {
		found, diags := tf.list(t, "vdam_security_group", object{}, limit%2 == 1, limit)
		clean(t, "the list", diags)
		if want := min(limit, 12); int64(len(found)) != want {
			t.Errorf("with limit %d found %d", limit, len(found))
		}
	}
	if n := len(env.Box.Requests()); n > 4 {
		t.Errorf("four lists took %d requests", n)
	}
}
