package securitygroup_test

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const web = "vdam_security_group.web"

// proxyGroup is what a rule of the other refers to.
const proxyGroup = `
resource "vdam_security_group" "proxy" {
  operator = "iem-ic"
  name     = "proxy"
}
`

// webGroup has every attribute.
const webGroup = `
resource "vdam_security_group" "web" {
  operator    = "iem-ic"
  name        = "web"
  description = "` + acctest.Diacritics + `"
  labels      = { tier = "front", vieta = "Ķīšezers" }
  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443, remote_cidr = "0.0.0.0/0", description = "Ārējie" },
    { direction = "ingress", protocol = "udp", port_min = 8000, port_max = 8999,
      remote_security_group_id = vdam_security_group.proxy.id },
    { direction = "ingress", protocol = "icmp", remote_cidr = "2001:db8::/32" },
    { direction = "egress", protocol = "any" },
  ]
  timeouts = { create = "5m", update = "6m", delete = "7m" }
}
`

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// rule is one of the state's, null but for what is given.
func rule(direction, protocol string, set map[string]knownvalue.Check) knownvalue.Check {
	all := map[string]knownvalue.Check{
		"direction": knownvalue.StringExact(direction), "protocol": knownvalue.StringExact(protocol),
		"port_min": knownvalue.Null(), "port_max": knownvalue.Null(), "remote_cidr": knownvalue.Null(),
		"remote_security_group_id": knownvalue.Null(), "description": knownvalue.Null(),
	}
	maps.Copy(all, set)
	return knownvalue.ObjectExact(all)
}

func ports(from, to int64) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{"port_min": knownvalue.Int64Exact(from), "port_max": knownvalue.Int64Exact(to)}
}

func with(m map[string]knownvalue.Check, more map[string]knownvalue.Check) map[string]knownvalue.Check {
	m = maps.Clone(m)
	maps.Copy(m, more)
	return m
}

func webAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("web"),
		"description":      knownvalue.StringExact(acctest.Diacritics),
		"labels":           acctest.Labels("tier", "front", "vieta", "Ķīšezers"),
		"effective_labels": acctest.Labels("suite", "acctest", "tier", "front", "vieta", "Ķīšezers"),
		"rules": knownvalue.SetExact([]knownvalue.Check{
			rule("ingress", "tcp", with(ports(443, 443), map[string]knownvalue.Check{
				"remote_cidr": knownvalue.StringExact("0.0.0.0/0"), "description": knownvalue.StringExact("Ārējie"),
			})),
			rule("ingress", "udp", with(ports(8000, 8999), map[string]knownvalue.Check{
				"remote_security_group_id": acctest.ID("iem-ic"),
			})),
			rule("ingress", "icmp", map[string]knownvalue.Check{"remote_cidr": knownvalue.StringExact("2001:db8::/32")}),
			rule("egress", "any", nil),
		}),
		"timeouts": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"create": knownvalue.StringExact("5m"), "update": knownvalue.StringExact("6m"), "delete": knownvalue.StringExact("7m"),
		}),
	}
}

