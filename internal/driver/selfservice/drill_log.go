package selfservice

import (
	"context"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// drillLog is the cloud.DrillLog of an operator's plans.
type drillLog struct{ *session }

// Note implements cloud.DrillLog.
func (d drillLog) Note(ctx context.Context, planID string, drill cloud.Drill) error {
	if !validID(planID) {
		return d.noSuchID(planID)
	}
	body := api.BackupDrill{
		StartedAt: drill.StartedAt.UTC(), Passed: drill.Passed, RtoSeconds: int64((drill.RTO + time.Second - 1) / time.Second),
	}
	return d.writeTwice(ctx, func() (*http.Response, error) { return d.client.NoteDrill(ctx, d.project, planID, body) })
}

func drillOf(r api.BackupDrill) cloud.Drill {
	return cloud.Drill{StartedAt: r.StartedAt.UTC(), Passed: r.Passed, RTO: seconds(r.RtoSeconds)}
}
