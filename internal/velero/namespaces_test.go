package velero

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestNamespaces are those that a restore makes, and what it refuses before it has made anything.
func TestNamespaces(t *testing.T) {
	untouched := []string{"default/default", "shop/default", "db/default"}
	backup := contents{
		"v1/ServiceAccount": untouched, "v1/ConfigMap": {"default/kube-root-ca.crt", "shop/settings"}, "v1/Secret": {"db/password"},
		"v1/Service": {"default/kubernetes"}, "v1/Endpoints": {"default/kubernetes"}, "v1/Event": {"default/started"},
	}
	used := maps.Clone(backup)
	used["v1/Service"] = append([]string{"default/page"}, backup["v1/Service"]...)
	same := func(name string) (string, bool) { return name, true }
	for name, c := range map[string]struct {
		backup  contents
		named   []string
		becomes func(string) (string, bool)
		exists  bool
		want    string
		refusal string
	}{
		"default is each cluster's own": {backup, nil, same, false, "db shop", ""},
		"default is used":               {used, nil, same, false, "", "the namespace default, which default would be restored into, exists"},
		"one exists":                    {used, nil, same, true, "db default shop", ""},
		"a name that is not there":      {backup, []string{"shop", "shopp"}, same, false, "", "in the namespace shopp; there is of db, shop"},
		"two become one": {
			backup, nil, func(string) (string, bool) { return "all", true }, false, "",
			"both db and shop of the backup would become the namespace all",
		},
	} {
		at := newCluster(t)
		at.objects["/api/v1/namespaces/default"] = object{}
		var out cloud.ClusterRestored
		a := &attempt{api: at.api(), out: &out, order: cloud.ClusterRestoreOrder{Named: c.named, Namespace: c.becomes, IntoExisting: c.exists}}
		if err := a.mapNamespaces(t.Context(), c.backup); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.Refusal, c.refusal) || (out.Refusal == "") != (c.refusal == "") {
			t.Errorf("%s: the refusal is %q", name, out.Refusal)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(out.Namespaces)), " "); c.refusal == "" && got != c.want {
			t.Errorf("%s: restored would be %s", name, got)
		}
	}
}
