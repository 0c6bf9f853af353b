package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// order plans, which must go well, and applies a new resource.
func (tf *terraform) order(t *testing.T, typeName string, config object) (state, string) {
	t.Helper()
	p := tf.plan(t, typeName, state{}, config)
	clean(t, "the plan of "+typeName, p.diags)
	s, diags := tf.apply(t, typeName, state{}, p, config)
	return s, show(diags)
}

func fault(t *testing.T, env *acctest.Env, f sandbox.Fault) {
	t.Helper()
	if err := env.Box.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, s state, want bool) {
	t.Helper()
	if got := !s.value.IsNull(); got != want {
		t.Errorf("it is %t that the state is kept", got)
	}
}

func TestNameTaken(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	theirs, noID := block(env), block(env)
	theirs["deployment_id"], noID["deployment_id"] = "another", nil
	for _, c := range []struct {
		name  string
		block object
	}{{"another_deployment", theirs}, {"no_deployment", noID}, {"same_deployment", block(env)}} {
		t.Run(c.name, func(t *testing.T) {
			config := object{"name": strings.ReplaceAll(c.name, "_", "-"), "cidr": "10.20.0.0/24"}
			start(t, c.block).create(t, "vdam_network", config)
			s, said := start(t, block(env)).order(t, "vdam_network", config)
			kept(t, s, false)
			golden(t, "refusals/name_taken_"+c.name, said)
		})
	}
	t.Run("portal", func(t *testing.T) {
		atThePortal(t, env.Box.Endpoint("lvrtc"), "networks", `{"name":"portal","cidr":"10.20.0.0/24"}`)
		s, said := start(t, block(env)).order(t, "vdam_network", object{"name": "portal", "cidr": "10.20.0.0/24"})
		kept(t, s, false)
		golden(t, "refusals/name_taken_portal", said)
	})
}

// atThePortal makes an object as somebody does who is not this provider.
func atThePortal(t *testing.T, endpoint, collection, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		endpoint+"/v1/projects/"+acctest.Project+"/"+collection, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+accessToken(t, endpoint))
	req.Header.Set("Idempotency-Key", uuid.NewString())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("making an object at the portal: %s", resp.Status)
	}
}

func TestQuotaExceeded(t *testing.T) {
	quota := selfservice.Amounts{Networks: 1, StorageVolumes: 10, StorageGib: 100, SecurityGroups: 10}
	env := acctest.StartWith(t, sandbox.Options{
		Operators: []string{"lvrtc"}, Projects: []sandbox.Project{{Name: acctest.Project, Quota: quota}},
	})
	tf := start(t, block(env))
	tf.create(t, "vdam_network", minimal["vdam_network"])
	s, said := tf.order(t, "vdam_network", object{"name": "another", "cidr": "10.21.0.0/24"})
	kept(t, s, false)
	golden(t, "refusals/quota_networks", said)
	volume := object{"name": "data", "size_gib": 60}
	was := tf.create(t, "vdam_storage_volume", volume)
	s, said = tf.order(t, "vdam_storage_volume", object{"name": "more", "size_gib": 60})
	kept(t, s, false)
	golden(t, "refusals/quota_storage", said)
	volume["size_gib"] = 200
	s, diags := tf.apply(t, "vdam_storage_volume", was, tf.plan(t, "vdam_storage_volume", was, volume), volume)
	if !s.value.Equal(was.value) {
		t.Errorf("the state after a refused change is %s", s.value)
	}
	golden(t, "refusals/quota_growth", show(diags))
}

// TestFailedObject has an order that the operator accepts and then fails: that alone taints.
func TestFailedObject(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	fault(t, env, sandbox.Fault{Method: "POST", Path: "/networks$", Fail: "No rack has room for it."})
	s, said := tf.order(t, "vdam_network", minimal["vdam_network"])
	kept(t, s, true)
	golden(t, "refusals/failed_creation", said)
	env.Box.ClearFaults()

	config := object{"name": "data", "size_gib": 10}
	was := tf.create(t, "vdam_storage_volume", config)
	fault(t, env, sandbox.Fault{Method: "PATCH", Fail: "The disk array is full."})
	config["size_gib"] = 20
	s, diags := tf.apply(t, "vdam_storage_volume", was, tf.plan(t, "vdam_storage_volume", was, config), config)
	kept(t, s, true)
	golden(t, "refusals/failed_change", show(diags))
}

