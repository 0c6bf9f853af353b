package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestRefreshOfAThousandMachines counts the calls of a plan's Reads, ten at a time as Terraform makes them.
func TestRefreshOfAThousandMachines(t *testing.T) {
	t.Parallel()
	const machines, parallelism, budget = 1000, 10, 20
	projects := sandbox.DefaultProjects()
	quota := projects[len(projects)-1].Quota // Of the project for measurements.
	env := acctest.StartWith(t, sandbox.Options{
		Operators: []string{"lvrtc"}, Projects: []sandbox.Project{{Name: acctest.Project, Quota: quota}},
	})
	ids := orderMachines(t, env, machines)
	separate := block(env)
	separate["separate_reads"] = true
	if calls := refreshAll(t, env, separate, ids[:50], parallelism); calls < 50 {
		t.Errorf("%d calls refresh 50 machines separately", calls)
	}
	if calls := refreshAll(t, env, block(env), ids, parallelism); calls > budget {
		t.Errorf("%d calls refresh %d machines; want at most %d", calls, machines, budget)
	}
}

// refreshAll reads machines with a new provider and returns how many calls that took.
func refreshAll(t *testing.T, env *acctest.Env, block object, ids []string, parallelism int) int {
	t.Helper()
	tf := start(t, block)
	env.Box.ResetRequests()
	queue := make(chan string)
	var wg sync.WaitGroup
	for range parallelism {
		wg.Go(func() {
			for id := range queue {
				tf.refresh(t, "vdam_virtual_machine", id)
			}
		})
	}
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	wg.Wait()
	return len(env.Box.Requests())
}

// refresh reads an object as after an import, and checks that it is the one.
func (tf *terraform) refresh(t *testing.T, typeName, id string) {
	known := valueOf(t, tf.schema(typeName).ValueType(), object{"id": "lvrtc/" + id, "operator": "lvrtc"})
	resp, err := tf.server.ReadResource(tf.ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: wire(t, known)})
	if err != nil || hasError(resp.Diagnostics) {
		t.Errorf("%s: %v %s", id, err, show(resp.Diagnostics))
		return
	}
	v, err := resp.NewState.Unmarshal(tf.schema(typeName).ValueType())
	if err != nil || v.IsNull() || text(v, "id") != "lvrtc/"+id || text(v, "status") != "ready" {
		t.Errorf("%s was read as %s (%v)", id, v, err)
	}
}

// orderMachines makes machines without the provider, and returns their ids.
func orderMachines(t *testing.T, env *acctest.Env, n int) []string {
	t.Helper()
	config := transport.Config{Operator: "lvrtc", UserAgent: "test"}
	anonymous, err := transport.New(config)
	if err != nil {
		t.Fatal(err)
	}
	found, err := selfservice.Discover(t.Context(), anonymous, "lvrtc", env.Box.Endpoint("lvrtc"))
	if err != nil {
		t.Fatal(err)
	}
	config.Tokens = &transport.ClientCredentials{TokenURL: found.TokenEndpoint, ID: sandbox.ClientID, Secret: sandbox.ClientSecret}
	client, err := transport.New(config)
	if err != nil {
		t.Fatal(err)
	}
	op, err := selfservice.Open(t.Context(), selfservice.Options{
		Name: "lvrtc", Project: acctest.Project, HTTP: client, Discovery: found,
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, n)
	for i := range ids {
		m, err := op.VirtualMachines.Create(t.Context(), cloud.VirtualMachineSpec{
			SpecMeta: cloud.SpecMeta{Name: fmt.Sprintf("m-%d", i)}, VCPUs: 1, MemoryMiB: 1024,
			ImageID: "debian-13-20261102", BootDisk: &cloud.BootDisk{SizeGiB: 10},
		}, cloud.CreateOptions{OwnerKey: uuid.NewString()})
		if err == nil {
			err = op.VirtualMachines.Claim(t.Context(), m.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = m.ID
	}
	return ids
}