func bareAttributes(operator string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID(operator), "operator": knownvalue.StringExact(operator), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("web"), "description": knownvalue.Null(),
		"labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"), "rules": knownvalue.Null(),
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	bare := with(bareAttributes("iem-ic"), map[string]knownvalue.Check{"timeouts": knownvalue.Null()})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:           env.Config(proxyGroup + webGroup),
				ConfigPlanChecks: plans(web, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(web, webAttributes()), same.AddStateValue(web, id),
					statecheck.CompareValueCollection(web, []tfjsonpath.Path{tfjsonpath.New("rules"),
						tfjsonpath.New("remote_security_group_id")}, "vdam_security_group.proxy", id, compare.ValuesSame()),
				},
			},
			{ResourceName: web, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{
				// All that may change in place but the name, and what is optional taken away.
				Config: env.Config(`resource "vdam_security_group" "web" {
					name  = "web"
					rules = [{ direction = "ingress", protocol = "tcp", port_min = 1, port_max = 65535, remote_cidr = "10.20.0.7/32" }]
				}` + proxyGroup),
				ConfigPlanChecks: plans(web, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(web, id),
					acctest.Attributes(web, with(bare, map[string]knownvalue.Check{"rules": knownvalue.SetExact([]knownvalue.Check{
						rule("ingress", "tcp", with(ports(1, 65535), map[string]knownvalue.Check{
							"remote_cidr": knownvalue.StringExact("10.20.0.7/32"),
						})),
					})})),
				},
			},
			{
				// What no rule allows is dropped: no rules at all are allowed, too.
				Config:            env.Config(`resource "vdam_security_group" "web" { name = "web" }`),
				ConfigPlanChecks:  plans(web, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(web, id), acctest.Attributes(web, bare)},
			},
			{
				// Somebody opens everything at the operator's portal: the plan shows that, and closes it again.
				PreConfig: func() {
					env.Change(t, "iem-ic", "security-groups/web", `{"name": "cits", "rules": [{"direction": "ingress", "protocol": "any"}]}`)
				},
				Config:           env.Config(`resource "vdam_security_group" "web" { name = "web" }`),
				ConfigPlanChecks: plans(web, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(web, id), other.AddStateValue(web, id), acctest.Attributes(web, bare),
				},
			},
			{
				PreConfig:         func() { env.Remove(t, "iem-ic", "security-groups/web") },
				Config:            env.Config(proxyGroup + webGroup),
				ConfigPlanChecks:  plans(web, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(web, webAttributes()), other.AddStateValue(web, id)},
			},
			{
				Config: env.Config(`resource "vdam_security_group" "web" {
					operator = "lvrtc"
					name     = "web"
				}`),
				ConfigPlanChecks: plans(web, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some(web, map[string]knownvalue.Check{"id": acctest.ID("lvrtc")}), other.AddStateValue(web, id),
				},
			},
			{
				ResourceName: web, ImportState: true, ImportStateId: "/sg-1",
				ExpectError: acctest.Words(`"/sg-1" is not the id of a security group`, `Write <operator>/<id>`),
			},
			{
				ResourceName: web, ImportState: true, ImportStateId: "lnb/sg-1",
				ExpectError: acctest.Words(`The provider block configures no operator "lnb"`, `It has: iem-ic, lvrtc.`),
			},
		},
	})
}

