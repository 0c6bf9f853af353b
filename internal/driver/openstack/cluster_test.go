package openstack

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func TestVersionOf(t *testing.T) {
	for _, c := range []struct {
		tags []string
		want string
	}{
		{[]string{"v1.34.4"}, "1.34.4"}, {[]string{"1.34.4"}, "1.34.4"}, {[]string{"v1.21.11-rancher1"}, "1.21.11"},
		{[]string{"", "v1.34.4"}, "1.34.4"}, {[]string{"<nil>", "master"}, ""}, {[]string{"v1.34"}, ""}, {nil, ""},
	} {
		if got := versionOf(c.tags...); got != c.want {
			t.Errorf("%q says %q, want %q", c.tags, got, c.want)
		}
	}
}

func TestMagnumLabels(t *testing.T) {
	var r clusterRecord
	const answer = `{"labels": {"kube_tag": "v1.34.4", "boot_volume_size": 20, "auto_healing_enabled": true, "a": null}}`
	if err := json.Unmarshal([]byte(answer), &r); err != nil {
		t.Fatal(err)
	}
	want := magnumLabels{"kube_tag": "v1.34.4", "boot_volume_size": "20", "auto_healing_enabled": "true", "a": "<nil>"}
	if !maps.Equal(r.Labels, want) {
		t.Errorf("got %v, want %v", r.Labels, want)
	}
}

func templatesOf(versions ...string) (all []clusterTemplate) {
	for _, v := range versions {
		all = append(all, clusterTemplate{ID: "of-" + v, Name: "kubernetes-" + v, Labels: magnumLabels{"kube_tag": "v" + v}})
	}
	return all
}

func TestTemplateFor(t *testing.T) {
	s := &session{catalogue: &catalogue{templates: templatesOf("1.34.9", "1.34.10", "1.35.4", "1.34.2")}}
	for version, want := range map[string]string{"1.34": "of-1.34.10", "1.34.2": "of-1.34.2", "1.35": "of-1.35.4", "1.3": "", "1.34.3": ""} {
		got, err := s.templateFor(version)
		if got.ID != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", version, got.ID, err, want)
		}
	}
	var offered []string
	for _, v := range kubernetesVersions(append(s.catalogue.templates, templatesOf("1.35.4")...)) {
		offered = append(offered, v.Version)
	}
	if want := []string{"1.35.4", "1.34.10", "1.34.9", "1.34.2"}; !slices.Equal(offered, want) {
		t.Errorf("it offers %q, want %q", offered, want)
	}
}

// stepsClient is as much of a driver as steps are computed with.
func stepsClient() *clusters {
	return &clusters{session: &session{operator: "lnb", catalogue: &catalogue{
		templates: templatesOf("1.34.4", "1.35.4", "1.36.0"),
		flavors:   []flavor{{ID: "s", VCPUs: 1, RAMMiB: 2048}, {ID: "m", VCPUs: 2, RAMMiB: 4096}},
	}}}
}

