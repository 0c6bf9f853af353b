package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// projectKey is where the private state has the project that an object is in. Ids do not say it, and an object of
// another project is not found, which would pass for gone.
const projectKey = "project"

// privateState is what the framework's requests and responses have.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// sameProject refuses to look for an object in another project than it was made or read in, and notes the project.
func sameProject(ctx context.Context, op *cloud.Operator, req, resp privateState, diags *diag.Diagnostics) bool {
	raw, d := req.GetKey(ctx, projectKey)
	diags.Append(d...)
	var noted string
	if json.Unmarshal(raw, &noted) == nil && noted != "" && noted != op.ProjectKey() {
		diags.AddAttributeError(path.Root("id"),
			fmt.Sprintf("The project of operator %q has changed from %q to %q", op.Name, noted, op.ProjectKey()),
			fmt.Sprintf("This object is in %q, and would be left there and made again in %q. Set the project back; "+
				"or, if that is intended, remove the object from the state (terraform state rm), "+
				"or give the other project a name of its own in operators.",
				noted, op.ProjectKey()))
		return false
	}
	noteProject(ctx, op, resp, diags)
	return true
}

func noteProject(ctx context.Context, op *cloud.Operator, resp privateState, diags *diag.Diagnostics) {
	raw, err := json.Marshal(op.ProjectKey())
	if err != nil {
		return // A string can always be written.
	}
	diags.Append(resp.SetKey(ctx, projectKey, raw)...)
}
