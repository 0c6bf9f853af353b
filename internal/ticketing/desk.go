package ticketing

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Open opens a desk by its name, which an attribute says, explaining what is wrong if it cannot be used.
func Open(
	ctx context.Context, c *lifecycle.Configured, at path.Path, name string, diags *diag.Diagnostics,
) (*servicedesk.Opened, bool) {
	if !configured(c, diags) {
		return nil, false
	}
	if !c.Desks.Has(name) {
		diags.AddAttributeError(at, fmt.Sprintf("The provider block configures no service desk %q", name), others(c.Desks))
		return nil, false
	}
	d, err := c.Desks.Open(ctx, name)
	if err != nil {
		diags.Append(unusable(name, err))
		return nil, false
	}
	return d, true
}

func configured(c *lifecycle.Configured, diags *diag.Diagnostics) bool {
	if c == nil || c.Desks == nil {
		diags.AddError("The provider is not configured",
			"Terraform asked for a service desk before it configured the provider. Please report this.")
		return false
	}
	return true
}

func others(d *servicedesk.Desks) string {
	if len(d.Names()) == 0 {
		return "It has none. Add it to service_desks in the provider block."
	}
	return "It has: " + strings.Join(d.Names(), ", ") + ". Add it to service_desks, or choose one of these."
}

// Choose opens the desk of a ticket at plan: the one named, else the operator's, the default or the only one. What is not
// known yet, or cannot be opened yet, gives nil without a diagnostic: the apply plans again.
func Choose(
	ctx context.Context, c *lifecycle.Configured, name, operator types.String, diags *diag.Diagnostics,
) (*servicedesk.Opened, string) {
	if c == nil || c.Desks == nil || name.IsUnknown() || name.IsNull() && operator.IsUnknown() {
		return nil, ""
	}
	desk, decided := named(c, name, operator.ValueString(), path.Root("desk"), diags)
	if !decided || desk == "" || notYet(ctx, c, desk) {
		return nil, desk
	}
	opened, ok := Open(ctx, c, path.Root("desk"), desk, diags)
	if !ok {
		return nil, ""
	}
	return opened, desk
}

// notYet reports whether a desk cannot be opened for values that are not known yet.
func notYet(ctx context.Context, c *lifecycle.Configured, desk string) bool {
	if !c.Desks.Has(desk) {
		return false
	}
	_, err := c.Desks.Open(ctx, desk)
	return err != nil && asError(desk, err).Is(cloud.ErrNotConfigured)
}

// Now is Choose for what is read at once, and cannot wait until all is known. At is the attribute that names the desk.
func Now(
	ctx context.Context, c *lifecycle.Configured, at path.Path, name types.String, operator string, diags *diag.Diagnostics,
) (*servicedesk.Opened, string, bool) {
	if !configured(c, diags) {
		return nil, "", false
	}
	desk, decided := named(c, name, operator, at, diags)
	switch {
	case !decided:
		diags.AddAttributeError(at, "Nothing says yet at which service desk", lifecycle.Paragraphs(
			"Values of the provider block come from resources that do not exist yet.",
			"Set "+at.String()+". Or apply those first, with -target, or give the values as variables."))
		return nil, "", false
	case desk == "":
		return nil, "", false
	}
	opened, ok := Open(ctx, c, at, desk, diags)
	return opened, desk, ok
}

// named is the desk of a ticket by its name; empty if there is none, which is explained. Decided is false if it is not
// known yet.
func named(
	c *lifecycle.Configured, name types.String, operator string, at path.Path, diags *diag.Diagnostics,
) (desk string, decided bool) {
	if !name.IsNull() {
		return name.ValueString(), true
	}
	if operatorsDeskUnknown(c, operator) {
		return "", false
	}
	if desk = c.Desks.Choose(operator); desk != "" {
		return desk, true
	}
	switch {
	case c.Desks.DefaultUnknown || !c.Desks.Known():
		return "", false
	case len(c.Desks.Names()) == 0:
		diags.AddError("The provider block configures no service desk",
			"Tickets need one. Add it to service_desks in the provider block: its kind, endpoint and credentials, or its operator.")
	default:
		diags.AddAttributeError(at, "Nothing says at which service desk",
			"The provider block has: "+strings.Join(c.Desks.Names(), ", ")+". Set "+at.String()+", or default_service_desk in the provider block.")
	}
	return "", true
}

// operatorsDeskUnknown reports whether the provider block does not tell yet which desk is an operator's: its entry, of
// which OfOperator has an empty name then, or all of operators may come from resources that do not exist yet.
func operatorsDeskUnknown(c *lifecycle.Configured, operator string) bool {
	if operator == "" {
		return false
	}
	desk, listed := c.Desks.OfOperator[operator]
	return listed && desk == "" || !listed && c.Federation != nil && !c.Federation.Known()
}

// OfTicket opens the desk that a ticket's id names, and answers the desk's own id of the ticket.
func OfTicket(
	ctx context.Context, c *lifecycle.Configured, at path.Path, text string, diags *diag.Diagnostics,
) (*servicedesk.Opened, servicedesk.ID, bool) {
	id, ok := cloud.ParseID(text)
	if !ok {
		diags.Append(noID(at, text))
		return nil, "", false
	}
	d, ok := Open(ctx, c, at, id.Operator, diags)
	return d, servicedesk.ID(id.Object), ok
}
