package redmine

import "github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"

// defaults are the words of a Redmine as it is installed.
func defaults() servicedesk.Mapping {
	types := make(map[servicedesk.Type]servicedesk.TypeMapping)
	for t, tracker := range map[servicedesk.Type]string{
		servicedesk.TypeChange: "Feature", servicedesk.TypeIncident: "Bug", servicedesk.TypeServiceRequest: "Support",
	} {
		types[t] = servicedesk.TypeMapping{
			Queue: tracker, CancelStatus: "Rejected", CloseStatus: "Closed",
			Statuses: map[string]servicedesk.Meaning{
				"New":         {Status: servicedesk.StatusAcknowledged},
				"In Progress": {Status: servicedesk.StatusInProgress},
				"Feedback":    {Status: servicedesk.StatusPending},
				"Resolved":    {Status: servicedesk.StatusResolved}, // An open one to Redmine, which waits to be closed.
				"Closed":      {Status: servicedesk.StatusClosed},
				"Rejected":    {Status: servicedesk.StatusRejected},
			},
		}
	}
	return servicedesk.Mapping{Types: types, Fields: servicedesk.FieldNames{
		ExternalKey: "External Key", Severity: "Severity", Project: "Project", AffectedResources: "Affected Resources",
	}}
}
