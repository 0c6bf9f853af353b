package provider_test

import (
	"context"
	"iter"
	"slices"

	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

// disguised is the provider with operators of the sandbox that pass for OpenStack.
type disguised struct {
	fw.Provider
	operators []string
}

// disguise starts a provider, not configured, at which some operators pass for OpenStack.
func disguise(t tester, operators ...string) *terraform {
	t.Helper()
	tf := connect(t)
	server, err := providerserver.NewProtocol6WithError(newDisguised(operators))()
	if err != nil {
		t.Fatal(err)
	}
	tf.server = server
	return tf
}

func newDisguised(operators []string) fw.Provider {
	return disguised{provider.New("test")(), operators}
}

// Configure has the operators opened as they are, and disguises them then.
func (p disguised) Configure(ctx context.Context, req fw.ConfigureRequest, resp *fw.ConfigureResponse) {
	p.Provider.Configure(ctx, req, resp)
	configured, ok := resp.ResourceData.(*lifecycle.Configured)
	if !ok {
		return
	}
	inner := configured.Federation
	openers := make(map[string]cloud.Opener)
	for _, name := range inner.Names() {
		openers[name] = func(ctx context.Context) (*cloud.Operator, error) {
			op, err := inner.Operator(ctx, name)
			if err == nil && slices.Contains(p.operators, name) {
				op.Driver, op.VolumeAttachments = "openstack", pairs{op.VolumeAttachments}
			}
			return op, err
		}
	}
	outer := cloud.NewFederation(inner.Known(), openers)
	outer.DefaultOperator, outer.DeploymentID, outer.DefaultLabels = inner.DefaultOperator, inner.DeploymentID, inner.DefaultLabels
	resp.ResourceData = &lifecycle.Configured{Federation: outer, Desks: configured.Desks}
}

// pairs shows volume attachments under ids such as OpenStack's driver gives them: <machine>:<volume>.
type pairs struct {
	cloud.Collection[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment]
}

// Get implements cloud.Collection.
func (p pairs) Get(ctx context.Context, id string) (cloud.VolumeAttachment, error) {
	for a, err := range p.List(ctx, cloud.ListOptions{}) {
		if err != nil || a.ID == id {
			return a, err
		}
	}
	return cloud.VolumeAttachment{}, &cloud.Error{Reason: cloud.ErrNotFound, Text: "There is no such attachment."}
}

// List implements cloud.Collection.
func (p pairs) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.VolumeAttachment, error] {
	return func(yield func(cloud.VolumeAttachment, error) bool) {
		for a, err := range p.Collection.List(ctx, o) {
			a.ID = a.VirtualMachineID + ":" + a.VolumeID
			if !yield(a, err) {
				return
			}
		}
	}
}
