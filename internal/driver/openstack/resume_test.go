package openstack

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// broken is how a service answers that has stumbled, with or without having done what it was asked.
const broken = `{"computeFault": {"code": 500, "message": "Unexpected API Error."}}`

// TestOpenStackResumes cuts the making of what takes several requests off at each of them. The next order of the same
// key goes on from what there is, so that in the end there is one of everything.
func TestOpenStackResumes(t *testing.T) {
	for name, c := range map[string]struct {
		cut func(p *tap.Tap)
		run func(r *tenant)
	}{
		"network, no answer to the network": {cut: loses(http.MethodPost, "/networks"), run: resumesNetwork},
		"network, no subnet":                {cut: stumbles(http.MethodPost, "/subnets"), run: resumesNetwork},
		"network, no answer to the subnet":  {cut: loses(http.MethodPost, "/subnets"), run: resumesNetwork},
		"network, no tags":                  {cut: stumbles(http.MethodPut, "/tags"), run: resumesNetwork},
		"group, no rules":                   {cut: stumbles(http.MethodPost, "/security-group-rules"), run: resumesGroup},
		"group, no answer to the rules":     {cut: loses(http.MethodPost, "/security-group-rules"), run: resumesGroup},
		"machine, no answer to the ports":   {cut: loses(http.MethodPost, "/ports"), run: resumesMachine},
		"machine, no server":                {cut: stumbles(http.MethodPost, "/servers"), run: resumesMachine},
		"machine, no answer to the key":     {cut: loses(http.MethodPost, "/os-keypairs"), run: resumesMachine},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTenant(t, "b-acme")
			c.cut(r.tap)
			c.run(r)
		})
	}
}

func loses(method, end string) func(*tap.Tap) {
	return func(p *tap.Tap) { p.LoseAnswer(tap.On(method, end)) }
}

func stumbles(method, end string) func(*tap.Tap) {
	return func(p *tap.Tap) { p.Answer(tap.On(method, end), http.StatusInternalServerError, broken) }
}

// twice orders until the cloud has accepted, as the engine does, and fails unless the first order was cut off.
func twice[S any, O cloud.Object](r *tenant, c cloud.Collection[S, O], spec S) O {
	r.Helper()
	opts := cloud.CreateOptions{OwnerKey: uuid.NewString()}
	_, err := c.Create(r.Context(), spec, opts)
	_ = want(r.T, err, cloud.ErrUnknownOutcome) // Nobody looks closer.
	o, err := c.Create(r.Context(), spec, opts)
	must(r.T, err)
	deleteAtEnd(r, c, o.Metadata().ID)
	if found := o.Metadata().Ownership; found.Key != opts.OwnerKey || found.Claimed {
		r.Errorf("ownership is %+v", found)
	}
	return wait(r, c, o.Metadata().ID, cloud.StateReady)
}

func resumesNetwork(r *tenant) {
	spec := cloud.NetworkSpec{SpecMeta: cloud.SpecMeta{Name: unique("net"), Description: "mine"}, CIDR: "10.97.0.0/24"}
	n := twice(r, r.Networks, spec)
	if n.CIDR != spec.CIDR || n.Description != spec.Description {
		r.Errorf("the network is %+v", n)
	}
	subnets, err := collect(pages[subnet](r.Context(), r.s, r.s.network, "subnets"+query("network_id", n.ID), "subnets", nil))
	must(r.T, err)
	if len(subnets) != 1 {
		r.Errorf("it has %d subnets", len(subnets))
	}
	r.onlyOne("networks", spec.Name)
}

func resumesGroup(r *tenant) {
	spec := cloud.SecurityGroupSpec{SpecMeta: cloud.SpecMeta{Name: unique("sg")}, Rules: []cloud.SecurityRule{
		{Direction: "ingress", Protocol: "tcp", PortMin: 443, PortMax: 443}, {Direction: "egress", Protocol: "udp", RemoteCIDR: "10.0.0.0/8"},
	}}
	g := twice(r, r.SecurityGroups, spec)
	if len(g.Rules) != 2 || !slices.Contains(g.Rules, spec.Rules[0]) || !slices.Contains(g.Rules, spec.Rules[1]) {
		r.Errorf("the rules are %+v", g.Rules)
	}
	r.onlyOne("security-groups", spec.Name)
}

