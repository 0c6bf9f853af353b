package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	fw "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backup"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/storagevolume"
)

// slow is a collection that makes objects in no short time.
type slow[S any, O cloud.Object] struct {
	cloud.Collection[S, O] // The engine asks for nothing else.

	takes time.Duration
	in    func(cloud.State) O

	ready time.Time
}

func (s *slow[S, O]) Create(context.Context, S, cloud.CreateOptions) (O, error) {
	s.ready = time.Now().Add(s.takes)
	return s.in(cloud.StateCreating), nil
}

func (s *slow[S, O]) Await(ctx context.Context, _ string, limit time.Duration) (O, error) {
	select {
	case <-ctx.Done():
		return s.in(cloud.StateCreating), &cloud.Error{Reason: cloud.ErrUnavailable}
	case <-time.After(limit):
		return s.in(cloud.StateCreating), nil
	case <-time.After(time.Until(s.ready)):
		return s.in(cloud.StateReady), nil
	}
}

func (*slow[S, O]) Claim(context.Context, string) error { return nil }

// TestPatienceWithBytes makes what takes hours, as the bytes of backups and restores do, and what should not.
func TestPatienceWithBytes(t *testing.T) {
	restore := map[string]any{"vault_id": "fake/v-1", "source_id": "other/vol-1"}
	for name, c := range map[string]struct {
		resource   func() fw.Resource
		attributes map[string]any
		status     string
		after      time.Duration
	}{
		"a backup":          {backup.NewResource, map[string]any{"plan_id": "fake/p-1"}, "ready", 5 * time.Hour},
		"a restored volume": {storagevolume.NewResource, map[string]any{"restore_from": restore}, "ready", 5 * time.Hour},
		"an empty volume":   {storagevolume.NewResource, nil, "creating", 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := c.resource().(fw.ResourceWithConfigure)
				var configured fw.ConfigureResponse
				r.Configure(t.Context(), fw.ConfigureRequest{ProviderData: &lifecycle.Configured{Federation: slowFederation()}}, &configured)
				plan := planned(t, r, c.attributes)
				var resp fw.CreateResponse
				resp.State = tfsdk.State{Schema: plan.Schema, Raw: tftypes.NewValue(plan.Raw.Type(), nil)}
				started := time.Now()
				r.Create(t.Context(), fw.CreateRequest{Plan: plan, Config: tfsdk.Config(plan)}, &resp)
				var status types.String
				if diags := resp.State.GetAttribute(t.Context(), path.Root("status"), &status); diags.HasError() {
					t.Fatal(diags, resp.Diagnostics)
				}
				if took := time.Since(started).Round(time.Minute); status.ValueString() != c.status || took != c.after {
					t.Errorf("after %s it is %s, want %s after %s", took, status.ValueString(), c.status, c.after)
				}
			})
		})
	}
}

func slowFederation() *cloud.Federation {
	meta := func(s cloud.State) cloud.Meta { return cloud.Meta{ID: "1", Name: "slow", State: s} }
	volumes := &slow[cloud.StorageVolumeSpec, cloud.StorageVolume]{takes: 5 * time.Hour, in: func(s cloud.State) cloud.StorageVolume {
		return cloud.StorageVolume{Meta: meta(s), SizeGiB: 10}
	}}
	backups := &slow[cloud.BackupSpec, cloud.Backup]{takes: 5 * time.Hour, in: func(s cloud.State) cloud.Backup {
		return cloud.Backup{Meta: meta(s), PlanID: "p-1"}
	}}
	return cloud.NewFederation(true, map[string]cloud.Opener{"fake": func(context.Context) (*cloud.Operator, error) {
		return &cloud.Operator{
			Name: "fake", StorageVolumes: volumes, Backups: backups, Capabilities: cloud.Capabilities{LongPoll: time.Minute},
		}, nil
	}})
}

// planned is a plan of what is called slow, with some attributes.
func planned(t *testing.T, r fw.Resource, attributes map[string]any) tfsdk.Plan {
	t.Helper()
	var s fw.SchemaResponse
	r.Schema(t.Context(), fw.SchemaRequest{}, &s)
	plan := tfsdk.Plan{Schema: s.Schema, Raw: tftypes.NewValue(s.Schema.Type().TerraformType(t.Context()), nil)}
	set := func(at path.Path, v any) {
		if diags := plan.SetAttribute(t.Context(), at, v); diags.HasError() {
			t.Fatal(diags)
		}
	}
	set(path.Root("operator"), "fake")
	set(path.Root("name"), "slow")
	for name, v := range attributes {
		nested, ok := v.(map[string]any)
		if !ok {
			set(path.Root(name), v)
		}
		for part, v := range nested {
			set(path.Root(name).AtName(part), v)
		}
	}
	return plan
}
