package selfservice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// decodeTicket maps an answered ticket.
func (d *desk) decodeTicket(a answer) (servicedesk.Ticket, error) {
	var rep api.Ticket
	if err := a.Decode(&rep); err != nil {
		return servicedesk.Ticket{}, err
	}
	if err := checkTicket(&rep); err != nil {
		return servicedesk.Ticket{}, err
	}
	if tag := a.Header.Get("ETag"); tag != "" {
		rep.Etag = &tag
	}
	return d.ticket(&rep), nil
}

// checkTicket tells what an answered ticket lacks to be one.
func checkTicket(rep *api.Ticket) error {
	switch {
	case !validID(rep.Id):
		return errors.New("a ticket has no valid id")
	case rep.Status == "" || rep.NativeStatus == "":
		return fmt.Errorf("the ticket %s has no status", rep.Id)
	case rep.CreatedAt.IsZero() || rep.UpdatedAt.IsZero():
		return fmt.Errorf("the ticket %s does not say when it was created and updated", rep.Id)
	}
	return nil
}

func (d *desk) ticket(rep *api.Ticket) servicedesk.Ticket {
	typ := servicedesk.Type(rep.TicketType)
	m := d.meaning(typ, rep.NativeStatus, rep.Status, rep.Approval, rep.Awaiting)
	t := servicedesk.Ticket{
		ID: servicedesk.ID(rep.Id), Key: deref(rep.ExternalKey), Claimed: true, Own: rep.Own, Type: typ,
		Content: servicedesk.Content{
			Subject: rep.Subject, Description: deref(rep.Description), Severity: servicedesk.Severity(rep.Severity),
			Requester: rep.Requester, Watchers: slices.Sorted(slices.Values(rep.Watchers)),
			RequestedResolutionAt: utc(rep.RequestedResolutionAt), Project: deref(rep.ProjectName),
			AffectedResources: slices.Sorted(slices.Values(rep.AffectedResources)), Fields: rep.Fields,
		},
		Number: rep.Number, URL: deref(rep.Url), Version: deref(rep.Etag), Queue: rep.Queue,
		Status: m.Status, NativeStatus: rep.NativeStatus, StatusReason: deref(rep.StatusReason),
		Approval: m.Approval, Awaiting: m.Awaiting, Priority: deref(rep.Priority), Assignee: deref(rep.Assignee),
		Resolution: deref(rep.Resolution), CreatedAt: rep.CreatedAt.UTC(), UpdatedAt: rep.UpdatedAt.UTC(),
		ExpectedResolutionAt: utc(rep.ExpectedResolutionAt), ResolvedAt: utc(rep.ResolvedAt),
	}
	for _, l := range rep.Links {
		t.Links = append(t.Links, servicedesk.Link{Type: servicedesk.LinkType(l.Type), Target: l.Target})
	}
	return t
}

// meaning is what the operator says that a status means, unless the mapping knows better.
func (d *desk) meaning(
	typ servicedesk.Type, native string, status api.TicketStatus, approval api.TicketApproval, awaiting api.TicketAwaiting,
) servicedesk.Meaning {
	m := servicedesk.Meaning{
		Status: servicedesk.Status(status), Approval: servicedesk.Approval(approval), Awaiting: servicedesk.Awaiting(awaiting),
	}
	if !slices.Contains(servicedesk.Statuses, m.Status) {
		m.Status = servicedesk.StatusUnknown // A later version's.
	}
	own, mapped := d.described.Mapping.Types[typ].Statuses[native]
	if !mapped {
		return m
	}
	changed := own.Status != m.Status || own.Approval != "" && own.Approval != m.Approval
	own.Approval = cmp.Or(own.Approval, m.Approval)
	if !changed {
		own.Awaiting = cmp.Or(own.Awaiting, m.Awaiting)
	}
	return own.Complete()
}
