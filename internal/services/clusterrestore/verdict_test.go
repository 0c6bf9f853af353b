package clusterrestore

import (
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestVerdict judges by what is in the cluster, whatever Velero calls it.
func TestVerdict(t *testing.T) {
	some := []cloud.ClusterKind{{Kind: "v1/ConfigMap", InBackup: 3, Restored: 3}}
	for name, c := range map[string]struct {
		restored cloud.ClusterRestored
		checks   checks
		want     string
	}{
		"all is there":           {cloud.ClusterRestored{Phase: "Completed", Kinds: some}, checks{3, true}, ""},
		"all, and a log is not":  {cloud.ClusterRestored{Phase: "PartiallyFailed", Kinds: some}, checks{3, true}, ""},
		"nothing, the same word": {cloud.ClusterRestored{Phase: "PartiallyFailed"}, checks{1, true}, "nothing was restored"},
		"nothing, all is well":   {cloud.ClusterRestored{Phase: "Completed"}, checks{1, false}, "nothing was restored"},
		"too little":             {cloud.ClusterRestored{Phase: "Completed", Kinds: some}, checks{4, true}, "only 3 objects"},
		"not over":               {cloud.ClusterRestored{Kinds: some}, checks{1, true}, "has not ended"},
		"not ready":              {cloud.ClusterRestored{Phase: "Completed", Kinds: some, NotReady: []string{"Pod a"}}, checks{1, true}, "Pod a"},
		"readiness is not asked": {cloud.ClusterRestored{Phase: "Completed", Kinds: some, NotReady: []string{"Pod a"}}, checks{1, false}, ""},
		"a kind is not there": {
			cloud.ClusterRestored{Phase: "PartiallyFailed", Kinds: some, Missing: []string{"no Deployment"}}, checks{1, false}, "no Deployment",
		},
		"refused": {cloud.ClusterRestored{Refusal: "there is no backup"}, checks{1, true}, "there is no backup"},
	} {
		got := strings.Join(c.checks.failures(c.restored), "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestCurrent holds the newest backup in a vault against the plan and its age.
func TestCurrent(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	point := func(age time.Duration) cloud.ClusterRecoveryPoint {
		return cloud.ClusterRecoveryPoint{Name: "b", TakenAt: now.Add(-age)}
	}
	knows := func(age time.Duration) cloud.ClusterBackupPlan {
		p := point(age)
		return cloud.ClusterBackupPlan{Newest: &p}
	}
	for name, c := range map[string]struct {
		plan  cloud.ClusterBackupPlan
		found cloud.ClusterRecoveryPoint
		want  string
	}{
		"the newest":              {knows(time.Hour), point(time.Hour), ""},
		"newer than was asked":    {knows(2 * time.Hour), point(time.Hour), ""},
		"hidden, an older shows":  {knows(time.Hour), point(2 * time.Hour), "hidden or deleted"},
		"hidden, none shows":      {knows(time.Hour), cloud.ClusterRecoveryPoint{}, "hidden or deleted"},
		"too old":                 {cloud.ClusterBackupPlan{}, point(27 * time.Hour), "older than 26h"},
		"there never was one":     {cloud.ClusterBackupPlan{}, cloud.ClusterRecoveryPoint{}, ""},
		"just young enough still": {cloud.ClusterBackupPlan{}, point(26 * time.Hour), ""},
	} {
		got := current(c.plan, 26*time.Hour, func() time.Time { return now })(c.found)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
