package virtualmachine

import (
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func TestMisplaced(t *testing.T) {
	network := cloud.Network{CIDR: "10.20.0.0/24", GatewayAddress: "10.20.0.1"}
	for address, why := range map[string]string{
		"10.20.0.2":   "",
		"10.20.0.254": "",
		"10.20.1.2":   "The network is 10.20.0.0/24, and the address is not in it.",
		"2001:db8::2": "The network is 10.20.0.0/24, and the address is not in it.",
		"10.20.0.0":   "It is the address of the network 10.20.0.0/24 itself.",
		"10.20.0.1":   "It is the network's gateway.",
	} {
		if got := misplaced(address, network); got != why {
			t.Errorf("%s: got %q; want %q", address, got, why)
		}
	}
}
