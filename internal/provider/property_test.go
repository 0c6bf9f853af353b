package provider_test

import (
	"flag"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// casesEnv says how many cases of each kind TestProperties tries; VDAM_PROPERTY_CASES=1000 is for a thorough run.
const (
	casesEnv     = "VDAM_PROPERTY_CASES"
	casesDefault = "20"
)

// property is what TestProperties needs to know of a kind.
type property struct {
	// furnish makes what the kind's objects refer to, at each operator.
	furnish func(g *grounds, t *testing.T, operator string)
	// draw draws a valid configuration.
	draw func(g *grounds, t *rapid.T) object
	// changes are by the names that the golden ledger of replacements has for them. A change returns the attributes
	// that it sets anew; none if there is none of its sort to be made.
	changes map[string]func(g *grounds, t *rapid.T, config object) object
}

var properties = map[string]property{
	"vdam_backup_plan":       {furnish: furnishPlans, draw: drawPlan, changes: planChanges},
	"vdam_backup_vault":      {draw: drawVault, changes: vaultChanges},
	"vdam_network":           {draw: drawNetwork, changes: networkChanges},
	"vdam_security_group":    {furnish: furnishGroups, draw: drawGroup, changes: groupChanges},
	"vdam_storage_volume":    {draw: drawVolume, changes: volumeChanges},
	"vdam_virtual_machine":   {furnish: furnishMachines, draw: drawMachine, changes: machineChanges},
	"vdam_volume_attachment": {furnish: furnishAttachments, draw: drawAttachment, changes: attachmentChanges},
}

// grounds is where the cases of one kind are played: one sandbox, one provider, and what they refer to.
type grounds struct {
	*terraform
	env *acctest.Env
	// offers are the operators' catalogues, made what stands at them for all cases, as full ids by short names.
	offers map[string]offer
	made   map[string]map[string]string
	// lasting are the ids, without the operator, of what the cases must leave alone.
	lasting map[string]bool
}

// TestProperties plays the life of random objects of every kind at random operators: what is valid is made as planned,
// and a second plan finds nothing to do; a change happens in place or by the replacement that the golden ledger has for
// it; an import gives the same state; and after destruction nothing is left.
//
// It tries 20 cases of each kind, or as many as VDAM_PROPERTY_CASES says; issue a thorough run with
//
//	VDAM_PROPERTY_CASES=1000 go test ./internal/provider -run TestProperties
//
// A failure is shrunk and printed with the -rapid.seed that repeats it.
func TestProperties(t *testing.T) {
	setCases(t)
	ledger := readLedger(t)
	for name, p := range inOrder(properties) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGrounds(t, p)
			rapid.Check(t, func(t *rapid.T) { g.play(t, name, p, ledger) })
		})
	}
}

// setCases says how many cases a property tries.
func setCases(t *testing.T) {
	t.Helper()
	cases := casesDefault
	if wanted := os.Getenv(casesEnv); wanted != "" {
		cases = wanted
	}
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", cases); err != nil {
			t.Fatalf("%s: %v", casesEnv, err)
		}
	}
}

func newGrounds(t *testing.T, p property) *grounds {
	t.Helper()
	env := acctest.StartWith(t, sandbox.Options{}) // Transitions take no time.
	b := block(env)
	b["default_labels"] = object{"suite": "properties"}
	g := &grounds{
		terraform: start(t, b), env: env, offers: readOffers(t), made: map[string]map[string]string{}, lasting: map[string]bool{},
	}
	for _, operator := range env.Operators() {
		g.made[operator] = map[string]string{}
		if p.furnish != nil {
			p.furnish(g, t, operator)
		}
		for _, o := range g.left(t, operator) {
			g.lasting[o.ID] = true
		}
	}
	return g
}

// stand makes something that cases refer to.
func (g *grounds) stand(t *testing.T, operator, typeName string, config object) {
	t.Helper()
	config = set(config, "operator", operator)
	g.made[operator][config["name"].(string)] = text(g.create(t, typeName, config).value, "id")
}

// left are the objects at an operator that no case may touch, or that a case has left over.
func (g *grounds) left(t tester, operator string) (left []sandbox.Object) {
	t.Helper()
	all, err := g.env.Box.Objects(g.ctx, operator)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(o sandbox.Object) bool { return g.lasting[o.ID] })
}

// clear removes what a failed case has left over, so that it does not stand in the way of the next.
func (g *grounds) clear(t *rapid.T) {
	for _, operator := range g.env.Operators() {
		for _, o := range slices.Backward(g.left(t, operator)) {
			_ = g.env.Box.Remove(g.ctx, operator, o.ID) // It may have gone with another one.
		}
	}
}

