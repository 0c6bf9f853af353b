package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// issuedKey is where the private data of an ephemeral resource tells Close what was issued.
const issuedKey = "issued"

// Issued is what an ephemeral resource has minted, as its Close needs to know it. It is no secret.
type Issued struct {
	Operator string `json:"operator"`
	// Object is the operator's id of what the credentials are of, Credential that of the credentials.
	Object     string `json:"object"`
	Credential string `json:"credential"`
}

// Keep tells Close, by the private data of Open's answer.
func (i Issued) Keep(ctx context.Context, private interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
},
) diag.Diagnostics {
	raw, err := json.Marshal(i)
	if err != nil {
		return nil // Three texts always are JSON.
	}
	return private.SetKey(ctx, issuedKey, raw)
}

// IssuedOf is what Open has kept; the operator is nil if there is nothing to be ended, or nobody to do it.
func IssuedOf(ctx context.Context, f *cloud.Federation, private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}, diags *diag.Diagnostics,
) (*cloud.Operator, Issued) {
	raw, d := private.GetKey(ctx, issuedKey)
	diags.Append(d...)
	var i Issued
	if len(raw) == 0 || json.Unmarshal(raw, &i) != nil || i.Credential == "" || f == nil {
		return nil, i
	}
	op, err := f.Operator(ctx, i.Operator)
	if err != nil {
		return nil, i // They end by themselves.
	}
	return op, i
}

// OpenReferred opens the operator of an object that an attribute refers to. The kind is such as backup_plan, the noun what
// people call it.
func OpenReferred(
	ctx context.Context, f *cloud.Federation, at path.Path, reference types.String, kind cloud.Kind, noun string, diags *diag.Diagnostics,
) (op *cloud.Operator, id cloud.ID, ok bool) {
	if id, ok = cloud.ParseID(reference.ValueString()); !ok {
		diags.AddAttributeError(at, fmt.Sprintf("%q is not the id of a %s", reference.ValueString(), noun),
			fmt.Sprintf("Write <operator>/<id>, as vdam_%s has it as id.", kind))
		return nil, id, false
	}
	op, ok = OpenOperator(ctx, f, types.StringValue(id.Operator), diags)
	return op, id, ok
}