func resumesMachine(r *tenant) {
	spec := r.spec(r.net())
	spec.SSHAuthorizedKeys = []string{publicKey}
	vm := twice(r, r.VirtualMachines, spec)
	r.onlyOne("ports", spec.Name+"-nic0")
	found := r.portsIn(spec.NetworkInterfaces[0].NetworkID)
	if len(found) != 1 || found[0].DeviceID != vm.ID {
		r.Errorf("the network has the ports %+v", found)
	}
	if pairs := r.keyPairs(); slices.Contains(pairs, "vdam-"+vm.Ownership.Key) {
		r.Errorf("of the key pairs, %v are left", pairs)
	}
}

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEn7t9tk2w7vRw1Fyz0ZJcJrkQ1yvWc0bNf3n1pGq2aT test"

func (r *tenant) portsIn(network string) []port {
	r.Helper()
	found, err := collect(pages[port](r.Context(), r.s, r.s.network, "ports"+query("network_id", network), "ports", nil))
	must(r.T, err)
	return found
}

// onlyOne fails the test unless Neutron has one object of a name.
func (r *tenant) onlyOne(segment, name string) {
	r.Helper()
	plural := strings.ReplaceAll(segment, "-", "_")
	address := segment + query("name", name, "project_id", r.s.project)
	all, err := collect(pages[neutronObject](r.Context(), r.s, r.s.network, address, plural, nil))
	must(r.T, err)
	if len(all) != 1 {
		r.Errorf("there are %d %s of the name %s", len(all), segment, name)
	}
}

func (r *tenant) keyPairs() (names []string) {
	r.Helper()
	var answer struct {
		Pairs []struct {
			Pair struct {
				Name string `json:"name"`
			} `json:"keypair"`
		} `json:"keypairs"`
	}
	_, err := r.s.get(r.Context(), r.s.compute, "os-keypairs", &answer)
	must(r.T, err)
	for _, p := range answer.Pairs {
		names = append(names, p.Pair.Name)
	}
	return names
}

// TestOpenStackRefusedForGood leaves nothing of an order whose last step is refused, and touches no key pair of others.
func TestOpenStackRefusedForGood(t *testing.T) {
	r := newTenant(t, "b-acme")
	foreign := unique("mine")
	pair := map[string]any{"keypair": map[string]any{"name": foreign, "public_key": publicKey}}
	_, err := r.s.post(t.Context(), r.s.compute, "os-keypairs", pair, nil)
	must(t, err)
	t.Cleanup(func() { _ = r.s.remove(t.Context(), r.s.compute, path("os-keypairs", foreign)) })
	before := r.keyPairs()
	spec := r.spec(r.net())
	spec.SSHAuthorizedKeys = []string{publicKey}
	r.tap.Answer(tap.On(http.MethodPost, "/servers"), http.StatusForbidden,
		`{"forbidden": {"code": 403, "message": "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances"}}`)
	_, err = r.order(spec, uuid.NewString())
	if q := want(t, err, cloud.ErrQuota).Quota; q == nil || q.Used != 10 {
		t.Errorf("the figures are %+v", q)
	}
	if found := r.portsIn(spec.NetworkInterfaces[0].NetworkID); len(found) > 0 {
		t.Errorf("the ports %+v are left", found)
	}
	if after := r.keyPairs(); !slices.Equal(before, after) {
		t.Errorf("the key pairs were %v and are %v", before, after)
	}
}

// TestOpenStackGoneBetweenRequests deletes a machine whose earlier deletion ends after Nova has shown it for the last
// time. Nobody asks again after that, so that its port goes at once or never.
func TestOpenStackGoneBetweenRequests(t *testing.T) {
	r := newTenant(t, "b-acme")
	spec := r.spec(r.net())
	vm := r.machine(spec)
	must(t, r.VirtualMachines.Claim(t.Context(), vm.ID))
	address := path("servers", vm.ID)
	var shown json.RawMessage
	_, err := r.s.get(t.Context(), r.s.compute, address, &shown)
	must(t, err)
	must(t, r.s.remove(t.Context(), r.s.compute, address))
	waitUntil(t, func() bool {
		_, err := r.s.get(t.Context(), r.s.compute, address, nil)
		return isNotFound(err)
	})
	r.tap.Answer(tap.On(http.MethodGet, "/servers/"+vm.ID), http.StatusOK, string(shown))
	_ = want(t, r.VirtualMachines.Delete(t.Context(), vm.ID), cloud.ErrNotFound) // Nobody looks closer.
	if found := r.portsIn(spec.NetworkInterfaces[0].NetworkID); len(found) > 0 {
		t.Errorf("the ports %+v are left", found)
	}
}
