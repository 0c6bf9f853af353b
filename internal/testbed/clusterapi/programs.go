package clusterapi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
)

// prefix is what the programs are called, followed by their part and their version.
const prefix = "vdam-capi-"

// parts are the programs, and the features that each is to have besides those that it has by itself.
var parts = []struct{ name, features string }{
	{"core", "ClusterTopology=true,MachineTaintPropagation=true," + restless},
	{"kcp", "ClusterTopology=true,MachineTaintPropagation=true," + restless},
	{"cabpk", "ClusterTopology=true," + restless},
	{"dev-infra", "ClusterTopology=true," + restless},
}

// restless has the controllers not wait a second between two looks at an object, of which a test has many.
const restless = "ReconcilerRateLimiting=false"

// programs are those of a version, and the custom resources and webhooks of each.
type programs struct {
	dir     string
	version controlplane.Release
}

// findPrograms finds the newest version of which there is everything.
func findPrograms() (programs, error) {
	dir, err := controlplane.DefaultBinDir()
	if err != nil {
		return programs{}, err
	}
	found, err := filepath.Glob(filepath.Join(dir, prefix+parts[0].name+"-*"))
	if err != nil {
		return programs{}, err
	}
	var newest programs
	for _, file := range found {
		_, version, _ := strings.Cut(filepath.Base(file), parts[0].name+"-")
		r, err := controlplane.ParseRelease(version)
		if p := (programs{dir, r}); err == nil && p.complete() && r.Compare(newest.version) > 0 {
			newest = p
		}
	}
	if newest.dir == "" {
		return programs{}, errors.New("there is no Cluster API in " + dir + ": `make testbed-kubernetes-build` builds it")
	}
	return newest, nil
}

func (p programs) complete() bool {
	for _, part := range parts {
		for _, file := range []string{p.program(part.name), p.manifests(part.name)} {
			if _, err := os.Stat(file); err != nil {
				return false
			}
		}
	}
	return true
}

func (p programs) program(part string) string {
	return filepath.Join(p.dir, fmt.Sprintf("%s%s-%s", prefix, part, p.version))
}

// manifests is a file with a part's custom resources and webhooks.
func (p programs) manifests(part string) string { return p.program(part) + ".yaml" }
