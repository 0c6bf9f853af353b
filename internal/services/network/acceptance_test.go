package network_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const front = "vdam_network.front"

// frontNetwork has every attribute.
const frontNetwork = `
resource "vdam_network" "front" {
  operator    = "iem-ic"
  name        = "front"
  description = "` + acctest.Diacritics + `"
  labels      = { tier = "front", vieta = "Ķīšezers" }
  cidr        = "10.20.0.0/24"
  dns_servers = ["192.0.2.53", "2001:db8::53"]
  timeouts    = { create = "5m", update = "6m", delete = "7m" }
}
`

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func frontAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id":          acctest.ID("iem-ic"),
		"operator":    knownvalue.StringExact("iem-ic"),
		"status":      knownvalue.StringExact("ready"),
		"created_at":  acctest.Time,
		"name":        knownvalue.StringExact("front"),
		"description": knownvalue.StringExact(acctest.Diacritics),
		"labels":      acctest.Labels("tier", "front", "vieta", "Ķīšezers"),
		"effective_labels": acctest.Labels(
			"suite", "acctest", "tier", "front", "vieta", "Ķīšezers"),
		"cidr":            knownvalue.StringExact("10.20.0.0/24"),
		"gateway_address": knownvalue.StringExact("10.20.0.1"),
		"dns_servers":     acctest.Texts("192.0.2.53", "2001:db8::53"),
		"timeouts": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"create": knownvalue.StringExact("5m"), "update": knownvalue.StringExact("6m"), "delete": knownvalue.StringExact("7m"),
		}),
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:           env.Config(frontNetwork),
				ConfigPlanChecks: plans(front, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(front, frontAttributes()), same.AddStateValue(front, id),
				},
			},
			{
				ResourceName: front, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"},
			},
			{
				// Everything that may change in place, and what is optional taken away. The operator stays the same
				// though it is not the default one.
				Config: env.Config(`resource "vdam_network" "front" {
					name = "front-2"
					cidr = "10.20.0.0/24"
				}`),
				ConfigPlanChecks: plans(front, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(front, id),
					acctest.Attributes(front, map[string]knownvalue.Check{
						"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"),
						"status": knownvalue.StringExact("ready"), "created_at": acctest.Time,
						"name": knownvalue.StringExact("front-2"), "description": knownvalue.Null(), "labels": knownvalue.Null(),
						"effective_labels": acctest.Labels("suite", "acctest"), "cidr": knownvalue.StringExact("10.20.0.0/24"),
						"gateway_address": knownvalue.StringExact("10.20.0.1"), "dns_servers": knownvalue.Null(),
						"timeouts": knownvalue.Null(),
					}),
				},
			},
			{
				// Somebody at the operator's portal changes it: the plan shows that, and puts it back.
				PreConfig: func() {
					env.Change(t, "iem-ic", "networks/front-2", `{"description": "Svešs", "labels": {"suite": "other", "cits": "x"},
						"dns_servers": ["192.0.2.99"]}`)
				},
				Config:           env.Config(frontNetwork),
				ConfigPlanChecks: plans(front, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(front, frontAttributes()), same.AddStateValue(front, id), other.AddStateValue(front, id),
				},
			},
			{
				PreConfig:         func() { env.Remove(t, "iem-ic", "networks/front") },
				Config:            env.Config(frontNetwork),
				ConfigPlanChecks:  plans(front, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(front, frontAttributes()), other.AddStateValue(front, id)},
			},
			{
				Config: env.Config(`resource "vdam_network" "front" {
					operator = "iem-ic"
					name     = "front"
					cidr     = "2001:db8:1::/64"
				}`),
				ConfigPlanChecks: plans(front, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(front, id),
					acctest.Some(front, map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("iem-ic"), "cidr": knownvalue.StringExact("2001:db8:1::/64"),
						"gateway_address": knownvalue.StringExact("2001:db8:1::1"),
					}),
				},
			},
			{
				Config: env.Config(`resource "vdam_network" "front" {
					operator = "lvrtc"
					name     = "front"
					cidr     = "2001:db8:1::/64"
				}`),
				ConfigPlanChecks:  plans(front, plancheck.ResourceActionReplace),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Some(front, map[string]knownvalue.Check{"id": acctest.ID("lvrtc")})},
			},
			{
				// What is left to the provider block now was said before.
				Config: env.Config(`resource "vdam_network" "front" {
					name = "front"
					cidr = "2001:db8:1::/64"
				}`),
				ConfigPlanChecks: plans(front, plancheck.ResourceActionNoop),
			},
			{
				ResourceName: front, ImportState: true, ImportStateId: "front",
				ExpectError: acctest.Words(`"front" is not the id of a network`, `Write <operator>/<id>, as in lvrtc/7c1f0c2e`),
			},
			{
				ResourceName: front, ImportState: true, ImportStateId: "lnb/net-1",
				ExpectError: acctest.Words(`The provider block configures no operator "lnb"`, `It has: iem-ic, lvrtc.`),
			},
			{
				ResourceName: front, ImportState: true, ImportStateId: "lvrtc/net-1",
				ExpectError: acctest.Words(`Cannot import non-existent remote object`),
			},
		},
	})
}

