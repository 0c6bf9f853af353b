package serviceticket

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// tellFiled are the warnings of a filing that has come to a ticket.
func tellFiled(desk string, m *model, f servicedesk.Filed) diag.Diagnostics {
	var out diag.Diagnostics
	if len(f.Dropped) > 0 {
		out.Append(tellDropped(desk, m, f.Dropped))
	}
	if f.Adopted && f.Known && len(f.Withdrawn) == 0 {
		out.AddWarning(fmt.Sprintf("Ticket %s at %s was there already", number(m), desk),
			fmt.Sprintf("It was filed on %s with the same key and has not ended, so it is used and none was filed. If it belongs to another "+
				"configuration, set external_key or keepers here.", f.Ticket.CreatedAt.UTC().Format("2006-01-02")))
	}
	if len(f.Withdrawn) > 0 {
		out.AddWarning(fmt.Sprintf("Another run filed the same ticket at %s at the same time", desk),
			fmt.Sprintf("This one withdrew its own, %s, and uses the other's, %s.", joined(f.Withdrawn), number(m)))
	}
	if len(f.Others) > 0 {
		out.AddWarning(fmt.Sprintf("There are more open tickets with the key of %s at %s", number(m), desk),
			fmt.Sprintf("They were left alone: %s. Withdraw them at the desk if they say the same.", joined(f.Others)))
	}
	for _, t := range f.Troubles {
		out.AddWarning(fmt.Sprintf("Ticket %s at %s was filed, but not all went well", number(m), desk),
			lifecycle.Paragraphs(ticketing.Words(desk, t), "It is in the state and nothing is lost: the next apply goes on from there."))
	}
	return out
}

func tellDropped(desk string, m *model, dropped []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(root(dropped[0])),
		fmt.Sprintf("Service desk %s took ticket %s, but not all of it", desk, number(m)),
		fmt.Sprintf("It silently left out: %s. The next plan shows the difference. Ask the desk's operator for the field or the right, "+
			"or leave it out here.", strings.Join(dropped, ", ")))
}

// root is the attribute of a name like fields.Cost Centre.
func root(name string) string {
	attribute, _, _ := strings.Cut(name, ".")
	return attribute
}

func tellMerged(desk string, m *model, s servicedesk.Sight) diag.Diagnostics {
	into := ticketing.TicketID(desk, s.MergedInto)
	if s.MergedInto == "" || m.MergedInto.ValueString() == into {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("Ticket %s at %s was merged into %s", number(m), desk, s.Ticket.Number),
		"Its status and what else the desk's people decide is that ticket's from now on. Changes of this configuration no longer reach the "+
			"desk.")}
}

func tellOutOfSight(desk string, m *model, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Ticket %s at %s has moved out of sight", number(m), desk),
		lifecycle.Paragraphs(ticketing.Words(desk, err), "The account may not see it any more. The state is kept as it was."))
}

func tellMissing(desk string, m *model, then string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Service desk %s no longer has ticket %s", desk, number(m)), "It had not ended. "+then)
}

// tellEndedBefore refuses a change that nobody would read.
func tellEndedBefore(desk string, m *model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("on_closed_change"),
		fmt.Sprintf("Ticket %s at %s has ended, so a change of it would be read by nobody", number(m), desk),
		"Nothing was changed. Set the configuration back, change keepers to file another ticket, or set on_closed_change to "+
			"\"replace\" or \"ignore\".")
}

// tellEndedMeanwhile is tellEndedBefore for a ticket that ended after the plan.
func tellEndedMeanwhile(desk string, m *model) diag.Diagnostic {
	if m.OnClosedChange.ValueString() != "replace" {
		return tellEndedBefore(desk, m)
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Ticket %s at %s has ended since the plan was made", number(m), desk),
		"Nothing was changed. Apply again: the next plan files another, as on_closed_change says.")
}

// tellUnsent tells of a change that is nobody's any more.
func tellUnsent(desk string, m *model, s servicedesk.Sight) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("The change of ticket %s was not sent to %s", number(m), desk),
		fmt.Sprintf("It was merged into %s, whose words are left alone. The change is in the state. If the desk's people should know of it, "+
			"say so with vdam_service_ticket_message.", s.Ticket.Number))
}

// tellTaken tells of a ticket that another resource of the same run has found and taken over.
func tellTaken(desk string, m *model) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Ticket %s at %s was not withdrawn", number(m), desk),
		"Another resource of this configuration says the same and has taken it over. To have another ticket instead, give that resource "+
			"keepers or an external_key.")
}

// tellEnded are the warnings of a destruction. Of a ticket that had ended by the state there is nothing to tell.
func tellEnded(desk string, m *model, e servicedesk.Ended) diag.Diagnostics {
	var out diag.Diagnostics
	switch {
	case e.Unseen != nil && servicedesk.Status(m.Status.ValueString()).Terminal():
	case e.Unseen != nil:
		out.AddWarning(fmt.Sprintf("Ticket %s at %s could not be withdrawn, as it cannot be seen", number(m), desk),
			lifecycle.Paragraphs(ticketing.Words(desk, e.Unseen), "It is forgotten here. If it is still open, tell the desk's people."))
	case e.MergedInto != "":
		out.AddWarning(fmt.Sprintf("Ticket %s at %s was merged into %s, which was left alone", number(m), desk, e.Ticket.Number),
			"It is forgotten here. If nobody waits for that ticket any more, tell the desk's people.")
	case e.Refused != nil:
		told := "They were told in the ticket instead that it is withdrawn."
		if e.Unsaid != nil {
			told = "They could not be told in the ticket either: " + ticketing.Words(desk, e.Unsaid)
		}
		out.AddWarning(fmt.Sprintf("Service desk %s lets only its own people end ticket %s", desk, number(m)),
			lifecycle.Paragraphs(ticketing.Words(desk, e.Refused), told, "It is forgotten here."))
	}
	return out
}

// number is what people call the ticket.
func number(m *model) string {
	if n := m.Number.ValueString(); n != "" {
		return n
	}
	return m.ID.ValueString()
}

func joined(ids []servicedesk.ID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return strings.Join(all, ", ")
}
