package velero

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestKnownBackup: a backup that the cluster knows already is used or refused, and left as it is.
func TestKnownBackup(t *testing.T) {
	location := func(prefix string) object {
		return object{"spec": object{"objectStorage": object{"bucket": "b", "prefix": prefix}}, "status": object{"phase": available}}
	}
	for name, c := range map[string]struct{ location, refusal string }{
		"a plan's":       {"plan", ""},
		"another's":      {"other", "the cluster knows another backup nightly-1, of the storage location other"},
		"without vault":  {"gone", "the cluster knows another backup nightly-1, of the storage location gone"},
		"not looked at ": {"shut", "the cluster knows another backup nightly-1, of the storage location shut"},
	} {
		k := newCluster(t)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusConflict)
				return
			}
			k.serve(w, r)
		}))
		t.Cleanup(server.Close)
		k.has("backups", "nightly-1", nil, object{"storageLocation": c.location})
		k.objects[path("backupstoragelocations", "drill")] = location("clusters/x")
		k.objects[path("backupstoragelocations", "plan")] = location("clusters/x")
		k.objects[path("backupstoragelocations", "other")] = location("clusters/other")
		k.objects[path("backupstoragelocations", "shut")] = object{"spec": location("clusters/x")["spec"], "status": object{"phase": unavailable}}
		var out cloud.ClusterRestored
		a := &attempt{
			api: reached(server.URL, server.Client()), out: &out, labels: object{}, order: cloud.ClusterRestoreOrder{Name: "drill"},
		}
		if err := a.introduce(t.Context(), stored{"metadata": object{"name": "nightly-1"}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.Refusal, c.refusal) || (out.Refusal == "") != (c.refusal == "") {
			t.Errorf("%s: the refusal is %q", name, out.Refusal)
		}
		if k.objects[path("backups", "nightly-1")] == nil {
			t.Errorf("%s: the backup is gone", name)
		}
	}
}

// TestMappings: what changes all restores of a cluster is refused by its name, or noted.
func TestMappings(t *testing.T) {
	plugin := func(labels object) object {
		labels["velero.io/plugin-config"], labels["velero.io/change-image-name"] = "", "RestoreItemAction"
		return object{"metadata": object{"name": "images", "labels": labels}}
	}
	images := map[string]string{"x.example": "y.example"}
	for name, c := range map[string]struct {
		there         object
		images        map[string]string
		refusal, note string
	}{
		"none":                  {nil, images, "", ""},
		"left, and one wanted":  {plugin(object{seriesLabel: "s"}), images, "the ConfigMap images in the namespace velero", ""},
		"left, and none wanted": {plugin(object{seriesLabel: "s"}), nil, "the ConfigMap images in the namespace velero", ""},
		"of the cluster":        {plugin(object{}), nil, "", "The ConfigMap images of the cluster"},
		"both":                  {plugin(object{}), images, "there is the ConfigMap images", ""},
	} {
		k := newCluster(t)
		at := within("/api/v1", namespace, "configmaps")
		if c.there != nil {
			k.objects[at+"/images"] = c.there
		}
		var out cloud.ClusterRestored
		a := &attempt{api: k.api(), out: &out, labels: object{}, order: cloud.ClusterRestoreOrder{Name: "drill", Images: c.images}}
		if err := a.mappings(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.Refusal, c.refusal) || (out.Refusal == "") != (c.refusal == "") {
			t.Errorf("%s: the refusal is %q", name, out.Refusal)
		}
		if !strings.Contains(strings.Join(out.Notes, ""), c.note) || (len(out.Notes) == 0) != (c.note == "") {
			t.Errorf("%s: the notes are %q", name, out.Notes)
		}
		if made := k.objects[at+"/drill-image-name"] != nil; made != (c.there == nil) {
			t.Errorf("%s: a mapping was made, %t", name, made)
		}
	}
}
