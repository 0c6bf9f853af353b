package lifecycle

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Definition is all that the engine needs to know of a kind. M is the resource's model, A the part of it that an
// operator answers and that data sources share, S and O are the port's specification and object.
type Definition[M, A, S any, O cloud.Object] struct {
	// Kind is the port's kind; the Terraform type is vdam_<kind>, its plural form vdam_<Plural>.
	Kind   cloud.Kind
	Plural string
	// Noun is the kind in messages: "storage volume".
	Noun string

	// Schema holds what the engine does not add itself (see commonAttributes).
	Schema schema.Schema
	// Omit are attributes of the resource that its data sources do not have, timeouts aside.
	Omit []string

	// Attributes, Base, Named and Timeouts find the engine's parts in a model. Named is nil for kinds without a name
	// of the user's choosing.
	Attributes func(*M) *A
	Base       func(*A) *Base
	Named      func(*A) *Named
	Timeouts   func(*M) *timeouts.Value

	// Collection finds the kind's collection at an operator.
	Collection func(*cloud.Operator) cloud.Collection[S, O]
	// Spec maps a model to a specification. Write-only values are in config alone, which is empty where there is none.
	Spec func(ctx context.Context, model, config *M, diags *diag.Diagnostics) S
	// Read maps an object onto the attributes that are the kind's own; what is in a before is the prior value.
	Read func(ctx context.Context, operator string, obj O, a *A, diags *diag.Diagnostics)

	// Complete adds to a specification what only another operator knows. It runs before an object is made and not before
	// it is changed: what exists can be changed while the other operator is away. Nil where there is no such.
	Complete func(ctx context.Context, f *cloud.Federation, s *S, diags *diag.Diagnostics)
	// Hand adds to the specification of a change what the object's operator may have an older version of, such as keys. It may
	// warn, and refuse what only another operator knows to be wrong; what it does not find stays as it is. Nil where there is
	// no such.
	Hand func(ctx context.Context, f *cloud.Federation, change *cloud.Change[S], diags *diag.Diagnostics)

	// Replace are the attributes whose change needs a new object, InPlace those that the operator changes in place.
	Replace, InPlace []string
	// ReplaceIf are further attributes whose change needs a new object, if the function says so of the state and the plan.
	ReplaceIf map[string]func(ctx context.Context, state, plan *M) bool
	// Fields maps attributes to the specification's fields where their names differ, for capabilities and errors. Parts of
	// both are joined by dots. Of several attributes for one field, errors are at the first in the order of the alphabet.
	Fields map[string]string
	// Timeout is how long making or changing an object may take where timeouts do not say it; zero and nil stand for 20
	// minutes.
	Timeout func(*M) time.Duration
	// Protection finds deletion_protection; nil for kinds without it.
	Protection func(*A) types.Bool
	// OperatorOf derives the operator from other attributes where the user does not name it; nil where that is not
	// done.
	OperatorOf func(*A) types.String
	// Forget clears what an operator never answers back, so that adopting an object sends it again; nil where there is
	// no such.
	Forget func(*M)
	// Plan completes and checks a plan that differs from the state; nil where there is nothing to.
	Plan func(ctx context.Context, p *Planning[M])
	// Moves are the other providers' types whose state this kind takes over.
	Moves []Move
}

// Planning is a plan on its way, as a kind's Plan function sees it.
type Planning[M any] struct {
	// Operator is nil while the provider's configuration is not known.
	Operator *cloud.Operator
	// Federation is where a plan looks at another operator.
	Federation *cloud.Federation
	// Plan may be changed. State is nil when the object is to be made.
	Plan, State, Config *M
	Diagnostics         diag.Diagnostics
}

// typeName is the Terraform type without the provider's prefix.
func (d *Definition[M, A, S, O]) typeName() string { return string(d.Kind) }

// base finds the common part of a model.
func (d *Definition[M, A, S, O]) base(m *M) *Base { return d.Base(d.Attributes(m)) }

// name is the name that a model's object has in messages; empty if it has none.
func (d *Definition[M, A, S, O]) name(m *M) string {
	if d.Named == nil {
		return ""
	}
	return d.Named(d.Attributes(m)).Name.ValueString()
}

// timeout is how long making or changing an object may take unless timeouts say it.
func (d *Definition[M, A, S, O]) timeout(m *M) time.Duration {
	if d.Timeout != nil {
		if limit := d.Timeout(m); limit > 0 {
			return limit
		}
	}
	return defaultTimeout
}

// field is the specification's name of an attribute.
func (d *Definition[M, A, S, O]) field(attribute string) string {
	if f, ok := d.Fields[attribute]; ok {
		return f
	}
	return attribute
}

// attribute is the schema's name of a specification's field.
func (d *Definition[M, A, S, O]) attribute(field string) string {
	if _, ok := d.Schema.Attributes[field]; ok {
		return field
	}
	for _, a := range slices.Sorted(maps.Keys(d.Fields)) {
		if d.Fields[a] == field {
			return a
		}
	}
	return field
}

// read fills a model's attributes from an object.
func (d *Definition[M, A, S, O]) read(ctx context.Context, f *cloud.Federation, operator string, obj O, a *A) diag.Diagnostics {
	var diags diag.Diagnostics
	meta := obj.Metadata()
	d.Base(a).read(operator, meta)
	if d.Named != nil {
		diags.Append(d.Named(a).read(ctx, f.DefaultLabels, meta)...)
	}
	d.Read(ctx, operator, obj, a, &diags)
	return diags
}
