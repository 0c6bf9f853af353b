package openstack

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestOpenStackSuite runs the scenarios of all drivers on both clouds, each through another kind of credentials.
func TestOpenStackSuite(t *testing.T) {
	for _, entry := range []string{"a-acme-appcred-restricted", "b-globex"} {
		t.Run(entry, func(t *testing.T) {
			file := testbed.Require(t, entry)
			cloudtest.Run(t, func(t *testing.T) cloudtest.Harness {
				t.Helper()
				return newHarness(t, file, entry)
			})
		})
	}
}

// newHarness opens the cloud through a tap of its own for each scenario.
func newHarness(t *testing.T, file, entry string) cloudtest.Harness {
	t.Helper()
	p := tap.Start(t)
	op := open(t, file, entry, p.URL())
	s := sessionOf(op)
	return cloudtest.Harness{
		Operator: op, ImageID: imageNamed(t, op, "testbed-linux"), BootDiskGiB: 1, VolumeGiB: 1, LargerGiB: 2,
		Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 512}, OtherSize: cloudtest.Size{VCPUs: 1, MemoryMiB: 2048},
		BeyondQuotaGiB: beyondQuota(t, s), Patience: 4 * time.Minute,
		Describe: func(t *testing.T, kind cloud.Kind, id, description string) {
			t.Helper()
			if kind == cloud.KindContainerCluster {
				describeCluster(t, s, id, description)
				return
			}
			service, segment, wrapper := s.placeOf(kind)
			_, err := s.do(t.Context(), service, request{method: http.MethodPut, path: path(segment, id),
				body: map[string]any{wrapper: map[string]any{"description": description}}})
			must(t, err)
		},
		Remove: func(t *testing.T, kind cloud.Kind, id string) {
			t.Helper()
			removeElsewhere(t, s, kind, id)
		},
		LoseCreateAnswer: func(_ *testing.T, kind cloud.Kind) {
			p.LoseAnswer(tap.On(http.MethodPost, map[cloud.Kind]string{
				cloud.KindNetwork: "/networks", cloud.KindSecurityGroup: "/security-groups", cloud.KindStorageVolume: "/volumes",
				cloud.KindVirtualMachine: "/servers", cloud.KindVolumeAttachment: "/os-volume_attachments",
				cloud.KindContainerCluster: "/clusters",
			}[kind]))
		},
	}
}

// beyondQuota is a size that no volume of the project can have, zero if there is none.
func beyondQuota(t *testing.T, s *session) int64 {
	t.Helper()
	_, limit, ok := s.quotaOf(t.Context(), s.volume, "gigabytes")
	if !ok || limit < 0 || limit >= maxVolumeGiB {
		return 0
	}
	return limit + 1
}

// placeOf is where a kind is in the API.
func (s *session) placeOf(kind cloud.Kind) (service *gophercloud.ServiceClient, segment, wrapper string) {
	switch kind {
	case cloud.KindNetwork:
		return s.network, "networks", "network"
	case cloud.KindSecurityGroup:
		return s.network, "security-groups", "security_group"
	case cloud.KindStorageVolume:
		return s.volume, "volumes", "volume"
	case cloud.KindContainerCluster:
		return s.containers, "clusters", ""
	default:
		return s.compute, "servers", "server"
	}
}

// describeCluster gives a cluster another description in its note.
func describeCluster(t *testing.T, s *session, id, description string) {
	t.Helper()
	_, n, _, err := newClusters(s).one(t.Context(), id)
	must(t, err)
	p := maps.Clone(n.properties)
	p[descriptionProperty] = description
	must(t, s.write(t.Context(), n, p))
}

// removeElsewhere deletes an object as somebody else would, and waits until it is gone.
func removeElsewhere(t *testing.T, s *session, kind cloud.Kind, id string) {
	t.Helper()
	service, segment, _ := s.placeOf(kind)
	address := path(segment, id)
	if server, volume, ok := strings.Cut(id, ":"); ok {
		must(t, s.remove(t.Context(), s.compute, path("servers", server, "os-volume_attachments", volume)))
		waitUntil(t, func() bool {
			r, _, err := s.oneVolume(t.Context(), volume)
			return err == nil && r.Status == "available"
		})
		return
	}
	must(t, s.remove(t.Context(), service, address))
	waitUntil(t, func() bool { _, err := s.get(t.Context(), service, address, nil); return isNotFound(err) })
}

// waitUntil asks a real cloud again and again.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("what was waited for did not come")
		}
	}
}

// open makes an operator as the provider does, through a proxy if one is given.
func open(t *testing.T, file, entry, proxy string) *cloud.Operator {
	t.Helper()
	op, _, err := tryOpen(t, file, entry, proxy)
	must(t, err)
	return op
}

func tryOpen(t *testing.T, file, entry, proxy string) (*cloud.Operator, *Identity, error) {
	t.Helper()
	options, endpoints, _, err := clouds.Parse(clouds.WithCloudName(entry), clouds.WithLocations(file))
	must(t, err)
	config := transport.Config{Operator: entry, UserAgent: "cloudtest", ProxyURL: proxy,
		Limits: transport.Limits{MaxParallel: 8, PerTryTimeout: RequestTimeout}}
	anonymous, err := transport.New(config)
	must(t, err)
	identity := NewIdentity(entry, anonymous, options)
	config.Tokens, config.TokenHeader = identity, TokenHeader
	client, err := transport.New(config)
	must(t, err)
	op, err := Open(t.Context(), Options{Name: entry, Identity: identity, HTTP: client, Endpoints: endpoints})
	return op, identity, err
}

func sessionOf(op *cloud.Operator) *session { return op.VirtualMachines.(*servers).session }

func imageNamed(t *testing.T, op *cloud.Operator, name string) string {
	t.Helper()
	for image, err := range op.Images.List(t.Context()) {
		must(t, err)
		if image.Name == name {
			return image.ID
		}
	}
	t.Fatalf("there is no image %s", name)
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
