package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// world has one object of each kind at lvrtc with all set that can be, and others to refer to.
type world struct {
	*terraform
	box     *sandbox.Sandbox
	configs map[string]object
	states  map[string]state
	// ids are of further objects, by type and name.
	ids map[string]string
	// restored were restored from a backup, and restoredBy are their configurations.
	restored   map[string]state
	restoredBy map[string]object
}

func newWorld(t *testing.T) *world {
	t.Helper()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	w := &world{
		terraform: start(t, block(env)), box: env.Box,
		configs: map[string]object{}, states: map[string]state{}, ids: map[string]string{},
		restored: map[string]state{}, restoredBy: map[string]object{},
	}
	other := func(typeName string, config object) {
		w.ids[strings.TrimPrefix(typeName, "vdam_")+" "+config["name"].(string)] = text(w.create(t, typeName, config).value, "id")
	}
	other("vdam_network", object{"name": "n-1", "cidr": "10.30.0.0/24"})
	other("vdam_network", object{"name": "n-2", "cidr": "10.31.0.0/24"})
	other("vdam_security_group", object{"name": "g-1"})
	other("vdam_security_group", object{"name": "g-2"})
	for _, name := range []string{"v-1", "v-2"} {
		other("vdam_storage_volume", object{"name": name, "size_gib": 10, "deletion_protection": false, "zone": "riga-2"})
	}
	machine := maps.Clone(minimal["vdam_virtual_machine"])
	maps.Copy(machine, object{"name": "m-1", "zone": "riga-2"})
	other("vdam_virtual_machine", machine)
	for _, name := range []string{
		"vdam_network", "vdam_security_group", "vdam_storage_volume", "vdam_virtual_machine", "vdam_container_cluster", "vdam_node_pool",
		"vdam_backup_vault", "vdam_backup_plan", "vdam_backup",
	} {
		config := full[name][0]
		if name == "vdam_virtual_machine" {
			config = set(config, "deletion_protection", false)
			config = set(config, "network_interfaces", []any{
				object{"network_id": w.ids["network n-1"], "ip_address": "10.30.0.7", "security_group_ids": []any{w.ids["security_group g-1"]}},
			})
		}
		if name == "vdam_security_group" {
			config = set(config, "rules.1.remote_security_group_id", w.ids["security_group g-1"])
		}
		switch name {
		case "vdam_container_cluster":
			config = set(config, "network_id", w.ids["network n-1"])
		case "vdam_node_pool":
			config = set(config, "cluster_id", text(w.states["vdam_container_cluster"].value, "id"))
		case "vdam_backup_plan":
			config = set(config, "vault_id", text(w.states["vdam_backup_vault"].value, "id"))
			config = set(config, "sources", []any{w.ids["storage_volume v-1"]})
		case "vdam_backup":
			config = set(config, "plan_id", text(w.states["vdam_backup_plan"].value, "id"))
		}
		w.configs[name], w.states[name] = config, w.create(t, name, config)
	}
	attachment := object{
		"volume_id": w.ids["storage_volume v-1"], "virtual_machine_id": text(w.states["vdam_virtual_machine"].value, "id"),
		"timeouts": object{"create": "5m"},
	}
	w.configs["vdam_volume_attachment"] = attachment
	w.states["vdam_volume_attachment"] = w.create(t, "vdam_volume_attachment", attachment)
	from := object{
		"vault_id": text(w.states["vdam_backup_vault"].value, "id"), "encryption_key_wo": backupKey, "source_id": w.ids["storage_volume v-1"],
	}
	w.restoredBy["vdam_storage_volume"] = object{"name": "restored", "size_gib": 10, "deletion_protection": false, "restore_from": from}
	booted := set(set(minimal["vdam_virtual_machine"], "name", "restored"), "image", nil)
	w.restoredBy["vdam_virtual_machine"] = set(booted, "restore_from", from)
	for _, name := range []string{"vdam_storage_volume", "vdam_virtual_machine"} {
		w.restored[name] = w.create(t, name, w.restoredBy[name])
	}
	for _, name := range []string{"vdam_backup_vault", "vdam_backup_plan"} { // A run has changed what is to be seen of them.
		read, diags := w.read(t, name, w.states[name])
		clean(t, "reading "+name, diags)
		w.states[name] = read
	}
	return w
}

// set is a configuration with another value at a path such as rules.0.port_min.
func set(config object, at string, v any) object {
	return setPart(config, strings.Split(at, "."), v).(object)
}

func setPart(part any, steps []string, v any) any {
	if len(steps) == 0 {
		return v
	}
	if list, ok := part.([]any); ok {
		i, err := strconv.Atoi(steps[0])
		if err != nil {
			panic(err)
		}
		list = slices.Clone(list)
		list[i] = setPart(list[i], steps[1:], v)
		return list
	}
	o, _ := part.(object)
	if o = maps.Clone(o); o == nil {
		o = object{}
	}
	o[steps[0]] = setPart(o[steps[0]], steps[1:], v)
	return o
}

