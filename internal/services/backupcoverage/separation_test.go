package backupcoverage

import (
	"fmt"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	apiX = "https://x.example:8443/v1"
	apiY = "https://y.example/v1"
	apiZ = "https://z.example/v1"
)

// keeping is an operator with a plan for each of its keepers, given with the URLs of their vaults in turn.
func keeping(operator, endpoint string, keepersAndVaults ...string) stock {
	s := stock{operator: operator, host: hostOf(endpoint)}
	for i := 0; i < len(keepersAndVaults); i += 2 {
		p := planOf(fmt.Sprint("p", i), keepersAndVaults[i], 0, nil, "v")
		p.Vault.URL = keepersAndVaults[i+1]
		s.plans = append(s.plans, p)
	}
	return s
}

func TestSeparationLevel(t *testing.T) {
	for name, c := range map[string]struct {
		keeper, endpoint, vault string
		domains                 map[string]string
		want                    int64
	}{
		"the same operator":                {"x", apiX, apiX, nil, 1},
		"the same one, whatever it says":   {"x", apiX, apiX, map[string]string{"x": "Rīga"}, 1},
		"another one":                      {"y", apiY, apiY + "/vaults/1", nil, 2},
		"another one at the same host":     {"y", "https://x.example:9443", "https://x.example:9443/v", nil, 1},
		"one gateway before two sites":     {"y", "https://x.example/y", "https://x.example/y/v", map[string]string{"x": "Rīga", "y": "Ogre"}, 4},
		"one gateway, half of it declared": {"y", "https://x.example/y", "https://x.example/y/v", map[string]string{"x": "Rīga"}, 1},
		"a bucket at the source":           {"y", apiY, "https://x.example:9000/bucket", map[string]string{"x": "Rīga", "y": "Ogre"}, 1},
		"a bucket somewhere":               {"y", apiY, "https://s3.example/bucket", nil, 2},
		"half of it declared":              {"y", apiY, apiY, map[string]string{"y": "Ogre"}, 2},
		"one site":                         {"y", apiY, apiY, map[string]string{"x": "Rīga/A", "y": " rīga / a"}, 2},
		"two sites of one city":            {"y", apiY, apiY, map[string]string{"x": "Rīga/A", "y": "Rīga/B"}, 3},
		"a city and a site of it":          {"y", apiY, apiY, map[string]string{"x": "Rīga", "y": "Rīga/B"}, 3},
		"two cities":                       {"y", apiY, apiY, map[string]string{"x": "Rīga/A", "y": "Ogre/A"}, 4},
		"an operator nobody has looked at": {"y", "", apiY, nil, 2},
		"no URL that could be read":        {"y", "://", "://", nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			all := []stock{keeping("x", apiX, c.keeper, c.vault)}
			if c.keeper != "x" && c.endpoint != "" {
				all = append(all, keeping(c.keeper, c.endpoint))
			}
			if got := survey(all, c.domains, now).protections[0].level; got != c.want {
				t.Errorf("the level is %d, want %d", got, c.want)
			}
		})
	}
}

func TestCycles(t *testing.T) {
	const bucket = "https://s3.example/bucket"
	ring := []stock{keeping("x", apiX, "y", apiY), keeping("y", apiY, "z", apiZ), keeping("z", apiZ, "x", apiX)}
	pair := []stock{keeping("x", apiX, "y", apiY), keeping("y", apiY, "x", apiX)}
	for name, c := range map[string]struct {
		all     []stock
		domains map[string]string
		want    string
	}{
		"nothing is known":      {pair, nil, "[]"},
		"two sites":             {pair, map[string]string{"x": "Rīga", "y": "Ogre"}, "[]"},
		"one site":              {pair, map[string]string{"x": "Rīga", "y": "rīga"}, "[{{failure_domains Rīga} [x y]}]"},
		"one direction":         {pair[:1], map[string]string{"x": "Rīga", "y": "Rīga"}, "[]"},
		"an operator by itself": {[]stock{keeping("x", apiX, "x", apiX)}, map[string]string{"x": "Rīga"}, "[]"},
		"a ring of three":       {ring, map[string]string{"x": "Rīga", "y": "Rīga", "z": "Rīga"}, "[{{failure_domains Rīga} [x y z]}]"},
		"a ring that leaves":    {ring, map[string]string{"x": "Rīga", "y": "Rīga", "z": "Ogre"}, "[]"},
		"one host": {
			[]stock{keeping("x", apiX, "y", apiX), keeping("y", "https://x.example:9443", "x", apiX)}, nil,
			"[{{endpoint x.example} [x y]}]",
		},
		"one host that is a gateway": {
			[]stock{keeping("x", apiX, "y", apiX), keeping("y", apiX, "x", apiX)}, map[string]string{"x": "Rīga", "y": "Ogre"}, "[]",
		},
		"all vaults in one S3": {
			[]stock{keeping("x", apiX, "y", bucket), keeping("y", apiY, "x", bucket)}, map[string]string{"x": "Rīga", "y": "Ogre"},
			"[{{vault_endpoint s3.example} [x y]}]",
		},
		"one vault in an S3": {[]stock{keeping("x", apiX, "y", bucket), keeping("y", apiY, "x", apiX)}, nil, "[]"},
		"two groups": {
			[]stock{
				keeping("c", apiX, "d", apiY), keeping("d", apiY, "c", apiX, "a", apiZ),
				keeping("a", apiZ, "b", apiX), keeping("b", apiX, "a", apiZ),
			},
			map[string]string{"a": "Rīga", "b": "Rīga", "c": "Rīga", "d": "Rīga"},
			"[{{failure_domains Rīga} [a b]} {{failure_domains Rīga} [c d]}]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(survey(c.all, c.domains, now).cycles); got != c.want {
				t.Errorf("the cycles are %s, want %s", got, c.want)
			}
		})
	}
}

// TestDrillOfProtection shows each source what its own plan remembers.
func TestDrillOfProtection(t *testing.T) {
	drilled := covering("v")
	drilled.LastDrill = &cloud.Drill{StartedAt: now, Passed: true}
	got := survey([]stock{{operator: "x", plans: []cloud.BackupPlan{drilled, covering("w")}}}, nil, now).protections
	if got[0].drill != drilled.LastDrill || got[1].drill != nil {
		t.Errorf("the drills are %v and %v", got[0].drill, got[1].drill)
	}
}
