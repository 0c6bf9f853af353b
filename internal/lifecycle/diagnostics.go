package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// verb is what was asked of an operator, in the forms that messages need.
type verb struct {
	// asked is what the operator refused: "the order of".
	asked string
	// safe says what is certain after a refusal.
	safe string
}

var (
	orderVerb  = verb{"the order of", "Nothing was made."}
	changeVerb = verb{"the change of", "Nothing was changed."}
	deleteVerb = verb{"the deletion of", "It is still there and in the state."}
	readVerb   = verb{"the reading of", "The state is kept as it was."}
	lookVerb   = verb{"the reading of", ""} // For data sources, which keep nothing.
)

// refused explains an operator's refusal, on the attribute where the operator names one.
func (r *Resource[M, A, S, O]) refused(v verb, op *cloud.Operator, name string, err error, diags *diag.Diagnostics) {
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		ce = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: op.Name, Text: err.Error()}
	}
	if ce.Existing != nil {
		diags.Append(alreadyExists(r.def.Noun, name, op, r.federation.DeploymentID, ce))
		return
	}
	var fields diag.Diagnostics
	for _, f := range ce.Fields {
		fields.AddAttributeError(r.attributePath(f.Pointer),
			fmt.Sprintf("%s refused %s %s", op.Name, v.asked, called(r.def.Noun, name)),
			Paragraphs(f.Text, v.safe, RequestLine(ce.RequestID)))
	}
	if diags.Append(located(fields)...); len(ce.Fields) > 0 {
		return
	}
	diags.AddError(
		fmt.Sprintf("%s refused %s %s: %s", op.Name, v.asked, called(r.def.Noun, name), reasonText(ce)),
		Paragraphs(ce.Text, safety(v, ce), advice(ce), RequestLine(ce.RequestID)),
	)
	if errors.Is(ce, cloud.ErrUnavailable) || errors.Is(ce, cloud.ErrUnknownOutcome) || errors.Is(ce, cloud.ErrFailed) {
		last := len(*diags) - 1
		(*diags)[last] = diag.NewErrorDiagnostic(
			unanswered(v, op.Name, called(r.def.Noun, name), ce), (*diags)[last].Detail())
	}
}

// unanswered is the headline for what was no refusal.
func unanswered(v verb, operator, what string, ce *cloud.Error) string {
	if errors.Is(ce, cloud.ErrUnknownOutcome) {
		return fmt.Sprintf("%s did not answer %s %s, and may have carried it out", operator, v.asked, what)
	}
	return fmt.Sprintf("%s did not carry out %s %s: %s", operator, v.asked, what, reasonText(ce))
}

func reasonText(e *cloud.Error) string {
	if q := e.Quota; q != nil {
		return fmt.Sprintf("quota for %s exceeded (used %d of %d, asked for %d)", q.Resource, q.Used, q.Limit, q.Requested)
	}
	return e.Reason.Error()
}

func safety(v verb, e *cloud.Error) string {
	if errors.Is(e, cloud.ErrUnknownOutcome) {
		return "Whether it was carried out is not known. Nothing is lost: the next apply finds out and goes on from there."
	}
	return v.safe
}

func advice(e *cloud.Error) string {
	switch {
	case e.Advice != "":
		return e.Advice
	case e.Quota != nil:
		return fmt.Sprintf("Free %d of %s, or ask the operator for a higher quota.",
			max(e.Quota.Used+e.Quota.Requested-e.Quota.Limit, 1), e.Quota.Resource)
	case errors.Is(e, cloud.ErrUnauthenticated):
		return "Check the operator's credentials in the provider block or in the environment."
	case errors.Is(e, cloud.ErrForbidden):
		return "Ask the operator for the right, or use other credentials."
	case errors.Is(e, cloud.ErrUnavailable), errors.Is(e, cloud.ErrBusy):
		return "Apply again later; what is in the state stays there."
	}
	return ""
}

// alreadyExists tells whose the object of the name is and how to take it over.
func alreadyExists(noun, name string, op *cloud.Operator, deployment string, e *cloud.Error) diag.Diagnostic {
	x := e.Existing
	whose := "was not made by this provider"
	switch {
	case x.Ownership.Deployment != "" && x.Ownership.Deployment == deployment:
		whose = fmt.Sprintf("belongs to this deployment, %q, under another address or in a state that was lost", deployment)
	case x.Ownership.Deployment != "":
		whose = fmt.Sprintf("belongs to deployment %q", x.Ownership.Deployment)
	case x.Ownership.Key != "":
		whose = "was ordered by something that gave no deployment_id"
	}
	state := ""
	if x.State == cloud.StateDeleting {
		state = " It is being deleted: the name is free when that is done."
	}
	return diag.NewErrorDiagnostic(
		sentence(fmt.Sprintf("%s named %q already exists in project %q at %s", indefinite(noun), name, op.Project, op.Name)),
		Paragraphs(
			fmt.Sprintf("It was created on %s and %s, so it was left untouched.%s", x.CreatedAt.UTC().Format("2006-01-02"), whose, state)+
				"\nChoose another name, or, if this configuration should manage it, import it under the address shown above:",
			"    terraform import ADDRESS "+cloud.ID{Operator: op.Name, Object: x.ID}.String(),
			RequestLine(e.RequestID)),
	)
}

func orderedTwice(noun, name, operator string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("Two resources declare the same %s at %s", called(noun, name), operator),
		"Names are unique in a project, and the other resource is being created in this very apply. Nothing was made for this one. "+
			"Give one of them another name.")
}

