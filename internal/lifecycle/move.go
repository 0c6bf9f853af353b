package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// movedKey is where the private state has the type that an object was moved from, until a Read has found its operator.
const movedKey = "moved_from"

// Move is a type of another provider whose state a kind takes over by a moved block. Nothing but the id is taken over:
// as after an import, the next Read fills everything in.
type Move struct {
	// Driver is that of the operators that may hold the object; the other provider has the same name.
	Driver string
	// Type is the other provider's resource type.
	Type string
	// ID makes the operator's id of the other provider's, empty if that is of another shape; nil leaves it as it is.
	ID func(id string) string
}

// MoveState has a mover for each of the definition's moves.
func (r *Resource[M, A, S, O]) MoveState(context.Context) []resource.StateMover {
	movers := make([]resource.StateMover, len(r.def.Moves))
	for i, m := range r.def.Moves {
		movers[i].StateMover = func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			r.move(ctx, m, req, resp)
		}
	}
	return movers
}

// move leaves the response empty for another source. Terraform asks before it configures the provider, and the source
// does not say which operator of the provider block it is at: locate finds that out.
func (r *Resource[M, A, S, O]) move(
	ctx context.Context, m Move, req resource.MoveStateRequest, resp *resource.MoveStateResponse,
) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	if req.SourceTypeName != m.Type || !strings.HasSuffix(req.SourceProviderAddress, "/"+m.Driver) {
		return
	}
	var source struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(req.SourceRawState.JSON, &source)
	id := source.ID
	if m.ID != nil {
		id = m.ID(source.ID)
	}
	if err != nil || id == "" || strings.Contains(id, "/") {
		resp.Diagnostics.Append(noIDToMove(r.def.Noun, m, source.ID))
		return
	}
	from, err := json.Marshal(m.Type)
	if err != nil {
		return // A string can always be written.
	}
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, movedKey, from)...)
}

// locate opens the operator for a Read. For an object that was moved here it first finds the operator, by asking all of
// the move's driver; what the one asked last has answered is what the session reads.
func (r *Resource[M, A, S, O]) locate(
	ctx context.Context, b *Base, req, resp privateState, diags *diag.Diagnostics,
) (session[S, O], bool) {
	m, moved := r.movedFrom(ctx, b, req, diags)
	if !moved || r.federation == nil {
		return r.open(ctx, b, diags)
	}
	var last session[S, O]
	var asked []string
	var failures diag.Diagnostics
	id := b.ID.ValueString()
	for _, name := range r.defaultFirst() {
		s, ok := r.candidate(ctx, m, name, id, &failures)
		if !ok {
			continue
		}
		obj, err := s.read(ctx, id)
		if err != nil && !errors.Is(err, cloud.ErrNotFound) {
			r.refused(readVerb, s.operator, id, err, &failures)
			continue
		}
		last, asked = s, append(asked, name)
		last.read = func(context.Context, string) (O, error) { return obj, err }
		if err == nil {
			diags.Append(resp.SetKey(ctx, movedKey, nil)...)
			return last, true
		}
	}
	switch {
	case failures.HasError():
		diags.Append(failures...)
	case len(asked) == 0:
		diags.Append(movedToNoOperator(r.def.Noun, id, m, r.federation.Known()))
	default:
		diags.Append(movedToNowhere(r.def.Noun, id, m, asked))
		return last, true
	}
	return last, false
}

// movedFrom tells where an object was moved from whose operator is still to be found.
func (r *Resource[M, A, S, O]) movedFrom(
	ctx context.Context, b *Base, private privateState, diags *diag.Diagnostics,
) (m Move, moved bool) {
	if !b.Operator.IsNull() {
		return m, false
	}
	raw, d := private.GetKey(ctx, movedKey)
	diags.Append(d...)
	var from string
	if json.Unmarshal(raw, &from) != nil {
		return m, false
	}
	i := slices.IndexFunc(r.def.Moves, func(m Move) bool { return m.Type == from })
	if i < 0 {
		return m, false
	}
	return r.def.Moves[i], true
}

// defaultFirst are the names of all operators, that of the default one being the first.
func (r *Resource[M, A, S, O]) defaultFirst() []string {
	names := r.federation.Names()
	if i := slices.Index(names, r.federation.DefaultOperator); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, r.federation.DefaultOperator)
	}
	return names
}

// candidate opens an operator that may hold a moved object; ok is false if it cannot, or if it could not be opened.
func (r *Resource[M, A, S, O]) candidate(
	ctx context.Context, m Move, operator, id string, failures *diag.Diagnostics,
) (s session[S, O], ok bool) {
	op, err := r.federation.Operator(ctx, operator)
	if err != nil {
		failures.Append(describeOpening(operator, err))
		return s, false
	}
	if op.Driver != m.Driver || !op.Capabilities.Offers(r.def.Kind) {
		return s, false
	}
	return r.open(ctx, &Base{ID: Reference(operator, id), Operator: types.StringValue(operator)}, failures)
}

// hasBeenRead refuses to plan for an object of which nothing but an id is known: everything would seem to change.
func (r *Resource[M, A, S, O]) hasBeenRead(state *M, diags *diag.Diagnostics) bool {
	if state == nil || !r.def.base(state).Operator.IsNull() {
		return true
	}
	diags.AddError(
		sentence(called(r.def.Noun, r.def.base(state).ID.ValueString()))+" was moved here and has not been read yet",
		"What it is like is known only when Terraform has read it at its operator. Nothing was changed. "+
			"Plan again without -refresh=false.")
	return false
}

func noIDToMove(noun string, m Move, id string) diag.Diagnostic {
	has := "It holds none at all."
	if id != "" {
		has = fmt.Sprintf("It holds %q.", id)
	}
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("The state of this %s holds no id of %s", m.Type, indefinite(noun)),
		Paragraphs(has+" Nothing was moved, and the state is as it was.",
			"Take the moved block out, let the other provider forget the object with a removed block, and import it here:",
			"    terraform import ADDRESS <operator>/<id>"))
}

func movedToNoOperator(noun, id string, m Move, known bool) diag.Diagnostic {
	summary := fmt.Sprintf("No operator can be asked for %s, which was moved from %s", called(noun, id), m.Type)
	const safe = "Nothing was changed, and the state is as it was."
	if !known {
		return diag.NewErrorDiagnostic(summary, Paragraphs(
			"The operators of the provider block come from resources that do not exist yet. "+safe,
			"Apply those first, with -target, or give the values as variables."))
	}
	return diag.NewErrorDiagnostic(summary, Paragraphs(
		fmt.Sprintf("The provider block configures no operator of kind %q that offers %ss. %s", m.Driver, noun, safe),
		"Add the cloud that holds it:",
		fmt.Sprintf("    operators = { name = { kind = %q, cloud = \"...\" } }", m.Driver)))
}

func movedToNowhere(noun, id string, m Move, asked []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s, which was moved from %s, is not there", sentence(called(noun, id)), m.Type),
		Paragraphs("It was asked for at "+strings.Join(asked, ", ")+". If it was deleted there, all is well: the plan makes another, "+
			"or forgets it.",
			"If it is at another cloud or in another project, do not apply: the state would forget it. "+
				"Add that cloud to operators and plan again."))
}
