package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const communityProvider = "registry.terraform.io/terraform-provider-openstack/openstack"

// movedFrom are the types of the community provider that are taken over.
var movedFrom = map[string]string{
	"vdam_network":           "openstack_networking_network_v2",
	"vdam_security_group":    "openstack_networking_secgroup_v2",
	"vdam_storage_volume":    "openstack_blockstorage_volume_v3",
	"vdam_virtual_machine":   "openstack_compute_instance_v2",
	"vdam_volume_attachment": "openstack_compute_volume_attach_v2",
}

// move asks a provider to take a state over, as Terraform does before it configures it.
func (tf *terraform) move(t tester, typeName, address, source, raw string) (state, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := tf.server.MoveResourceState(tf.ctx, &tfprotov6.MoveResourceStateRequest{
		TargetTypeName: typeName, SourceProviderAddress: address, SourceTypeName: source,
		SourceState: &tfprotov6.RawState{JSON: []byte(raw)}, SourcePrivate: []byte(`{"schema_version":"0"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return state{}, resp.Diagnostics
	}
	value, err := resp.TargetState.Unmarshal(tf.schema(typeName).ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return state{value, resp.TargetPrivate, resp.TargetIdentity}, resp.Diagnostics
}

// taken is the state of an object after the move, before it is read.
func (w *world) taken(t *testing.T, tf *terraform, typeName string) state {
	t.Helper()
	_, id, _ := strings.Cut(text(w.states[typeName].value, "id"), "/")
	if typeName == "vdam_volume_attachment" {
		// It has an id of its own at the sandbox, which OpenStack does not give.
		_, machine, _ := strings.Cut(text(w.states[typeName].value, "virtual_machine_id"), "/")
		_, volume, _ := strings.Cut(text(w.states[typeName].value, "volume_id"), "/")
		id = machine + "/" + volume
	}
	raw, err := json.Marshal(object{"id": id, "region": "RegionOne", "name": nil})
	if err != nil {
		t.Fatal(err)
	}
	s, diags := tf.move(t, typeName, communityProvider, movedFrom[typeName], string(raw))
	clean(t, "the move of "+typeName, diags)
	for name, v := range inOrder(fields(s.value)) {
		if v.IsNull() == (name == "id") {
			t.Errorf("%s.%s was moved as %s", typeName, name, v)
		}
	}
	return s
}

// operators is the provider block for operators of the sandbox, the first being the default.
func (w *world) operators(names ...string) object {
	all := object{}
	for _, name := range names {
		all[name] = entry(w.box.Endpoint(name))
	}
	return object{"operators": all, "default_operator": names[0]}
}

// asked are the operators that were asked for machines, once for each request.
func (w *world) asked() string {
	var names []string
	for _, r := range w.box.Requests() {
		if strings.Contains(r.Path, "/virtual-machines") {
			names = append(names, r.Operator)
		}
	}
	return strings.Join(names, " ")
}

// TestMoves takes objects over from the community provider: the next reading finds their operator and all else, and
// the configuration that they were made by has nothing to change.
func TestMoves(t *testing.T) {
	w := newWorld(t)
	for name := range inOrder(movedFrom) {
		t.Run(name, func(t *testing.T) {
			moved := w.taken(t, disguise(t, "lvrtc"), name)
			tf := disguise(t, "lvrtc")
			clean(t, "the provider block", tf.configure(t, w.operators("lvrtc")))
			read, diags := tf.read(t, name, moved)
			clean(t, "reading", diags)
			id := text(read.value, "id")
			if got := identityOf(t, read.identity); got != id || text(read.value, "operator") != "lvrtc" {
				t.Errorf("the identity of %s at %s is %s", id, text(read.value, "operator"), got)
			}
			imported, diags := tf.imported(t, name, id, nil)
			clean(t, "import", diags)
			if !read.value.Equal(imported.value) {
				t.Errorf("moved:\n%s\nimported:\n%s", read.value, imported.value)
			}
			if strings.Contains(string(read.private), "moved_from") {
				t.Errorf("the private state is still %s", read.private)
			}
			again, diags := tf.read(t, name, read)
			clean(t, "reading again", diags)
			config := set(w.configs[name], "timeouts", nil)
			if name == "vdam_virtual_machine" {
				config = set(config, "user_data", nil)
			}
			p := tf.plan(t, name, again, config)
			clean(t, "the plan", p.diags)
			if !p.value.Equal(read.value) || len(p.replace) > 0 {
				t.Errorf("the plan is not empty: %s\nread: %s", p.value, read.value)
			}
		})
	}
}

// TestMovesToTheRightOperator has the object at lvrtc.
func TestMovesToTheRightOperator(t *testing.T) {
	w := newWorld(t)
	const name = "vdam_virtual_machine"
	for _, tc := range []struct {
		what      string
		openstack []string
		operators []string
		asked     string
	}{
		{"the default one", []string{"iem-ic", "lvrtc"}, []string{"lvrtc", "iem-ic"}, "lvrtc"},
		{"the other one", []string{"iem-ic", "lvrtc"}, []string{"iem-ic", "lvrtc"}, "iem-ic lvrtc"},
		{"the only one of its kind", []string{"lvrtc"}, []string{"iem-ic", "lvrtc"}, "lvrtc"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			tf := disguise(t, tc.openstack...)
			moved := w.taken(t, tf, name)
			clean(t, "the provider block", tf.configure(t, w.operators(tc.operators...)))
			w.box.ResetRequests()
			read, diags := tf.read(t, name, moved)
			clean(t, "reading", diags)
			if got := text(read.value, "operator"); got != "lvrtc" || w.asked() != tc.asked {
				t.Errorf("found it at %q, having asked %s", got, w.asked())
			}
		})
	}
	t.Run("although another cannot be used", func(t *testing.T) {
		tf := disguise(t, "lvrtc")
		moved, b := w.taken(t, tf, name), w.operators("iem-ic", "lvrtc")
		b["operators"].(object)["iem-ic"] = entry("http://operator.invalid") // That is refused at once.
		clean(t, "the provider block", tf.configure(t, b))
		read, diags := tf.read(t, name, moved)
		clean(t, "reading", diags)
		if got := text(read.value, "operator"); got != "lvrtc" {
			t.Errorf("found it at %q", got)
		}
	})
}

// TestMovesThatFindNothing reads and plans what was moved and is not to be found.
func TestMovesThatFindNothing(t *testing.T) {
	w := newWorld(t)
	const name = "vdam_virtual_machine"
	var out strings.Builder
	at := func(what string, openstack []string, b object, gone bool) {
		t.Helper()
		tf := disguise(t, openstack...)
		moved := w.taken(t, tf, name)
		clean(t, "the provider block", tf.configure(t, b))
		read, diags := tf.read(t, name, moved)
		if read.value.IsNull() != gone || !gone && (!hasError(diags) || !read.value.Equal(moved.value)) {
			t.Errorf("%s: the state after reading is %s", what, read.value)
		}
		out.WriteString("# " + what + "\n\n" + show(diags) + "\n")
	}
	at("no operator of the kind", nil, w.operators("lvrtc", "iem-ic"), false)
	at("operators not known", nil, object{"operators": unknown{}}, false)
	at("at none", []string{"iem-ic"}, w.operators("iem-ic", "lvrtc"), true)
	if err := w.box.AddFault(sandbox.Fault{Operator: "lvrtc", Method: "GET", Path: "/virtual-machines", Status: 403}); err != nil {
		t.Fatal(err)
	}
	at("refused", []string{"iem-ic", "lvrtc"}, w.operators("lvrtc", "iem-ic"), false)
	w.box.ClearFaults()

	tf := disguise(t, "lvrtc")
	moved := w.taken(t, tf, name)
	clean(t, "the provider block", tf.configure(t, w.operators("lvrtc")))
	out.WriteString("# planned unread\n\n" + show(tf.plan(t, name, moved, w.configs[name]).diags))
	out.WriteString("\n# destroyed unread\n\n" + show(tf.plan(t, name, moved, nil).diags))
	golden(t, "moves_that_find_nothing", strings.ReplaceAll(out.String(), text(moved.value, "id"), "ID"))
}

// TestBadMoves takes over what cannot be.
func TestBadMoves(t *testing.T) {
	tf := connect(t)
	const machine, attachment = "vdam_virtual_machine", "vdam_volume_attachment"
	var out strings.Builder
	for _, tc := range []struct{ what, to, address, from, raw string }{
		{"another type", machine, communityProvider, "openstack_dns_zone_v2", `{"id": "a"}`},
		{"another kind's type", machine, communityProvider, movedFrom["vdam_network"], `{"id": "a"}`},
		{"another provider", machine, "registry.terraform.io/hashicorp/notopenstack", movedFrom[machine], `{"id": "a"}`},
		{"no id", machine, communityProvider, movedFrom[machine], `{"name": "a"}`},
		{"a null id", machine, communityProvider, movedFrom[machine], `{"id": null}`},
		{"a number", machine, communityProvider, movedFrom[machine], `{"id": 7}`},
		{"no JSON", machine, communityProvider, movedFrom[machine], `{`},
		{"a pair", machine, communityProvider, movedFrom[machine], `{"id": "a/b"}`},
		{"no pair", attachment, communityProvider, movedFrom[attachment], `{"id": "a"}`},
		{"half a pair", attachment, communityProvider, movedFrom[attachment], `{"id": "a/"}`},
		{"three", attachment, communityProvider, movedFrom[attachment], `{"id": "a/b/c"}`},
	} {
		_, diags := tf.move(t, tc.to, tc.address, tc.from, tc.raw)
		if !hasError(diags) {
			t.Errorf("%s was taken over", tc.what)
		}
		out.WriteString("# " + tc.what + "\n\n" + show(diags) + "\n")
	}
	golden(t, "bad_moves", out.String())
	// The provider may come from another registry.
	if _, diags := tf.move(t, machine, "registry.opentofu.org/mirror/openstack", movedFrom[machine], `{"id": "a"}`); len(diags) > 0 {
		t.Error(show(diags))
	}
}