// changes has another value for everything that can be set. Nil leaves it out.
func (w *world) changes() map[string]map[string][]any {
	named := func(more map[string][]any) map[string][]any {
		maps.Copy(more, map[string][]any{
			"operator": {"iem-ic", nil}, "name": {"another"}, "description": {"Cits apraksts", nil},
			"labels": {object{"tier": "back"}, nil}, "timeouts": {nil},
			"timeouts.create": {"6m", nil}, "timeouts.update": {"6m", nil}, "timeouts.delete": {"6m", nil},
		})
		return more
	}
	return map[string]map[string][]any{
		"vdam_backup": named(map[string][]any{
			"plan_id": {"lvrtc/plan-2"}, "keepers": {object{"release": "2"}, nil}, "encryption_key_wo": {acctest.NewBackupKey()},
		}),
		"vdam_backup_plan": named(map[string][]any{
			"sources": {[]any{w.ids["storage_volume v-2"]}}, "vault_id": {"lvrtc/vault-2"}, "allow_same_operator": {nil},
			"schedule": {"0 3 * * *", nil}, "retention": {"240h", "744h"}, "rpo": {"48h", nil}, "paused": {true, nil},
			"consistency":       {"crash", nil},
			"encryption_key_wo": {acctest.NewBackupKey()}, "encryption_key_wo_version": {2, nil},
		}),
		"vdam_backup_vault": named(map[string][]any{
			"immutability": {nil}, "immutability.mode": {"compliance"}, "immutability.days": {8, 6}, "retention_days": {40, 5, 30},
			"quota_gib": {200, nil}, "beneficiary": {"lnb", nil}, "deletion_protection": {true, nil},
		}),
		"vdam_network": named(map[string][]any{"cidr": {"10.21.0.0/24"}, "dns_servers": {[]any{"192.0.2.54"}, nil}}),
		"vdam_security_group": named(map[string][]any{
			"rules": {nil}, "rules.0.direction": {"egress"}, "rules.0.protocol": {"udp"}, "rules.0.port_min": {80}, "rules.0.port_max": {444},
			"rules.0.remote_cidr": {"198.51.100.0/24", nil}, "rules.0.description": {"http", nil},
			"rules.1.remote_security_group_id": {w.ids["security_group g-2"], nil},
		}),
		"vdam_storage_volume": named(map[string][]any{
			"size_gib": {30, 10}, "class": {"standard", nil}, "zone": {"riga-1", nil}, "deletion_protection": {true, nil},
			"restore_from": {nil}, "restore_from.vault_id": {"lvrtc/vault-2"}, "restore_from.encryption_key_wo": {acctest.NewBackupKey()},
			"restore_from.recovery_point_id": {"another"}, "restore_from.source_id": {"iem-ic/vol-2"},
		}),
		"vdam_virtual_machine": named(map[string][]any{
			"zone": {"riga-1", nil}, "vcpus": {4}, "memory_mib": {4096}, "power_state": {"stopped", nil},
			"deletion_protection": {true, nil}, "image": {"lvrtc/debian-12-20251110"}, "boot_volume_id": {w.ids["storage_volume v-2"]},
			"boot_disk": {nil}, "boot_disk.size_gib": {30, 10}, "boot_disk.class": {"standard", nil}, "boot_disk.on_destroy": {"delete"},
			"network_interfaces": {nil}, "network_interfaces.0.network_id": {w.ids["network n-2"]},
			"network_interfaces.0.ip_address":         {"10.30.0.8", nil},
			"network_interfaces.0.security_group_ids": {[]any{w.ids["security_group g-2"]}, nil},
			"ssh_authorized_keys":                     {[]any{"ssh-ed25519 CCCC c"}, nil}, "user_data": {"#!/bin/sh", nil},
			"user_data_wo": {"#!/bin/sh"}, "user_data_wo_version": {2},
			"restore_from": {nil}, "restore_from.vault_id": {"lvrtc/vault-2"}, "restore_from.encryption_key_wo": {acctest.NewBackupKey()},
			"restore_from.recovery_point_id": {"another"}, "restore_from.source_id": {"iem-ic/vm-2"},
		}),
		"vdam_container_cluster": named(w.clusterChanges()),
		"vdam_node_pool": named(poolChanges("", map[string][]any{
			"cluster_id": {"lvrtc/c-2"}, "zone": {"riga-1", nil},
		})),
		"vdam_volume_attachment": {
			"operator": {"iem-ic", "lvrtc"}, "volume_id": {w.ids["storage_volume v-2"]},
			"virtual_machine_id": {w.ids["virtual_machine m-1"]}, "timeouts": {nil},
			"timeouts.create": {"6m", nil}, "timeouts.update": {"6m"}, "timeouts.delete": {"6m"},
		},
	}
}