// pending tells that nothing is lost and what happens next.
func pending(ctx context.Context, noun, operator string, meta cloud.Meta) diag.Diagnostic {
	why := "The time limit came first. Raise timeouts to wait longer in one run."
	if ctx.Err() != nil {
		why = "The run was interrupted."
	}
	doing := map[cloud.State]string{
		cloud.StateCreating: "created", cloud.StateDeleting: "deleted",
	}[meta.State]
	if doing == "" {
		doing = "changed"
	}
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s is still being %s", sentence(called(noun, meta.Name)), doing),
		Paragraphs(fmt.Sprintf("%s accepted it%s. It is in the state and nothing is lost: the next apply goes on waiting. %s",
			operator, reports(meta), why), RequestLine(meta.RequestID)))
}

// unchanged tells that a change had to wait for an earlier one for too long.
func unchanged(noun, operator string, meta cloud.Meta) diag.Diagnostic {
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("%s is still %s", sentence(called(noun, meta.Name)), meta.State),
		Paragraphs(fmt.Sprintf("%s accepted it earlier%s, and has not finished. Nothing was changed and the state is as it was: "+
			"apply again to go on, or raise timeouts.update.", operator, reports(meta)), RequestLine(meta.RequestID)))
}

func reports(meta cloud.Meta) string {
	if meta.StateMessage == "" {
		return ""
	}
	return fmt.Sprintf(" and reports %q", meta.StateMessage)
}

func unwatched(noun, operator string, meta cloud.Meta, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s could not be watched to the end", sentence(called(noun, meta.Name))),
		Paragraphs(fmt.Sprintf("%s accepted it, but then answered: %s", operator, plain(err)),
			"It is in the state and nothing is lost: the next apply goes on from there."))
}

func failed(noun, operator string, meta cloud.Meta, fresh bool) diag.Diagnostic {
	said := meta.StateMessage
	if said == "" {
		said = "The operator gives no reason."
	}
	next := "It is in the state, marked as tainted: the next apply deletes it and makes another."
	if !fresh {
		next = "It is still there and in the state. Ask the operator to repair it; nothing here will delete it unless you say so."
	}
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("%s failed at %s", sentence(called(noun, meta.Name)), operator),
		Paragraphs(said, "The operator will not finish it by itself. "+next, RequestLine(meta.RequestID)))
}

// foundFailed tells of a failure that nothing in the plan shows.
func foundFailed(noun, operator string, meta cloud.Meta) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s has failed at %s", sentence(called(noun, meta.Name)), operator),
		Paragraphs(meta.StateMessage, "Ask the operator to repair it, or make another: terraform apply -replace=ADDRESS.",
			RequestLine(meta.RequestID)))
}

func vanished(noun, name, operator string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("%s vanished at %s before it was ready", sentence(called(noun, name)), operator),
		Paragraphs("It was accepted, and then the operator no longer knew it: "+plain(err),
			"Somebody may have deleted it. Apply again to order another."))
}

func stillThere(ctx context.Context, noun, name, operator string) diag.Diagnostic {
	why := "has not finished it in time"
	if ctx.Err() != nil {
		why = "had not finished it when the run was interrupted"
	}
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("%s is still being deleted", sentence(called(noun, name))),
		operator+" accepted the deletion and "+why+". It stays in the state; apply again to go on waiting, "+
			"or raise timeouts.delete.")
}

func unclaimed(noun, operator string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		"The new "+noun+" could not be marked as known",
		Paragraphs(fmt.Sprintf("%s made it, but answered to the last step: %s", operator, plain(err)),
			"It is in the state. The next plan marks it."))
}

func protectedDestruction(noun, name string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"),
		fmt.Sprintf("%s is protected from deletion", sentence(called(noun, name))),
		"Its data would be gone. If that is intended, set deletion_protection = false, apply, and destroy then.")
}

func protectedReplacement(noun, name string, attributes []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attributes[0]),
		fmt.Sprintf("Changing %s would destroy %s", strings.Join(attributes, ", "), called(noun, name)),
		"It cannot be changed in place: a new one would be made and the data of this one lost. Set it back, or, if that is intended, "+
			"set deletion_protection = false, apply, and change it then.")
}

func unknownOperator(f *cloud.Federation, name string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("operator"),
		fmt.Sprintf("The provider block configures no operator %q", name),
		"It has: "+strings.Join(f.Names(), ", ")+". Add it to operators, or choose one of these.")
}

// describeOpening explains why an operator cannot be used at all.
func describeOpening(operator string, err error) diag.Diagnostic {
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		ce = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: operator, Text: err.Error()}
	}
	reason := ce.Reason.Error()
	if errors.Is(ce, cloud.ErrInvalid) {
		reason = "its configuration is wrong"
	}
	summary := fmt.Sprintf("Operator %q cannot be used: %s", operator, reason)
	if errors.Is(ce, cloud.ErrNotConfigured) {
		return diag.NewErrorDiagnostic(summary, Paragraphs(ce.Text,
			"Values of the provider block come from resources that do not exist yet. "+
				"Apply those first, with -target, or give the values as variables."))
	}
	return diag.NewErrorDiagnostic(summary, Paragraphs(ce.Text, advice(ce), RequestLine(ce.RequestID)))
}

// RefusedFor explains why an operator did not do what an attribute asks for. The summary says what, like "lvrtc minted no
// credentials for container cluster lvrtc/k8s-1".
func RefusedFor(at path.Path, summary, operator string, err error) diag.Diagnostic {
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		ce = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: operator, Text: err.Error()}
	}
	return diag.NewAttributeErrorDiagnostic(at, summary+": "+reasonText(ce), Paragraphs(ce.Text, advice(ce), RequestLine(ce.RequestID)))
}
