package ticketing

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// TicketID is the id that Terraform has for a ticket.
func TicketID(desk string, id servicedesk.ID) string {
	return cloud.ID{Operator: desk, Object: string(id)}.String()
}

// IsID refuses what cannot be the id of a ticket, before anything is planned.
func IsID() validator.String { return idValidator{} }

type idValidator struct{}

// Description says what is taken.
func (idValidator) Description(context.Context) string { return "the id of a ticket" }

// MarkdownDescription says the same.
func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString refuses everything else.
func (idValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, ok := cloud.ParseID(req.ConfigValue.ValueString()); !ok {
		resp.Diagnostics.Append(noID(req.Path, req.ConfigValue.ValueString()))
	}
}

func noID(at path.Path, text string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("%q is not the id of a service ticket", text),
		"Write <desk>/<number>, as in varam/4711: the desk's name in the provider block and the desk's own id. "+
			"vdam_service_ticket has it as id.")
}