// TestReplacement writes down what a change of each attribute means, from plans over objects that really exist.
func TestReplacement(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	w.writeDown(t, &out, w.changes())
	out.WriteString("While deletion_protection is on:\n\n")
	w.protect(t)
	for _, at := range []string{"vdam_storage_volume.class", "vdam_storage_volume.zone", "vdam_storage_volume.operator",
		"vdam_virtual_machine.image", "vdam_virtual_machine.zone"} {
		name, attribute, _ := strings.Cut(at, ".")
		fmt.Fprintf(&out, "%-62s %s\n", at, w.meaning(t, name, attribute, w.changes()[name][attribute][0]))
	}
	golden(t, "replacement", out.String())
}

// writeDown makes a ledger of what changes mean, and checks that none is forgotten.
func (w *world) writeDown(t *testing.T, out *strings.Builder, all map[string]map[string][]any) {
	t.Helper()
	for name, changes := range inOrder(all) {
		left := settable(w.schema(name).Block.Attributes, "", map[string]bool{})
		for at, values := range inOrder(changes) {
			left[bareIndex(at)] = true
			for i, v := range values {
				what := name + "." + bareIndex(at)
				switch {
				case v == nil:
					what += ", left out"
				case i > 0:
					what += fmt.Sprintf(" = %v", v)
				}
				fmt.Fprintf(out, "%-62s %s\n", what, w.meaning(t, name, at, v))
			}
		}
		for at, done := range inOrder(left) {
			if !done {
				t.Errorf("no change of %s.%s is tried", name, at)
			}
		}
		for _, at := range computed(w.schema(name).Block.Attributes, "") {
			fmt.Fprintf(out, "%-62s computed\n", name+"."+at)
		}
		out.WriteString("\n")
	}
}

// meaning plans one change.
func (w *world) meaning(t *testing.T, name, at string, v any) string {
	t.Helper()
	config, s := set(w.configs[name], at, v), w.states[name]
	if at == "user_data_wo" { // First from the one to the other.
		w.change(t, name, set(set(set(w.configs[name], "user_data", nil), "user_data_wo", "a"), "user_data_wo_version", 1))
		config, s = set(w.configs[name], at, v), w.states[name]
	}
	if strings.HasPrefix(at, "restore_from") {
		config, s = set(w.restoredBy[name], at, v), w.restored[name]
	}
	if at == "restore_from.recovery_point_id" {
		config = set(config, "restore_from.source_id", nil)
	}
	if at == "boot_volume_id" {
		config = set(set(config, "boot_disk", nil), "image", nil)
	}
	if diags := w.validate(t, name, config); hasError(diags) {
		return "invalid: " + diags[0].Summary
	}
	p := w.plan(t, name, s, config)
	switch {
	case hasError(p.diags):
		return "refused at plan: " + p.diags[0].Summary
	case len(p.replace) > 0:
		var paths []string
		for _, r := range p.replace {
			paths = append(paths, pathText(r))
		}
		if got := strings.Join(paths, ", "); got != at && !strings.HasPrefix(at, got+".") {
			return "replace, for " + got
		}
		return "replace"
	case p.value.Equal(s.value):
		return "no change"
	case len(p.diags) > 0:
		return "in place, with a warning: " + p.diags[0].Summary
	}
	return "in place"
}

// change carries a change out, which must be one in place.
func (w *world) change(t *testing.T, name string, config object) {
	t.Helper()
	p := w.plan(t, name, w.states[name], config)
	clean(t, "the plan of "+name, p.diags)
	if len(p.replace) > 0 {
		t.Fatalf("%s is replaced for %v", name, p.replace)
	}
	s, diags := w.apply(t, name, w.states[name], p, config)
	clean(t, "the change of "+name, diags)
	w.configs[name], w.states[name] = config, s
}

// protect turns protection on.
func (w *world) protect(t *testing.T) {
	t.Helper()
	for _, name := range []string{"vdam_storage_volume", "vdam_virtual_machine"} {
		w.change(t, name, set(w.configs[name], "deletion_protection", true))
	}
}

// TestChangesWithoutAnOrder changes what only Terraform sees: the operator is sent nothing.
func TestChangesWithoutAnOrder(t *testing.T) {
	w := newWorld(t)
	for name, config := range inOrder(w.configs) {
		w.box.ResetRequests()
		w.change(t, name, set(config, "timeouts.update", "7m"))
		w.change(t, name, set(config, "timeouts", nil))
		for _, r := range w.box.Requests() {
			if r.Method != "GET" {
				t.Errorf("%s: a change of timeouts led to %s %s", name, r.Method, r.Path)
			}
		}
	}
}

// computed are the paths of what cannot be set.
func computed(attributes []*tfprotov6.SchemaAttribute, prefix string) (paths []string) {
	for _, a := range attributes {
		if a.Computed && !a.Optional {
			paths = append(paths, prefix+a.Name)
		} else if a.NestedType != nil {
			paths = append(paths, computed(a.NestedType.Attributes, prefix+a.Name+".")...)
		}
	}
	slices.Sort(paths)
	return paths
}

// bareIndex is a path without indices.
func bareIndex(at string) string {
	return strings.NewReplacer(".0.", ".", ".1.", ".", ".web.", ".").Replace(at)
}

// inOrder goes through a map in the order of its keys.
func inOrder[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