func TestAcceptanceDataSources(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	web := webAttributes()
	delete(web, "timeouts")
	groups := proxyGroup + webGroup + `resource "vdam_security_group" "bare" { name = "web" }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: env.Config(groups),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes("vdam_security_group.bare",
					with(bareAttributes("lvrtc"), map[string]knownvalue.Check{"timeouts": knownvalue.Null()}))},
			},
			{
				Config: env.Config(groups + `
data "vdam_security_group" "by_id" {
  id = vdam_security_group.web.id
}

data "vdam_security_group" "by_name" {
  name = "web"
}

data "vdam_security_groups" "all" {
  operator = "iem-ic"
}

data "vdam_security_groups" "labelled" {
  operator = "iem-ic"
  labels   = { tier = "front" }
}

data "vdam_security_groups" "none" {
  labels = { tier = "front" }
}
`),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_security_group.by_id", web),
					acctest.Attributes("data.vdam_security_group.by_name", bareAttributes("lvrtc")),
					acctest.Some("data.vdam_security_groups.all", map[string]knownvalue.Check{
						"security_groups": knownvalue.ListSizeExact(2),
					}),
					acctest.Attributes("data.vdam_security_groups.labelled", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("iem-ic"), "labels": acctest.Labels("tier", "front"),
						"security_groups": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(web)}),
					}),
					acctest.Some("data.vdam_security_groups.none", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("lvrtc"), "security_groups": knownvalue.ListExact(nil),
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
resource "vdam_security_group" "name" {
  name = "web_front"
}

resource "vdam_security_group" "remotes" {
  name  = "remotes"
  rules = [{ direction = "ingress", protocol = "any", remote_cidr = "0.0.0.0/0", remote_security_group_id = "lvrtc/sg-1" }]
}

resource "vdam_security_group" "direction" {
  name  = "direction"
  rules = [{ direction = "in", protocol = "any" }]
}

resource "vdam_security_group" "protocol" {
  name  = "protocol"
  rules = [{ direction = "ingress", protocol = "sctp" }]
}

resource "vdam_security_group" "one_port" {
  name  = "one-port"
  rules = [{ direction = "ingress", protocol = "tcp", port_min = 80 }]
}

resource "vdam_security_group" "backwards" {
  name  = "backwards"
  rules = [{ direction = "ingress", protocol = "tcp", port_min = 90, port_max = 80 }]
}

resource "vdam_security_group" "no_rules" {
  name  = "no-rules"
  rules = []
}
`),
			acctest.Refusal{Address: "vdam_security_group.name", At: `name = "web_front"`, Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_security_group.remotes", At: "rules =", Summary: "Invalid Attribute Combination",
				Detail: `Attribute "rules[Value(`},
			acctest.Refusal{Address: "vdam_security_group.direction", At: "rules =", Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_security_group.protocol", At: "rules =", Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_security_group.one_port", At: "rules =", Summary: "Invalid Attribute Combination"},
			acctest.Refusal{Address: "vdam_security_group.backwards", At: "rules =", Summary: "Invalid Attribute Value"},
			acctest.Refusal{Address: "vdam_security_group.no_rules", At: "rules = []", Summary: "Invalid Attribute Value",
				Detail: "Attribute rules set must contain at least 1 elements and at most 200 elements, got: 0"},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		env.Refuse(t, env.Config(`
resource "vdam_security_group" "ports" {
  name  = "ports"
  rules = [{ direction = "ingress", protocol = "icmp", port_min = 80, port_max = 80 }]
}

resource "vdam_security_group" "any_ports" {
  name  = "any-ports"
  rules = [{ direction = "ingress", protocol = "any", port_min = 80, port_max = 80 }]
}

resource "vdam_security_group" "host_bits" {
  name  = "host-bits"
  rules = [{ direction = "ingress", protocol = "any", remote_cidr = "10.20.0.7/24" }]
}

resource "vdam_security_group" "no_prefix" {
  name  = "no-prefix"
  rules = [{ direction = "ingress", protocol = "any", remote_cidr = "10.20.0.7" }]
}

resource "vdam_security_group" "no_id" {
  name  = "no-id"
  rules = [{ direction = "ingress", protocol = "any", remote_security_group_id = "proxy" }]
}

resource "vdam_security_group" "elsewhere" {
  name  = "elsewhere"
  rules = [{ direction = "ingress", protocol = "any", remote_security_group_id = "iem-ic/sg-1" }]
}

resource "vdam_security_group" "nowhere" {
  operator = "lnb"
  name     = "nowhere"
}

data "vdam_security_group" "gone" {
  id = "lvrtc/sg-1"
}

data "vdam_security_group" "unnamed" {
  name = "web"
}
`),
			acctest.Refusal{Address: "vdam_security_group.ports", At: "rules =", Summary: "Ports have no meaning for icmp",
				Detail: "Leave port_min and port_max out, or set protocol to tcp or udp."},
			acctest.Refusal{Address: "vdam_security_group.any_ports", At: "rules =", Summary: "Ports have no meaning for any"},
			acctest.Refusal{Address: "vdam_security_group.host_bits", At: "rules =", Summary: "10.20.0.7/24 has host bits set",
				Detail: "The network is 10.20.0.0/24."},
			acctest.Refusal{Address: "vdam_security_group.no_prefix", At: "rules =", Summary: "Not an address prefix: 10.20.0.7",
				Detail: "Write it as in 10.20.0.0/24, and one address as in 10.20.0.7/32."},
			acctest.Refusal{Address: "vdam_security_group.no_id", At: "rules =",
				Summary: `"proxy" is not the id of a security group`, Detail: "Ids are written <operator>/<id>."},
			acctest.Refusal{Address: "vdam_security_group.elsewhere", At: "rules =",
				Summary: "This security group is at iem-ic, not at lvrtc", Detail: "Both have to be at the same operator."},
			acctest.Refusal{Address: "vdam_security_group.nowhere", At: `operator = "lnb"`,
				Summary: `The provider block configures no operator "lnb"`, Detail: "It has: iem-ic, lvrtc."},
			acctest.Refusal{Address: "data.vdam_security_group.gone",
				Summary: `lvrtc refused the reading of security group "lvrtc/sg-1": not found`},
			acctest.Refusal{Address: "data.vdam_security_group.unnamed",
				Summary: `lvrtc refused the reading of security group "web": not found`,
				Detail:  `Project "registry" has no security group of this name.`},
		)
	})
}
