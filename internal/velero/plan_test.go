package velero

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// made has a schedule in the cluster, as an order that has been carried out leaves it.
func (c *cluster) made(t *testing.T, name string, keyEnd time.Time, spec cloud.ClusterBackupPlanSpec) {
	t.Helper()
	body, err := newSchedule(name, spec, cloud.CreateOptions{OwnerKey: "0123456789abcdef", Deployment: "test"})
	if err != nil {
		t.Fatal(err)
	}
	notes := annotationsOf(body)
	notes[keyNote], notes[keyEndNote] = "old", keyEnd.Format(time.RFC3339)
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var kept object
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	c.objects[path("schedules", name)] = kept
	c.objects[path("backupstoragelocations", name)] = object{
		"metadata": object{"name": name}, "status": object{"phase": available},
	}
}

func plan(schedule string) cloud.ClusterBackupPlanSpec {
	return cloud.ClusterBackupPlanSpec{
		SpecMeta: cloud.SpecMeta{Name: "nightly"}, ClusterID: "c", Vault: cloud.VaultReference{Operator: "y", ID: "v", URL: "u"},
		Schedule: schedule, Retention: 240 * time.Hour, RPO: 26 * time.Hour, VolumeData: cloud.VolumeDataNone,
	}
}

// TestPlanIsRead holds what a plan is against its objects, and its status against its backups.
func TestPlanIsRead(t *testing.T) {
	c := newCluster(t)
	c.made(t, "nightly-0", noon.Add(80*24*time.Hour), plan("0 2 * * *"))
	for name, b := range map[string]object{
		"old":    {"phase": completed, "startTimestamp": "2026-11-25T02:00:00Z", "progress": object{"itemsBackedUp": 9}},
		"newer":  {"phase": completed, "startTimestamp": "2026-11-26T02:00:00Z", "progress": object{"itemsBackedUp": 12}},
		"newest": {"phase": partiallyFailed, "startTimestamp": "2026-11-26T03:00:00Z", "errors": 2},
		"runs":   {"phase": "InProgress", "startTimestamp": "2026-11-26T04:00:00Z"},
	} {
		c.objects[path("backups", name)] = object{
			"metadata": object{"name": name, "labels": object{scheduleLabel: "nightly-0"}}, "status": b,
		}
	}
	got, err := c.plans(&vaultKeys{}, noon).Get(t.Context(), "c~nightly-0")
	if err != nil {
		t.Fatal(err)
	}
	if got.State != cloud.StateReady || got.Schedule != "0 2 * * *" || got.Paused || got.Stale || got.Folder != "clusters/nightly-0" ||
		!got.NextRunAt.Equal(noon.Add(14*time.Hour)) {
		t.Errorf("the plan is %+v", got)
	}
	if got.Newest == nil || got.Newest.Name != "newer" || got.Newest.Items != 12 || !strings.Contains(got.LastError, "newest") {
		t.Errorf("its newest backup is %+v, and its last error %q", got.Newest, got.LastError)
	}
	if got.Ownership.Claimed || got.Ownership.Deployment != "test" {
		t.Errorf("it belongs to %+v", got.Ownership)
	}
	if c.minted != 1 || c.revoked != 1 {
		t.Errorf("%d credentials were minted, and %d ended", c.minted, c.revoked)
	}
	late, err := c.plans(&vaultKeys{}, noon.Add(48*time.Hour)).Get(t.Context(), "c~nightly-0")
	if err != nil || !late.Stale {
		t.Errorf("two days later, the plan is %+v, %v", late, err)
	}
}

// TestPlanWithoutSchedule is of what runs only when it is asked to.
func TestPlanWithoutSchedule(t *testing.T) {
	c := newCluster(t)
	c.made(t, "nightly-0", noon.Add(80*24*time.Hour), plan(""))
	got, err := c.plans(&vaultKeys{}, noon).Get(t.Context(), "c~nightly-0")
	if err != nil || got.Schedule != "" || got.Paused || !got.NextRunAt.IsZero() {
		t.Errorf("the plan is %+v, %v", got, err)
	}
}

// TestKeyIsLeft: an update with most of a key's time left mints none, and writes nothing secret into the schedule.
func TestKeyIsLeft(t *testing.T) {
	c := newCluster(t)
	c.made(t, "nightly-0", noon.Add(cloud.ClusterKeyRenewal+time.Hour), plan("0 2 * * *"))
	keys := &vaultKeys{}
	to := plan("0 3 * * *")
	to.Paused = true
	change := cloud.Change[cloud.ClusterBackupPlanSpec]{From: plan("0 2 * * *"), To: to}
	got, err := c.plans(keys, noon).Update(t.Context(), "c~nightly-0", change)
	if err != nil {
		t.Fatal(err)
	}
	if got.Schedule != "0 3 * * *" || !got.Paused || got.AgentVersion != "v1.18.3" || keys.wish.TTL != 0 {
		t.Errorf("the plan is %+v, and a key was wanted for %s", got, keys.wish.TTL)
	}
}

// TestPlanWithoutVelero: where Velero has gone, people are told how to go on.
func TestPlanWithoutVelero(t *testing.T) {
	c := newCluster(t)
	c.bare = true
	p := c.plans(&vaultKeys{}, noon)
	_, reading := p.Get(t.Context(), "c~nightly-0")
	for _, err := range []error{reading, p.Delete(t.Context(), "c~nightly-0")} {
		var refused *cloud.Error
		if !errors.As(err, &refused) || !errors.Is(err, cloud.ErrUnsupported) || !strings.Contains(refused.Advice, "Install Velero again") {
			t.Errorf("without a Velero: %v", err)
		}
	}
}

// TestTemplate holds Velero's own fields against a specification.
func TestTemplate(t *testing.T) {
	spec := plan("0 2 * * *")
	spec.ExcludedNamespaces, spec.Selector = []string{"velero"}, map[string]string{"app": "shop"}
	spec.VolumeData = cloud.VolumeDataFileSystem
	spec.Hooks = []cloud.ClusterHook{{Namespace: "shop", Container: "db", Pre: []string{"sync"}, Timeout: time.Minute}}
	raw, err := json.Marshal(template("nightly-0", spec))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"storageLocation":"nightly-0"`, `"ttl":"876000h0m0s"`, `"excludedNamespaces":["velero"]`, `"excludedResources":["secrets"]`,
		`"matchLabels":{"app":"shop"}`, `"defaultVolumesToFsBackup":true`, `"snapshotVolumes":false`, `"includeClusterResources":null`,
		`"pre":[{"exec":{"command":["sync"],"container":"db","onError":"Fail","timeout":"1m0s"}}]`,
	} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("the template has no %s: %s", part, raw)
		}
	}
	spec.ClusterObjects = true
	if all := template("nightly-0", spec); all["includeClusterResources"] != true {
		t.Error("what is in no namespace is not backed up")
	}
	if spec.Secrets = true; template("nightly-0", spec)["excludedResources"] != nil {
		t.Error("Secrets that are included are excluded")
	}
}
