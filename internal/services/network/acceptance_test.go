package network_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

func TestAcceptance(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	const address = "vdam_network.front"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{
			{
				Config: env.Config(`resource "vdam_network" "front" {
					name        = "front"
					description = "Ārējais tīkls"
					labels      = { tier = "front" }
					cidr        = "10.20.0.0/24"
					dns_servers = ["192.0.2.53"]
				}`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("operator"), knownvalue.StringExact("lvrtc")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("gateway_address"), knownvalue.StringExact("10.20.0.1")),
				},
			},
		},
	})
}
