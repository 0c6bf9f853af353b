package rt

import "github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"

// defaults is the mapping of a desk about which the user says nothing: tickets in three queues, of which one has a
// lifecycle with approvals and the others RT's own lifecycle.
func defaults() servicedesk.Mapping {
	return servicedesk.Mapping{
		Types: map[servicedesk.Type]servicedesk.TypeMapping{
			servicedesk.TypeChange: {
				Queue: "Change Requests", Statuses: changeLifecycle(), CancelStatus: "cancelled", CloseStatus: "resolved",
			},
			servicedesk.TypeIncident: {
				Queue: "Incidents", Statuses: defaultLifecycle(), CancelStatus: "rejected", CloseStatus: "resolved",
			},
			servicedesk.TypeServiceRequest: {
				Queue: "Service Requests", Statuses: defaultLifecycle(), CancelStatus: "rejected", CloseStatus: "resolved",
			},
		},
		Fields: servicedesk.FieldNames{
			ExternalKey: "External Key", Severity: "Severity", Project: "Project", AffectedResources: "Affected Resources",
		},
	}
}

// changeLifecycle has a status for each step of an approval. What is on hold or cancelled may or may not have been
// approved before: the history tells.
func changeLifecycle() map[string]servicedesk.Meaning {
	return map[string]servicedesk.Meaning{
		"requested":    {Status: servicedesk.StatusAcknowledged, Approval: servicedesk.ApprovalRequested},
		"assessing":    {Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalRequested},
		"approved":     {Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalApproved},
		"implementing": {Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalApproved},
		"onhold":       {Status: servicedesk.StatusHeld},
		"resolved":     {Status: servicedesk.StatusResolved, Approval: servicedesk.ApprovalApproved},
		"rejected":     {Status: servicedesk.StatusRejected, Approval: servicedesk.ApprovalRejected},
		"cancelled":    {Status: servicedesk.StatusCancelled},
		"deleted":      {Status: servicedesk.StatusCancelled},
	}
}

// defaultLifecycle is the one that RT is installed with.
func defaultLifecycle() map[string]servicedesk.Meaning {
	return map[string]servicedesk.Meaning{
		"new":      {Status: servicedesk.StatusAcknowledged},
		"open":     {Status: servicedesk.StatusInProgress},
		"stalled":  {Status: servicedesk.StatusPending},
		"resolved": {Status: servicedesk.StatusResolved},
		"rejected": {Status: servicedesk.StatusRejected},
		"deleted":  {Status: servicedesk.StatusCancelled},
	}
}
