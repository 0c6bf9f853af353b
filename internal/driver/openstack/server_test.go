package openstack

import (
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestPower tells servers that were shut down from those that will go on where they were.
func TestPower(t *testing.T) {
	for status, want := range map[string]struct {
		power  cloud.PowerState
		paused bool
	}{
		"ACTIVE": {power: cloud.PowerRunning}, "SHUTOFF": {power: cloud.PowerStopped}, "SHELVED_OFFLOADED": {power: cloud.PowerStopped},
		"PAUSED": {power: cloud.PowerStopped, paused: true}, "SUSPENDED": {power: cloud.PowerStopped, paused: true},
	} {
		r := serverRecord{Status: status}
		if got := r.machine(r.meta(), nil, nil); got.PowerState != want.power || got.Paused != want.paused {
			t.Errorf("%s is %s, paused %t", status, got.PowerState, got.Paused)
		}
	}
}