// play is one case.
func (g *grounds) play(t *rapid.T, name string, p property, ledger map[string]string) {
	t.Cleanup(func() { g.clear(t) })
	config := p.draw(g, t)
	t.Logf("configuration: %v", config)
	g.valid(t, name, config)
	s := g.create(t, name, config)
	g.checkRefresh(t, name, s, config)

	changed, keys := g.change(t, p, config)
	t.Logf("changed by %v: %v", keys, changed)
	g.valid(t, name, changed)
	s, config = g.carryOut(t, name, s, config, changed, g.meanings(t, name, keys, ledger))
	g.checkRefresh(t, name, s, config)
	g.checkImport(t, name, s, config)
	g.finish(t, name, s, config)
}

func (g *grounds) valid(t *rapid.T, name string, config object) {
	t.Helper()
	typ := g.schema(name).ValueType()
	if diags := g.validate(t, name, valueOf(t, typ, config)); len(diags) > 0 {
		t.Fatalf("the configuration is not valid:\n%s", show(diags))
	}
}

// change makes one to three changes of different attributes, for a second one would take the first back, and names
// those that it made.
func (g *grounds) change(t *rapid.T, p property, config object) (changed object, keys []string) {
	changed = maps.Clone(config)
	all := slices.Sorted(maps.Keys(p.changes))
	attribute := func(key string) string {
		name, _, _ := strings.Cut(key, ",")
		name, _, _ = strings.Cut(name, ".")
		return name
	}
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		key := rapid.SampledFrom(all).Draw(t, "change")
		next := maps.Clone(changed)
		maps.Copy(next, p.changes[key](g, t, changed))
		again := slices.ContainsFunc(keys, func(k string) bool { return attribute(k) == attribute(key) })
		if !reflect.DeepEqual(next, changed) && !again {
			changed, keys = next, append(keys, key)
		}
	}
	return changed, keys
}

// ledgerLine is one of the golden ledger: a change and what it means.
var ledgerLine = regexp.MustCompile(`^(vdam_\S+?(?:, left out)?) +(.+)$`)

// readLedger is the golden ledger of what changes mean, as far as deletion protection is off.
func readLedger(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/replacement.golden")
	if err != nil {
		t.Fatal(err)
	}
	unprotected, _, _ := strings.Cut(string(raw), "While deletion_protection is on:")
	ledger := map[string]string{}
	for line := range strings.Lines(unprotected) {
		if m := ledgerLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			ledger[m[1]] = m[2]
		}
	}
	return ledger
}

// meanings are what the ledger says of the changes made.
func (g *grounds) meanings(t *rapid.T, name string, keys []string, ledger map[string]string) (meanings []string) {
	for _, key := range keys {
		meaning, ok := ledger[name+"."+key]
		if !ok {
			t.Fatalf("the golden ledger has no %s.%s", name, key)
		}
		meaning, _, _ = strings.Cut(meaning, ",")
		if !slices.Contains(meanings, meaning) {
			meanings = append(meanings, meaning)
		}
	}
	return meanings
}

// carryOut applies a changed configuration as Terraform does, and checks that it means what the ledger says.
func (g *grounds) carryOut(t *rapid.T, name string, s state, config, changed object, meanings []string) (state, object) {
	p := g.plan(t, name, s, changed)
	replaces := slices.Contains(meanings, "replace")
	if replaces && flagOf(s.value, "deletion_protection") {
		if !hasError(p.diags) || !strings.Contains(p.diags[0].Summary, "would destroy") {
			t.Fatalf("the replacement of a protected object is not refused: %s", show(p.diags))
		}
		return s, config
	}
	if hasError(p.diags) || !keepsShorter(config, changed) {
		clean(t, "the plan of the change", p.diags)
	}
	switch {
	case replaces != (len(p.replace) > 0):
		t.Fatalf("it is replaced for %v, and the ledger says %v", p.replace, meanings)
	case slices.Equal(meanings, []string{"no change"}):
		g.same(t, "the plan of what is no change", p.value, s.value)
	case replaces:
		g.destroy(t, name, s)
		return g.create(t, name, changed), changed
	}
	was := text(s.value, "id")
	s, diags := g.apply(t, name, s, p, changed)
	clean(t, "the change", diags)
	if got := text(s.value, "id"); got != was {
		t.Fatalf("a change in place made %s of %s", got, was)
	}
	again := g.plan(t, name, s, changed)
	clean(t, "the plan after the change", again.diags)
	g.same(t, "the plan after the change", again.value, s.value)
	return s, changed
}

func flagOf(v tftypes.Value, name string) (on bool) {
	if f, ok := fields(v)[name]; ok && f.IsKnown() && !f.IsNull() {
		if err := f.As(&on); err != nil {
			panic(err)
		}
	}
	return on
}

