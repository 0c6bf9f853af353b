package openstack

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// novaKey is what Nova lets a key of metadata be.
var novaKey = regexp.MustCompile(`^[a-zA-Z0-9-_:. ]{1,255}$`)

func drawLabels(t *rapid.T) map[string]string {
	values := rapid.OneOf(rapid.StringN(0, 255, -1), rapid.StringOfN(rapid.SampledFrom([]rune(`\ā🇱`)), 200, 255, -1))
	return rapid.MapOfN(rapid.StringMatching(`[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?`), values, 0, 8).Draw(t, "labels")
}

// TestMetadataHoldsEverything writes what users may declare and reads it again, as metadata and as tags, within what
// the services store.
func TestMetadataHoldsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := cloud.SpecMeta{Name: "x", Labels: drawLabels(t), Description: rapid.StringN(0, 1000, -1).Draw(t, "description")}
		opts := cloud.CreateOptions{
			OwnerKey: "6f2d5f1e-3c0a-5b7e-9a51-7d1c0e8f4b26", Deployment: rapid.StringN(0, 200, -1).Draw(t, "deployment"),
		}
		p := ordered(spec, opts)
		stored := p.encode()
		for k, v := range stored {
			tooFar := slices.ContainsFunc([]rune(v), func(r rune) bool { return r > maxStored })
			if !novaKey.MatchString(k) || utf8.RuneCountInString(v) > valueLimit || tooFar {
				t.Fatalf("Nova would refuse %q = %q", k, v)
			}
		}
		for _, tag := range p.tags() {
			if utf8.RuneCountInString(tag) > tagLimit {
				t.Fatalf("Neutron would refuse %q", tag)
			}
		}
		for what, read := range map[string]properties{"metadata": decode(stored), "tags": untag(p.tags())} {
			m := cloud.Meta{Description: shortDescription(spec.Description)}
			read.meta(&m)
			if !maps.Equal(m.Labels, spec.Labels) {
				t.Errorf("labels in %s became %q; want %q", what, m.Labels, spec.Labels)
			}
			if m.Description != spec.Description {
				t.Errorf("the description in %s became %q; want %q", what, m.Description, spec.Description)
			}
			if m.Ownership != (cloud.Ownership{Key: opts.OwnerKey, Deployment: opts.Deployment}) {
				t.Errorf("ownership in %s became %+v", what, m.Ownership)
			}
		}
	})
}

// TestForeignMetadata is what others have written: it is neither a label nor lost.
func TestForeignMetadata(t *testing.T) {
	var m cloud.Meta
	decode(map[string]string{"Owner": "HR", "env": `C:\temp`, "a::2": "slash"}).meta(&m)
	if want := map[string]string{"env": `C:\temp`, "a/2": "slash"}; !maps.Equal(m.Labels, want) || !m.Ownership.Claimed {
		t.Errorf("labels are %q, ownership %+v", m.Labels, m.Ownership)
	}
	if got := foreign([]string{"prod", "vdam:owner=x", "k=v"}); !slices.Equal(got, []string{"prod"}) {
		t.Errorf("tags of others are %q", got)
	}
}

// TestDescriptionChangedElsewhere shows what somebody has written in the service's own field.
func TestDescriptionChangedElsewhere(t *testing.T) {
	long := "first\nsecond"
	m := cloud.Meta{Description: "written at the dashboard"}
	ordered(cloud.SpecMeta{Description: long}, cloud.CreateOptions{}).meta(&m)
	if m.Description != "written at the dashboard" {
		t.Errorf("the description is %q", m.Description)
	}
}

// TestInterfacesInOrder reads the order of a server's interfaces from the text of Nova's answer.
func TestInterfacesInOrder(t *testing.T) {
	var r serverRecord
	err := json.Unmarshal([]byte(`{"image": "", "addresses": {
		"z-net": [{"addr": "10.0.0.4", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01"},
		          {"addr": "fd00::4", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01"}],
		"a-net": [{"OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:02", "addr": "10.1.0.4"}]}}`), &r)
	if err != nil {
		t.Fatal(err)
	}
	ports := []port{{ID: "2", MACAddress: "fa:16:3e:00:00:02"}, {ID: "1", MACAddress: "fa:16:3e:00:00:01"}}
	if got := r.inOrder(ports); got[0].ID != "1" || got[1].ID != "2" {
		t.Errorf("the order is %+v", got)
	}
	ours := []port{
		{ID: "b", Name: "db-nic1", Description: portOwner + "k"}, {ID: "a", Name: "db-nic0", Description: portOwner + "k"},
	}
	if got := r.inOrder(ours); got[0].ID != "a" {
		t.Errorf("the order of ordered ports is %+v", got)
	}
}
