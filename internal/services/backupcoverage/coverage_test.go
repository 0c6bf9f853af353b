package backupcoverage

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

var now = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

func volume(id, machine string) cloud.StorageVolume {
	return cloud.StorageVolume{Meta: cloud.Meta{ID: id, Name: "name of " + id}, VirtualMachineID: machine}
}

func machine(id, boot string) cloud.VirtualMachine {
	return cloud.VirtualMachine{Meta: cloud.Meta{ID: id, Name: "name of " + id}, BootVolumeID: boot}
}

func planOf(id, keeper string, rpo time.Duration, protected []cloud.ProtectedVolume, sources ...string) cloud.BackupPlan {
	return cloud.BackupPlan{
		Meta: cloud.Meta{ID: id}, Sources: sources, Vault: cloud.VaultReference{Operator: keeper, ID: "vault"}, RPO: rpo, Protected: protected,
	}
}

// covering is a plan that backs up at another operator.
func covering(sources ...string) cloud.BackupPlan { return planOf("p", "y", 0, nil, sources...) }

// of is what a plan protects.
func of(volumes ...cloud.ProtectedVolume) []cloud.ProtectedVolume { return volumes }

// aged is a volume that was backed up some time ago; never, if that is zero.
func aged(id, machine string, age time.Duration) cloud.ProtectedVolume {
	v := cloud.ProtectedVolume{VolumeID: id, VirtualMachineID: machine}
	if age > 0 {
		v.Newest = &cloud.RecoveryPoint{TakenAt: now.Add(-age)}
	}
	return v
}

func TestUnprotected(t *testing.T) {
	one := []cloud.StorageVolume{volume("v", "")}
	for name, c := range map[string]struct {
		stock stock
		want  []string
	}{
		"nothing there":  {stock{}, nil},
		"no plans":       {stock{volumes: one, machines: []cloud.VirtualMachine{machine("m", "")}}, []string{"x/m", "x/v"}},
		"an own plan":    {stock{volumes: one, plans: []cloud.BackupPlan{covering("v")}}, nil},
		"another's plan": {stock{volumes: one, plans: []cloud.BackupPlan{covering("w")}}, []string{"x/v"}},
		"a vault at the same operator": {
			stock{volumes: one, plans: []cloud.BackupPlan{planOf("p", "x", 0, nil, "v")}}, []string{"x/v"},
		},
		"a machine of a plan": {stock{
			volumes:  []cloud.StorageVolume{volume("boot", ""), volume("data", "m"), volume("other", "n")},
			machines: []cloud.VirtualMachine{machine("m", "boot"), machine("n", "")}, plans: []cloud.BackupPlan{covering("m")},
		}, []string{"x/n", "x/other"}},
		"a machine whose volumes are all in plans": {stock{
			volumes:  []cloud.StorageVolume{volume("boot", "m"), volume("data", "m")},
			machines: []cloud.VirtualMachine{machine("m", "boot")}, plans: []cloud.BackupPlan{covering("boot"), covering("data")},
		}, nil},
		"a machine one of whose volumes is in no plan": {stock{
			volumes:  []cloud.StorageVolume{volume("data", "m"), volume("boot", "m"), volume("more", "m")},
			machines: []cloud.VirtualMachine{machine("m", "boot")}, plans: []cloud.BackupPlan{covering("data", "more")},
		}, []string{"x/boot", "x/m"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.stock.operator = "x"
			if got := survey([]stock{c.stock}, nil, now).unprotected; !slices.Equal(got, c.want) {
				t.Errorf("unprotected are %q, want %q", got, c.want)
			}
		})
	}
}

func TestStale(t *testing.T) {
	for name, c := range map[string]struct {
		plan  cloud.BackupPlan
		stale bool
		at    time.Time
	}{
		"never backed up":        {planOf("p", "y", 0, of(aged("v", "", 0)), "v"), true, time.Time{}},
		"no volumes":             {planOf("p", "y", 0, nil, "v"), true, time.Time{}},
		"without an RPO":         {planOf("p", "y", 0, of(aged("v", "", 99*time.Hour)), "v"), false, now.Add(-99 * time.Hour)},
		"within the RPO":         {planOf("p", "y", time.Hour, of(aged("v", "", time.Hour)), "v"), false, now.Add(-time.Hour)},
		"past the RPO":           {planOf("p", "y", time.Hour, of(aged("v", "", time.Hour+1)), "v"), true, now.Add(-time.Hour - 1)},
		"another volume's":       {planOf("p", "y", time.Hour, of(aged("w", "", 1)), "v"), true, time.Time{}},
		"the oldest of machines": {planOf("p", "y", 5, of(aged("a", "v", 2), aged("b", "v", 9), aged("c", "v", 3)), "v"), true, now.Add(-9)},
		"half of a machine":      {planOf("p", "y", 5, of(aged("a", "v", 2), aged("b", "v", 0)), "v"), true, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.plan.ID = "p"
			got := survey([]stock{{operator: "x", plans: []cloud.BackupPlan{c.plan}}}, nil, now)
			p := got.protections[0]
			if p.stale != c.stale || !p.lastSuccess.Equal(c.at) || (len(got.stale) == 1) != c.stale {
				t.Errorf("stale is %t (%q), the last success %v; want %t and %v", p.stale, got.stale, p.lastSuccess, c.stale, c.at)
			}
		})
	}
}

func TestMutual(t *testing.T) {
	at := func(operator string, keepers ...string) stock {
		s := stock{operator: operator}
		for i, k := range keepers {
			s.plans = append(s.plans, planOf(fmt.Sprint("p", i), k, 0, nil, "v"))
		}
		return s
	}
	got := survey([]stock{at("c", "a", "c", "b"), at("a", "b", "b", "c"), at("b", "a"), at("d", "a")}, nil, now).mutual
	if want := "[[a b] [a c]]"; fmt.Sprint(got) != want {
		t.Errorf("mutual are %v, want %s", got, want)
	}
}