func TestAcceptanceMinimal(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	all := map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": knownvalue.StringExact("lvrtc"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("front"), "description": knownvalue.Null(),
		"labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"cidr": knownvalue.StringExact("10.20.0.0/24"), "gateway_address": knownvalue.StringExact("10.20.0.1"),
		"dns_servers": knownvalue.Null(),
	}
	minimal := map[string]knownvalue.Check{"timeouts": knownvalue.Null()}
	maps.Copy(minimal, all)
	const resources = `
resource "vdam_network" "front" {
  name = "front"
  cidr = "10.20.0.0/24"
}

resource "vdam_network" "back" {
  name        = "back"
  description = "` + acctest.Diacritics + `"
  labels      = { tier = "back" }
  cidr        = "10.20.1.0/29"
  dns_servers = ["10.20.1.2"]
}

resource "vdam_network" "far" {
  operator = "iem-ic"
  name     = "front"
  cidr     = "10.20.0.0/24"
}
`
	back := map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": knownvalue.StringExact("lvrtc"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("back"),
		"description": knownvalue.StringExact(acctest.Diacritics), "labels": acctest.Labels("tier", "back"),
		"effective_labels": acctest.Labels("suite", "acctest", "tier", "back"),
		"cidr":             knownvalue.StringExact("10.20.1.0/29"), "gateway_address": knownvalue.StringExact("10.20.1.1"),
		"dns_servers": acctest.Texts("10.20.1.2"),
	}
	far := maps.Clone(all)
	far["id"], far["operator"] = acctest.ID("iem-ic"), knownvalue.StringExact("iem-ic")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:            env.Config(resources),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(front, minimal)},
			},
			{
				Config: env.Config(resources + `
data "vdam_network" "by_id" {
  id = vdam_network.front.id
}

data "vdam_network" "by_name" {
  name = "back"
}

data "vdam_network" "elsewhere" {
  operator = "iem-ic"
  name     = "front"
}

data "vdam_networks" "all" {}

data "vdam_networks" "labelled" {
  labels = { tier = "back", suite = "acctest" }
}

data "vdam_networks" "none" {
  operator = "iem-ic"
  labels   = { tier = "back" }
}
`),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_network.by_id", all),
					acctest.Attributes("data.vdam_network.by_name", back),
					acctest.Attributes("data.vdam_network.elsewhere", far),
					acctest.Some("data.vdam_networks.all", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("lvrtc"), "labels": knownvalue.Null(), "networks": knownvalue.ListSizeExact(2),
					}),
					acctest.Attributes("data.vdam_networks.labelled", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("lvrtc"), "labels": acctest.Labels("tier", "back", "suite", "acctest"),
						"networks": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(back)}),
					}),
					acctest.Some("data.vdam_networks.none", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("iem-ic"), "networks": knownvalue.ListExact(nil),
					}),
				},
			},
		},
	})
}