func TestPoolSteps(t *testing.T) {
	small := func(nodes int64) cloud.NodePoolSize {
		return cloud.NodePoolSize{VCPUs: 1, MemoryMiB: 2048, Size: nodes}
	}
	type pools = map[string]cloud.NodePoolSize
	there := map[string]nodeGroup{
		"default-worker": {Name: "default-worker", Default: true, Nodes: 2}, "std": {Name: "std", Nodes: 2}, "far": {Name: "far", Nodes: 7},
	}
	for name, c := range map[string]struct {
		from, to pools
		want     []clusterStep
	}{
		"nothing":                  {pools{"std": small(2)}, pools{"std": small(2)}, nil},
		"more nodes":               {pools{"std": small(2)}, pools{"std": small(3)}, []clusterStep{{Do: "resize", Group: "std", Nodes: 3}}},
		"done by somebody else":    {pools{"std": small(3)}, pools{"std": small(2)}, nil},
		"changed by somebody else": {pools{"far": small(3)}, pools{"far": small(3)}, nil},
		"another": {pools{"std": small(2)}, pools{"std": small(2), "new": small(1)},
			[]clusterStep{{Do: "create", Group: "new", Flavor: "s", Nodes: 1}}},
		"one less":      {pools{"std": small(2)}, nil, []clusterStep{{Do: "delete", Group: "std"}}},
		"one gone":      {pools{"old": small(2)}, nil, nil},
		"Magnum's less": {pools{"default-worker": small(2)}, nil, []clusterStep{{Do: "resize", Group: "default-worker"}}},
		"lost":          {pools{"lost": small(2)}, pools{"lost": small(3)}, []clusterStep{{Do: "create", Group: "lost", Flavor: "s", Nodes: 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stepsClient().poolSteps(nil, c.from, c.to, there); !slices.Equal(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestUpgradeSteps(t *testing.T) {
	groups := map[string]nodeGroup{"default-worker": {Default: true}, "std": {}, "old": {}}
	all := []clusterStep{
		{Do: "upgrade", Group: "default-worker", Template: "of-1.35.4"}, {Do: "upgrade", Group: "std", Template: "of-1.35.4"},
	}
	for name, c := range map[string]struct {
		wanted, status string
		want           []clusterStep
		refused        error
	}{
		"the next minor":        {"1.35", "UPDATE_COMPLETE", all, nil},
		"what runs":             {"1.34.4", "UPDATE_COMPLETE", nil, nil},
		"the minor that runs":   {"1.34", "UPDATE_COMPLETE", nil, nil},
		"over a minor":          {"1.36", "UPDATE_COMPLETE", nil, cloud.ErrInvalid},
		"what there is not":     {"1.34.5", "UPDATE_COMPLETE", nil, cloud.ErrInvalid},
		"after a failed change": {"1.35", "UPDATE_FAILED", nil, cloud.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			r := clusterRecord{COEVersion: "v1.34.4", Status: c.status}
			to := cloud.ContainerClusterSpec{KubernetesVersion: c.wanted, NodePools: map[string]cloud.NodePoolSize{"std": {}}}
			got, err := stepsClient().upgradeSteps(r, to, groups)
			if c.refused != nil {
				_ = want(t, err, c.refused) // Nobody looks closer.
			} else if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestNotedSteps(t *testing.T) {
	todo := []clusterStep{{Do: "create", Group: "std", Flavor: "m1.small", Nodes: 3}, {Do: "delete", Group: "old"}}
	p := properties{"tier": "web"}
	p.noteSteps(todo)
	n := noteFrom(neutronObject{Tags: p.tags()})
	if got := n.steps(); !slices.Equal(got, todo) {
		t.Errorf("got %+v, want %+v", got, todo)
	}
	if p.noteSteps(nil); len(p) != 1 {
		t.Errorf("there is still %v", p)
	}
}

func TestClusterStates(t *testing.T) {
	todo := properties{}
	todo.noteSteps([]clusterStep{{Do: "delete", Group: "old"}})
	for _, c := range []struct {
		status     string
		note       *clusterNote
		state      cloud.State
		unfinished bool
	}{
		{"CREATE_IN_PROGRESS", nil, cloud.StateCreating, false},
		{"CREATE_IN_PROGRESS", &clusterNote{properties: todo}, cloud.StateCreating, false},
		{"CREATE_COMPLETE", nil, cloud.StateReady, false}, {"CREATE_COMPLETE", &clusterNote{properties: todo}, cloud.StateUpdating, true},
		{"UPDATE_IN_PROGRESS", &clusterNote{properties: todo}, cloud.StateUpdating, false},
		{"UPDATE_FAILED", &clusterNote{properties: todo}, cloud.StateFailed, false},
		{"DELETE_IN_PROGRESS", nil, cloud.StateDeleting, false}, {"DELETE_FAILED", nil, cloud.StateFailed, false},
		{"ROLLBACK_COMPLETE", nil, cloud.StateReady, false},
	} {
		m := clusterRecord{Status: c.status}.meta(c.note)
		if m.State != c.state || m.Unfinished != c.unfinished {
			t.Errorf("%s is %s (unfinished: %t), want %s", c.status, m.State, m.Unfinished, c.state)
		}
	}
}

func TestReasonOfFailure(t *testing.T) {
	r := clusterRecord{Status: "CREATE_FAILED", StatusReason: "Stack failed.", Faults: map[string]string{"std": "No valid host.", "x": ""}}
	if got, want := r.reason(), "Stack failed. std: No valid host."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (clusterRecord{Status: "UPDATE_FAILED"}).reason(); got != "Magnum says UPDATE_FAILED, and not why." {
		t.Errorf("got %q", got)
	}
}