// checkRefresh reads an object, which has to be as it is in the state.
func (g *grounds) checkRefresh(t *rapid.T, name string, s state, config object) {
	read, diags := g.read(t, name, s)
	clean(t, "the refresh", diags)
	g.same(t, "the refresh", read.value, s.value)
	p := g.plan(t, name, read, config)
	clean(t, "the plan after the refresh", p.diags)
	g.same(t, "the plan after the refresh", p.value, s.value)
}

// same compares what should be the state.
func (g *grounds) same(t *rapid.T, what string, got, want tftypes.Value) {
	t.Helper()
	for at, v := range inOrder(fields(want)) {
		if is := fields(got)[at]; !is.Equal(v) {
			t.Fatalf("%s has for %s\n%s\nwhere the state has\n%s", what, at, is, v)
		}
	}
}

// checkImport imports an object, whose state has to be the same but for what no operator knows.
func (g *grounds) checkImport(t *rapid.T, name string, s state, config object) {
	imported, diags := g.imported(t, name, text(s.value, "id"), nil)
	clean(t, "the import", diags)
	for at, v := range inOrder(fields(s.value)) {
		got := fields(imported.value)[at]
		if unread(at) {
			if !got.IsNull() {
				t.Errorf("%s was imported as %s", at, got)
			}
		} else if want := withoutEmpty(v); !withoutEmpty(got).Equal(want) {
			t.Errorf("%s is %s, and was imported as %s", at, v, got)
		}
	}
	wanted := valueOf(t, g.schema(name).ValueType(), config)
	wanted, err := tftypes.Transform(withoutEmpty(wanted), func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if unread(pathText(at)) {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := g.plan(t, name, imported, wanted)
	clean(t, "the plan after the import", p.diags)
	g.same(t, "the plan after the import", p.value, imported.value)
}

// withoutEmpty makes null of what is empty, which an operator answers alike, and takes off a key the white space that
// it has around it in a file.
func withoutEmpty(v tftypes.Value) tftypes.Value {
	out, err := tftypes.Transform(v, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		_, isObject := v.Type().(tftypes.Object)
		var s string
		switch {
		case v.IsNull() || !v.IsKnown() || isObject:
			return v, nil
		case v.Type().Is(tftypes.String):
			if err := v.As(&s); err != nil || !strings.HasPrefix(s, "ssh-") {
				return v, err
			}
			return tftypes.NewValue(tftypes.String, strings.TrimSpace(s)), nil
		case v.Type().Is(tftypes.Map{}) && len(fields(v)) == 0,
			(v.Type().Is(tftypes.List{}) || v.Type().Is(tftypes.Set{})) && len(elements(v)) == 0:
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err)
	}
	return out
}

// finish destroys an object, which is refused while it is protected, and looks for what is left.
func (g *grounds) finish(t *rapid.T, name string, s state, config object) {
	if flagOf(s.value, "deletion_protection") {
		if p := g.plan(t, name, s, nil); !hasError(p.diags) {
			t.Fatal("the destruction of a protected object is not refused")
		}
		config = set(config, "deletion_protection", false)
		p := g.plan(t, name, s, config)
		clean(t, "the plan of taking the protection off", p.diags)
		open, diags := g.apply(t, name, s, p, config)
		clean(t, "taking the protection off", diags)
		s = open
	}
	g.destroy(t, name, s)
}

// destroy destroys an object, of which nothing may be left but a boot disk that was to be kept.
func (g *grounds) destroy(t *rapid.T, name string, s state) {
	p := g.plan(t, name, s, nil)
	clean(t, "the plan of the destruction", p.diags)
	after, diags := g.apply(t, name, s, p, nil)
	clean(t, "the destruction", diags)
	if !after.value.IsNull() {
		t.Fatalf("after its destruction, the state has %s", after.value)
	}
	_, disk, _ := strings.Cut(text(s.value, "boot_volume_id"), "/")
	retained := name == "vdam_virtual_machine" && (text(fields(s.value)["boot_disk"], "on_destroy") != "delete")
	for _, operator := range g.env.Operators() {
		for _, o := range g.left(t, operator) {
			if !retained || o.ID != disk {
				t.Errorf("the destruction has left %s %s at %s", o.Kind, o.Name, operator)
				continue
			}
			retained = false
			if text(fields(s.value)["boot_disk"], "on_destroy") == "" {
				continue // It was there before, and may be booted by a replacement.
			}
			if err := g.env.Box.Remove(g.ctx, operator, o.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if retained {
		t.Errorf("the boot disk %s has not outlived its machine", disk)
	}
}
