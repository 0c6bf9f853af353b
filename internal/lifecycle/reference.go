package lifecycle

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Reference is how an attribute names another object of the same operator; null for an empty id.
func Reference(operator, id string) types.String {
	if id == "" {
		return types.StringNull()
	}
	return types.StringValue(cloud.ID{Operator: operator, Object: id}.String())
}

// ObjectID is the operator's id of a reference; empty if the reference is null, unknown or ill-formed, which
// CheckReference tells at plan.
func ObjectID(reference types.String) string {
	id, _ := cloud.ParseID(reference.ValueString())
	return id.Object
}

// CheckReference refuses a known reference that is no id, or that points to another operator.
func CheckReference(diags *diag.Diagnostics, at path.Path, operator, noun string, reference types.String) bool {
	if reference.IsNull() || reference.IsUnknown() {
		return false
	}
	id, ok := cloud.ParseID(reference.ValueString())
	if !ok {
		diags.AddAttributeError(at, fmt.Sprintf("%q is not the id of %s", reference.ValueString(), indefinite(noun)),
			"Ids are written <operator>/<id>. Refer to the id attribute of a resource or data source.")
		return false
	}
	if operator != "" && id.Operator != operator {
		diags.AddAttributeError(at, fmt.Sprintf("This %s is at %s, not at %s", noun, id.Operator, operator),
			"Both have to be at the same operator.")
		return false
	}
	return true
}

// OperatorOf is the operator in a reference.
func OperatorOf(reference types.String) types.String {
	if reference.IsUnknown() {
		return types.StringUnknown()
	}
	id, ok := cloud.ParseID(reference.ValueString())
	if !ok {
		return types.StringUnknown()
	}
	return types.StringValue(id.Operator)
}
