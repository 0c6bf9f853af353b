package velero

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// has puts an object of Velero's into the cluster.
func (c *cluster) has(resource, name string, labels, spec object) {
	c.objects[path(resource, name)] = object{"metadata": object{"name": name, "labels": labels}, "spec": spec}
}

// TestTidy removes what a series has needed, what Velero has brought from its vault beside it, and nothing of others.
func TestTidy(t *testing.T) {
	c := newCluster(t)
	ours, others := object{seriesLabel: "s", orderLabel: "drill"}, object{seriesLabel: "s", orderLabel: "other"}
	c.has("backupstoragelocations", "drill", ours, nil)
	c.has("backups", "nightly-1", object{seriesLabel: "s", orderLabel: "drill", locationLabel: "drill"}, nil)
	c.has("backups", "nightly-0", object{locationLabel: "drill"}, nil)
	c.has("backups", "own", object{locationLabel: "own"}, nil)
	c.has("restores", "drill", ours, object{})
	c.has("restores", "other", others, object{})
	c.objects[secrets("drill")] = object{"metadata": object{"name": "drill", "labels": ours}}
	c.objects[secrets("own")] = object{"metadata": object{"name": "own"}}
	c.objects["/api/v1/namespaces/drill-shop"] = object{"metadata": object{"name": "drill-shop", "labels": ours}}
	c.objects["/api/v1/namespaces/shop"] = object{"metadata": object{"name": "shop"}}
	if err := (&restores{clusters: c.plans(nil, noon).clusters}).Tidy(t.Context(), "c", "s", "drill"); err != nil {
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

// TestTidyWaits for what Velero still restores, as it would make the namespaces again.
func TestTidyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{objects: map[string]object{}}
		a := reached("", &http.Client{Transport: direct(c.serve)})
		c.has("restores", "drill", object{seriesLabel: "s"}, nil)
		c.objects[path("restores", "drill")]["status"] = object{"phase": "InProgress"}
		c.objects["/api/v1/namespaces/drill-shop"] = object{"metadata": object{"name": "drill-shop", "labels": object{seriesLabel: "s"}}}
		if err := a.tidy(t.Context(), seriesLabel+"=s", true); err == nil || !strings.Contains(err.Error(), "Velero is still at a restore") {
			t.Errorf("tidying up while Velero restores ends with %v", err)
		}
		if len(c.objects) != 2 {
			t.Errorf("there is left: %v", c.objects)
		}
		c.objects[path("restores", "drill")]["status"] = object{"phase": failed}
		if err := a.tidy(t.Context(), seriesLabel+"=s", true); err != nil || len(c.objects) != 0 {
			t.Errorf("there is left: %v, %v", c.objects, err)
		}
	})
}

// direct answers without a network, of which synthetic time knows nothing.
type direct http.HandlerFunc

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d(w, r)
	return w.Result(), nil
}

// TestClearing tells of what is left, and takes nothing from under Velero.
func TestClearing(t *testing.T) {
	for runs, want := range map[bool]int{true: 1, false: 0} {
		c := newCluster(t)
		c.has("backupstoragelocations", "drill", object{seriesLabel: "s"}, nil)
		var out cloud.ClusterRestored
		a := &attempt{api: c.api(), out: &out, runs: runs, order: cloud.ClusterRestoreOrder{Name: "drill", Series: "s"}}
		a.clear(t.Context())
		if len(c.objects) != want || (out.Left != "") != runs {
			t.Errorf("with a restore that runs, %t, there is left %v, and it says %q", runs, c.objects, out.Left)
		}
	}
	c := newCluster(t)
	c.server.Close()
	var out cloud.ClusterRestored
	(&attempt{api: reached(c.server.URL, http.DefaultClient), out: &out}).clear(t.Context())
	if out.Left == "" {
		t.Error("what could not be removed is not told")
	}
}

// TestTurns: of what restores and tidies up in a cluster, one goes on at a time.
func TestTurns(t *testing.T) {
	c := newCluster(t)
	r := &restores{clusters: c.plans(nil, noon).clusters}
	r.operator.VaultAccess = &vaultKeys{}
	done, err := r.turn(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Tidy(ctx, "c", "s", "drill"); err == nil || c.minted != 0 {
		t.Errorf("tidying up during a restore ends with %v", err)
	}
	if _, err := r.Restore(ctx, cloud.ClusterRestoreOrder{ClusterID: "c", Limit: time.Minute}); err == nil || c.minted != 0 {
		t.Errorf("a restore during another ends with %v", err)
	}
	if err := r.Tidy(t.Context(), "d", "s", "drill"); err != nil {
		t.Errorf("tidying up in another cluster ends with %v", err)
	}
	done()
	if err := r.Tidy(t.Context(), "c", "s", "drill"); err != nil {
		t.Errorf("tidying up after a restore ends with %v", err)
	}
}
