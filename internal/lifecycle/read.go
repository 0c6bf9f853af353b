package lifecycle

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Read asks once and never waits. Gone means removed from the state; every other refusal keeps it.
func (r *Resource[M, A, S, O]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, ok := r.locate(ctx, r.def.base(&state), req.Private, resp.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	if !sameProject(ctx, s.operator, req.Private, resp.Private, &resp.Diagnostics) {
		return
	}
	// Also what is gone needs one: Terraform asks for it after an import.
	setIdentity(ctx, resp.Identity, s.id, &resp.Diagnostics)
	obj, err := s.read(ctx, s.id.Object)
	if errors.Is(err, cloud.ErrNotFound) {
		tflog.Warn(ctx, "gone at the operator, removed from the state", map[string]any{"id": s.id.String()})
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		r.refused(readVerb, s.operator, r.def.name(&state), err, &resp.Diagnostics)
		return
	}
	if owner := obj.Metadata().Ownership; owner.Key != "" && !owner.Claimed {
		// A Create that was cut off after its state was saved left this undone.
		if err := s.collection.Claim(ctx, s.id.Object); err != nil {
			tflog.Warn(ctx, "could not claim", map[string]any{"id": s.id.String(), "error": err.Error()})
		}
	}
	if meta := obj.Metadata(); meta.State == cloud.StateFailed {
		resp.Diagnostics.Append(foundFailed(r.def.Noun, s.operator.Name, meta))
	}
	r.record(ctx, s, obj, &state, &resp.State, &resp.Diagnostics)
}
