package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/robfig/cron/v3"
)

// parseSchedule takes the five fields of cron alone: no macros, and no time zones, which the contract has not.
func parseSchedule(text string) (cron.Schedule, error) {
	if n := len(strings.Fields(text)); n != 5 {
		return nil, fmt.Errorf("there are %d fields", n)
	}
	return cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
}

// CronValidator asks for the five fields of cron.
func CronValidator() validator.String { return cronValidator{} }

type cronValidator struct{}

// Description implements validator.Describer.
func (cronValidator) Description(context.Context) string { return "must be the five fields of cron" }

// MarkdownDescription implements validator.Describer.
func (c cronValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateString implements validator.String.
func (cronValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	schedule, err := parseSchedule(req.ConfigValue.ValueString())
	if err == nil && schedule.Next(origin).IsZero() {
		err = fmt.Errorf("there is no such day")
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("%q is not a schedule", req.ConfigValue.ValueString()),
			fmt.Sprintf("As cron reads it, %s. Write minute, hour, day of month, month and day of week, in UTC: \"0 2 * * *\" runs every "+
				"night at two.", err))
	}
}

// CheckRPO warns of an RPO that the schedule cannot keep.
func CheckRPO(diags *diag.Diagnostics, objective timetypes.GoDuration, schedule types.String) {
	rpo := Duration(objective, diags)
	parsed, err := parseSchedule(schedule.ValueString())
	if rpo == 0 || schedule.IsUnknown() || schedule.IsNull() || err != nil {
		return
	}
	if gap := longestGap(parsed); rpo < gap {
		diags.AddAttributeWarning(path.Root("rpo"),
			fmt.Sprintf("An RPO of %s is shorter than the %s that the schedule leaves between two runs", ShortDuration(rpo), ShortDuration(gap)),
			"The backups will be stale in between. Let it run more often, or set rpo to "+ShortDuration(gap)+" and what a run takes.")
	}
}

// origin is where schedules are tried out: a schedule's gaps do not depend on today. From here, four years have a leap day.
var origin = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// longestGap is the longest time between two runs, as far as the first ten thousand of four years show.
func longestGap(schedule cron.Schedule) (gap time.Duration) {
	end := origin.AddDate(4, 1, 0)
	last := schedule.Next(origin)
	for range 10_000 {
		next := schedule.Next(last)
		if next.IsZero() {
			return gap
		}
		gap, last = max(gap, next.Sub(last)), next
		if next.After(end) {
			return gap
		}
	}
	return gap
}
