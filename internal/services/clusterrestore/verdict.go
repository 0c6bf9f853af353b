package clusterrestore

import (
	"fmt"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// checks are what a restore is judged by: by what is in the cluster, never by what the agent says.
type checks struct {
	minItems int64
	ready    bool
}

// failures are what went wrong, one line each.
func (c checks) failures(r cloud.ClusterRestored) (lines []string) {
	if r.Refusal != "" {
		return []string{r.Refusal}
	}
	said := ""
	if r.Reason != "" {
		said = ": " + r.Reason
	}
	switch n := r.Items(); {
	case n == 0:
		lines = append(lines, fmt.Sprintf("nothing was restored, and Velero calls that %s%s", phrase(r.Phase), said))
	case n < c.minItems:
		lines = append(lines, fmt.Sprintf("only %d objects were restored, and at least %d are wanted%s", n, c.minItems, said))
	case r.Phase == "":
		lines = append(lines, "the restore has not ended"+said)
	}
	lines = append(lines, r.Missing...)
	if c.ready {
		lines = append(lines, r.NotReady...)
	}
	return lines
}

func phrase(phase string) string {
	if phase == "" {
		return "nothing yet"
	}
	return phase
}

// current says what is wrong with the newest backup of a plan that there is in the vault.
func current(plan cloud.ClusterBackupPlan, maximumAge time.Duration, now func() time.Time) func(cloud.ClusterRecoveryPoint) string {
	return func(found cloud.ClusterRecoveryPoint) string {
		if n := plan.Newest; n != nil && n.TakenAt.After(found.TakenAt) {
			return fmt.Sprintf("by the plan, backup %s was made at %s, and the vault does not show it: somebody has hidden or deleted it",
				n.Name, n.TakenAt.Format(time.RFC3339))
		}
		if age := now().Sub(found.TakenAt); maximumAge > 0 && !found.TakenAt.IsZero() && age > maximumAge {
			return fmt.Sprintf("the newest backup, %s, is of %s, older than %s", found.Name, found.TakenAt.Format(time.RFC3339), maximumAge)
		}
		return ""
	}
}

// lines joins what went wrong.
func joinLines(failures []string) string { return strings.Join(failures, "\n") }