func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	t.Run("before anything is asked", func(t *testing.T) {
		env.Refuse(t, env.Config(`
resource "vdam_network" "capital" {
  name = "Front"
  cidr = "10.20.0.0/24"
}

resource "vdam_network" "hyphen" {
  name = "front-"
  cidr = "10.20.0.0/24"
}

resource "vdam_network" "latvian" {
  name = "ārējais"
  cidr = "10.20.0.0/24"
}

resource "vdam_network" "labels" {
  name   = "labels"
  cidr   = "10.20.0.0/24"
  labels = { "Tier" = "front" }
}

resource "vdam_network" "servers" {
  name        = "servers"
  cidr        = "10.20.0.0/24"
  dns_servers = []
}

data "vdam_network" "both" {
  id   = "lvrtc/net-1"
  name = "front"
}

data "vdam_network" "neither" {}
`),
			acctest.Refusal{Address: "vdam_network.capital", At: `name = "Front"`, Summary: "Invalid Attribute Value Match",
				Detail: `Attribute name must be of a-z, 0-9 and -, with a letter or digit at both ends, got: Front`},
			acctest.Refusal{Address: "vdam_network.hyphen", At: `name = "front-"`, Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_network.latvian", At: `name = "ārējais"`, Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_network.labels", At: `labels = {`, Summary: "Invalid Attribute Value Match",
				Detail: `Attribute labels["Tier"] must be of a-z, 0-9, ., _, / and -, with a letter or digit at both ends, got: Tier`},
			acctest.Refusal{Address: "vdam_network.servers", At: `dns_servers = []`, Summary: "Invalid Attribute Value",
				Detail: `Attribute dns_servers list must contain at least 1 elements and at most 8 elements, got: 0`},
			acctest.Refusal{Address: "data.vdam_network.both", At: `id = "lvrtc/net-1"`, Summary: "Invalid Attribute Combination",
				Detail: `2 attributes specified when one (and only one) of [id,name] is required`},
			acctest.Refusal{Address: "data.vdam_network.neither", Summary: "Invalid Attribute Combination",
				Detail: `No attribute specified when one (and only one) of [id,name] is required`},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		env.Refuse(t, env.Config(`
resource "vdam_network" "host_bits" {
  name = "host-bits"
  cidr = "10.20.0.1/24"
}

resource "vdam_network" "no_prefix" {
  name = "no-prefix"
  cidr = "10.20.0.0"
}

resource "vdam_network" "small" {
  name = "small"
  cidr = "10.20.0.0/30"
}

resource "vdam_network" "large" {
  name = "large"
  cidr = "2001:db8::/32"
}

resource "vdam_network" "server" {
  name        = "server"
  cidr        = "10.20.0.0/24"
  dns_servers = ["192.0.2.53", "dns.example"]
}

resource "vdam_network" "nowhere" {
  operator = "lnb"
  name     = "nowhere"
  cidr     = "10.20.0.0/24"
}

resource "vdam_network" "capitals" {
  name = "capitals"
  cidr = "2001:DB8::/64"
}

data "vdam_network" "ill" {
  id = "front"
}

data "vdam_network" "two" {
  id       = "lvrtc/net-1"
  operator = "iem-ic"
}

data "vdam_network" "gone" {
  id = "lvrtc/net-1"
}

data "vdam_network" "unnamed" {
  name = "front"
}

data "vdam_networks" "nowhere" {
  operator = "lnb"
}
`),
			acctest.Refusal{Address: "vdam_network.capitals", At: `cidr = "2001:DB8::/64"`,
				Summary: "Not the usual writing of an address prefix: 2001:DB8::/64", Detail: "Write it as 2001:db8::/64."},
			acctest.Refusal{Address: "vdam_network.host_bits", At: `cidr = "10.20.0.1/24"`, Summary: "10.20.0.1/24 has host bits set",
				Detail: "The network is 10.20.0.0/24."},
			acctest.Refusal{Address: "vdam_network.no_prefix", At: `cidr = "10.20.0.0"`, Summary: "Not an address prefix: 10.20.0.0",
				Detail: "Write it as in 10.20.0.0/24."},
			acctest.Refusal{Address: "vdam_network.small", At: "cidr =", Summary: "10.20.0.0/30 is too large or too small a network",
				Detail: "IPv4 networks are /8 to /29, IPv6 networks /48 to /64."},
			acctest.Refusal{Address: "vdam_network.large", At: "cidr =", Summary: "2001:db8::/32 is too large or too small a network"},
			acctest.Refusal{Address: "vdam_network.server", At: "dns_servers =", Summary: "Not an IP address: dns.example",
				Detail: "Write an IPv4 or IPv6 address"},
			acctest.Refusal{Address: "vdam_network.nowhere", At: `operator = "lnb"`,
				Summary: `The provider block configures no operator "lnb"`, Detail: "It has: iem-ic, lvrtc."},
			acctest.Refusal{Address: "data.vdam_network.ill", At: `id = "front"`, Summary: `"front" is not the id of a network`,
				Detail: "Write <operator>/<id>"},
			acctest.Refusal{Address: "data.vdam_network.two", At: `operator = "iem-ic"`, Summary: `The id names operator "lvrtc"`,
				Detail: "Leave operator out, or correct one of the two."},
			acctest.Refusal{Address: "data.vdam_network.gone", Summary: `lvrtc refused the reading of network "lvrtc/net-1": not found`},
			acctest.Refusal{Address: "data.vdam_network.unnamed", Summary: `lvrtc refused the reading of network "front": not found`,
				Detail: `Project "registry" has no network of this name.`},
			acctest.Refusal{Address: "data.vdam_networks.nowhere", At: `operator = "lnb"`,
				Summary: `The provider block configures no operator "lnb"`},
		)
	})
}

