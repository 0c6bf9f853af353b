package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What resources of operators, and tickets, are identified by.
var (
	identityType       = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"operator": tftypes.String, "id": tftypes.String}}
	ticketIdentityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"desk": tftypes.String, "id": tftypes.String}}
)

// identityOf shows an identity as the id of the resource.
func identityOf(t tester, i *tfprotov6.ResourceIdentityData) string {
	t.Helper()
	if i == nil || i.IdentityData == nil {
		return "none"
	}
	v, err := i.IdentityData.Unmarshal(identityType)
	if err == nil {
		return text(v, "operator") + "/" + text(v, "id")
	}
	if v, err = i.IdentityData.Unmarshal(ticketIdentityType); err != nil {
		t.Fatal(err)
	}
	return text(v, "desk") + "/" + text(v, "id")
}

func (tf *terraform) read(t tester, typeName string, s state) (state, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := tf.server.ReadResource(tf.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: wire(t, s.value), Private: s.private, CurrentIdentity: s.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	value, err := resp.NewState.Unmarshal(tf.schema(typeName).ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return state{value, resp.Private, resp.NewIdentity}, resp.Diagnostics
}

// imported imports by an id or an identity and reads what was imported, as Terraform does.
func (tf *terraform) imported(t tester, typeName, id string, identity object) (state, []*tfprotov6.Diagnostic) {
	t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if identity != nil {
		typ := identityType
		if typeName == ticketTypes[0] {
			typ = ticketIdentityType
		}
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: wire(t, valueOf(t, typ, identity))}
	}
	resp, err := tf.server.ImportResourceState(tf.ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return state{}, resp.Diagnostics
	}
	if len(resp.ImportedResources) != 1 {
		t.Fatalf("%d resources were imported", len(resp.ImportedResources))
	}
	r := resp.ImportedResources[0]
	value, err := r.State.Unmarshal(tf.schema(typeName).ValueType())
	if err != nil {
		t.Fatal(err)
	}
	s, diags := tf.read(t, typeName, state{value, r.Private, r.Identity})
	return s, append(resp.Diagnostics, diags...)
}

func TestIdentity(t *testing.T) {
	w := newWorld(t)
	for name, s := range inOrder(w.states) {
		t.Run(name, func(t *testing.T) {
			id := text(s.value, "id")
			if got := identityOf(t, s.identity); got != id {
				t.Errorf("the identity after creation is %s, not %s", got, id)
			}
			read, diags := w.read(t, name, state{value: s.value})
			clean(t, "reading", diags)
			if got := identityOf(t, read.identity); got != id {
				t.Errorf("the identity after reading a state without one is %s, not %s", got, id)
			}
			if again, _ := w.read(t, name, read); identityOf(t, again.identity) != id {
				t.Errorf("the identity after a second reading is %s", identityOf(t, again.identity))
			}
			operator, own, _ := strings.Cut(id, "/")
			byID, diags := w.imported(t, name, id, nil)
			clean(t, "import by id", diags)
			byIdentity, diags := w.imported(t, name, "", object{"operator": operator, "id": own})
			clean(t, "import by identity", diags)
			if !byID.value.Equal(byIdentity.value) {
				t.Errorf("imported by id:\n%s\nby identity:\n%s", byID.value, byIdentity.value)
			}
			for _, i := range []state{byID, byIdentity} {
				if got := identityOf(t, i.identity); got != id {
					t.Errorf("the identity after import is %s, not %s", got, id)
				}
			}
			w.checkImported(t, name, s, byID)
		})
	}
}

// unread reports whether no operator answers an attribute.
func unread(at string) bool {
	return at == "timeouts" || at == "keepers" || at == "encryption_key_wo_version" || strings.HasPrefix(at, "user_data")
}

// checkImported holds what was imported against the state of the creation; what no operator knows is null.
func (w *world) checkImported(t *testing.T, name string, created, imported state) {
	t.Helper()
	for at, v := range inOrder(fields(created.value)) {
		switch got := fields(imported.value)[at]; {
		case unread(at):
			if !got.IsNull() {
				t.Errorf("%s was imported as %s", at, got)
			}
		case name == "vdam_storage_volume" && at == "virtual_machine_id":
		case !got.Equal(v):
			t.Errorf("%s is %s, and was imported as %s", at, v, got)
		}
	}
	config := maps.Clone(w.configs[name])
	maps.DeleteFunc(config, func(at string, _ any) bool { return unread(at) })
	p := w.plan(t, name, imported, config)
	clean(t, "the plan after import", p.diags)
	if !p.value.Equal(imported.value) {
		t.Errorf("the plan after import is not empty: %s\nimported: %s", p.value, imported.value)
	}
}

// TestBadIdentities gives import what names nothing.
func TestBadIdentities(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	for _, name := range []string{"vdam_network", "vdam_volume_attachment"} {
		for _, id := range []string{"nonsense", "/x", "lvrtc/", "lvrtc/a/b", "nowhere/x", "lvrtc/no-such-id"} {
			s, diags := w.imported(t, name, id, nil)
			w.note(t, &out, name+" by id "+id, s, diags)
		}
		for _, identity := range []object{
			{"operator": "", "id": ""}, {"operator": "lvrtc", "id": ""}, {"operator": "", "id": "x"}, {"operator": "lvrtc"},
			{"operator": "nowhere", "id": "x"}, {"operator": "lvrtc", "id": "no-such-id"}, {"operator": "lvrtc", "id": "a/b"},
		} {
			s, diags := w.imported(t, name, "", identity)
			w.note(t, &out, name+" by identity "+identityText(identity), s, diags)
		}
	}
	golden(t, "bad_identities", out.String())
}

func identityText(o object) string {
	var parts []string
	for _, key := range []string{"operator", "id"} {
		if v, ok := o[key]; ok {
			parts = append(parts, key+" = \""+v.(string)+"\"")
		}
	}
	return strings.Join(parts, ", ")
}

func (w *world) note(t *testing.T, out *strings.Builder, what string, s state, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	out.WriteString("# " + what + "\n\n")
	switch {
	case len(diags) > 0:
		out.WriteString(show(diags))
		if strings.Contains(show(diags), "The state holds") {
			t.Errorf("%s: there is no state yet to hold anything:\n%s", what, show(diags))
		}
	case s.value.IsNull():
		out.WriteString("(gone: Terraform says that there is no such object)\n")
	default:
		out.WriteString("(imported)\n")
	}
	out.WriteString("\n")
}
