package velero

import (
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// has puts an object of Velero's into the cluster.
func (c *cluster) has(resource, name string, labels, spec object) {
	c.objects[path(resource, name)] = object{"metadata": object{"name": name, "labels": labels}, "spec": spec}
}

// TestTidy removes what a series has needed, what Velero has brought from its vault beside it, and nothing of others.
func TestTidy(t *testing.T) {
	c := newCluster(t)
	ours, others := object{seriesLabel: "s"}, object{seriesLabel: "other"}
	c.has("backupstoragelocations", "drill", ours, nil)
	c.has("backups", "nightly-1", object{seriesLabel: "s", locationLabel: "drill"}, nil)
	c.has("backups", "nightly-0", object{locationLabel: "drill"}, nil)
	c.has("backups", "own", object{locationLabel: "own"}, nil)
	c.has("restores", "drill", ours, object{})
	c.has("restores", "other", others, object{})
	c.objects[secrets("drill")] = object{"metadata": object{"name": "drill", "labels": ours}}
	c.objects[secrets("own")] = object{"metadata": object{"name": "own"}}
	c.objects["/api/v1/namespaces/drill-shop"] = object{"metadata": object{"name": "drill-shop", "labels": ours}}
	c.objects["/api/v1/namespaces/shop"] = object{"metadata": object{"name": "shop"}}
	if err := (&restores{c.plans(nil, noon).clusters}).Tidy(t.Context(), "c", "s"); err != nil {
		t.Fatal(err)
	}
	var left []string
	for at := range c.objects {
		left = append(left, at[strings.LastIndex(at, "/")+1:])
	}
	slices.Sort(left)
	if got := strings.Join(left, " "); got != "other own own shop" {
		t.Errorf("there is left: %s", got)
	}
}

// TestLocations: Velero brings the backups of a vault into the cluster that writes them alone.
func TestLocations(t *testing.T) {
	for _, readOnly := range []bool{true, false} {
		spec, _ := storageLocation("a", nil, cloud.VaultKey{}, "clusters/a", readOnly)["spec"].(object)
		if got := spec["backupSyncPeriod"]; (got == "0s") != readOnly {
			t.Errorf("a location that is read-only, %t, is looked at every %v", readOnly, got)
		}
	}
}