// Two provider blocks have two deployments at one operator. They are of two names here because Terraform speaks to one
// process of a provider in tests, where aliases would get in each other's way.
func TestAcceptanceTwoDeployments(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	factories := maps.Clone(env.Factories)
	factories["other"] = factories["vdam"]
	blocks := env.ProviderBlock("") + strings.NewReplacer(`provider "vdam"`, `provider "other"`, `"acctest"`, `"other"`).
		Replace(env.ProviderBlock(""))
	deployment := func(key string) any {
		ownership, _ := env.Body(t, "lvrtc", key)["ownership"].(map[string]any)
		return ownership["deployment"]
	}
	const both = `
resource "vdam_network" "front" {
  name = "front"
  cidr = "10.20.0.0/24"
}

resource "vdam_network" "theirs" {
  provider = other
  name     = "theirs"
  cidr     = "10.20.0.0/24"
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: blocks + both,
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some(front, map[string]knownvalue.Check{"effective_labels": acctest.Labels("suite", "acctest")}),
					acctest.Some("vdam_network.theirs", map[string]knownvalue.Check{"effective_labels": acctest.Labels("suite", "other")}),
				},
				Check: func(*terraform.State) error {
					if ours, theirs := deployment("networks/front"), deployment("networks/theirs"); ours != "acctest" || theirs != "other" {
						return fmt.Errorf("the deployments are %v and %v", ours, theirs)
					}
					return nil
				},
			},
			{
				Config: blocks + both + `
resource "vdam_network" "third" {
  provider = other
  name     = "front"
  cidr     = "10.20.0.0/24"
}
`,
				ExpectError: acctest.Words(`Error: A network named "front" already exists in project "registry" at lvrtc`,
					`with vdam_network.third,`, `and belongs to deployment "acctest", so it was left untouched.`,
					`terraform import ADDRESS lvrtc/net-`),
			},
		},
	})
}