// TestStuck has transitions that do not end in time: nobody is to blame, and nothing is lost.
func TestStuck(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	short := object{"create": "300ms", "update": "300ms", "delete": "300ms"}
	config := object{"name": "front", "cidr": "10.20.0.0/24", "timeouts": short}
	fault(t, env, sandbox.Fault{Method: "POST", Stuck: true})
	s, said := tf.order(t, "vdam_network", config)
	kept(t, s, true)
	golden(t, "refusals/stuck_creation", said)
	if got, want := identityOf(t, s.identity), text(s.value, "id"); got != want {
		t.Errorf("the identity is %s, not %s", got, want)
	}
	env.Box.ClearFaults()

	config = object{"name": "back", "cidr": "10.21.0.0/24", "timeouts": short}
	was := tf.create(t, "vdam_network", config)
	fault(t, env, sandbox.Fault{Method: "PATCH", Stuck: true})
	config["description"] = "Cits"
	s, diags := tf.apply(t, "vdam_network", was, tf.plan(t, "vdam_network", was, config), config)
	kept(t, s, true)
	golden(t, "refusals/stuck_change", show(diags))
	env.Box.ClearFaults()

	config = object{"name": "side", "cidr": "10.22.0.0/24", "timeouts": short}
	was = tf.create(t, "vdam_network", config)
	fault(t, env, sandbox.Fault{Method: "DELETE", Stuck: true})
	s, diags = tf.apply(t, "vdam_network", was, tf.plan(t, "vdam_network", was, nil), nil)
	kept(t, s, true)
	golden(t, "refusals/stuck_deletion", show(diags))
}

// TestTwoOfOneName applies two resources of one name at once: one is made, the other refused.
func TestTwoOfOneName(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	release := env.Box.Hold()
	var states [2]state
	var texts [2]string
	var applying sync.WaitGroup
	var settle sync.Once
	for i := range states {
		applying.Go(func() {
			states[i], texts[i] = tf.order(t, "vdam_network", minimal["vdam_network"])
			settle.Do(release) // The one that is refused comes back at once.
		})
	}
	applying.Wait()
	i := 0
	if states[0].value.IsNull() == states[1].value.IsNull() {
		t.Fatalf("of both, this came:\n%s", strings.Join(texts[:], "\n"))
	}
	if states[1].value.IsNull() {
		i = 1
	}
	golden(t, "refusals/two_of_one_name", texts[i])
	if n := len(env.Objects(t, "lvrtc")); n != 1 {
		t.Errorf("there are %d objects", n)
	}
}

func TestDeletionRefused(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	volume := object{"name": "data", "size_gib": 10}
	s := tf.create(t, "vdam_storage_volume", volume)
	golden(t, "refusals/protected_at_plan", show(tf.plan(t, "vdam_storage_volume", s, nil).diags))

	volume["deletion_protection"] = false
	s, diags := tf.apply(t, "vdam_storage_volume", s, tf.plan(t, "vdam_storage_volume", s, volume), volume)
	clean(t, "the unprotection", diags)
	_, id, _ := strings.Cut(text(s.value, "id"), "/")
	if err := env.Box.Change(t.Context(), "lvrtc", id, `{"deletion_protection":true}`); err != nil {
		t.Fatal(err)
	}
	after, diags := tf.apply(t, "vdam_storage_volume", s, tf.plan(t, "vdam_storage_volume", s, nil), nil)
	kept(t, after, true)
	golden(t, "refusals/protected_at_the_portal", show(diags))

	network := tf.create(t, "vdam_network", minimal["vdam_network"])
	machine := set(minimal["vdam_virtual_machine"], "network_interfaces", []any{object{"network_id": text(network.value, "id")}})
	tf.create(t, "vdam_virtual_machine", machine)
	limited := set(minimal["vdam_network"], "timeouts", object{"delete": "300ms"})
	network, diags = tf.apply(t, "vdam_network", network, tf.plan(t, "vdam_network", network, limited), limited)
	clean(t, "the change of timeouts", diags)
	after, diags = tf.apply(t, "vdam_network", network, tf.plan(t, "vdam_network", network, nil), nil)
	kept(t, after, true)
	golden(t, "refusals/in_use", show(diags))
}
