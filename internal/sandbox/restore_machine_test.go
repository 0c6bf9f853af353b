package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// machineFrom is an order of a machine at iem-ic whose boot disk is restored.
func (p *pair) machineFrom(from, more m) m {
	restore, _ := p.restoreOf("", from)["restore_from"].(m)
	order := machineOf("again", m{
		"image_id": nil, "restore_from": restore, "boot_disk": m{"size_gib": 24, "on_destroy": "retain"},
	})
	for k, v := range more {
		if order[k] = v; v == nil {
			delete(order, k)
		}
	}
	return order
}

func TestMachineFromNothing(t *testing.T) {
	p := startPair(t, Options{}, nil)
	machine := p.machineAt("web")
	p.backUp("first", p.plan(nil, machine.ID).ID)
	from := m{"volume_id": machine.ID}
	for name, tc := range map[string]struct {
		order   m
		pointer string
		text    string
	}{
		"an image, too":  {p.machineFrom(from, m{"image_id": "img-0001"}), "/image_id", "either"},
		"a volume, too":  {p.machineFrom(from, m{"boot_volume_id": "vol-1"}), "/image_id", "either"},
		"no boot disk":   {p.machineFrom(from, m{"boot_disk": nil}), "/boot_disk", "from a recovery point needs a boot_disk"},
		"too small":      {p.machineFrom(from, m{"boot_disk": m{"size_gib": 16, "on_destroy": "delete"}}), "/boot_disk/size_gib", "20 GiB"},
		"no such source": {p.machineFrom(m{"volume_id": "vm-1"}, nil), "/restore_from/volume_id", "a machine vm-1 has booted"},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.there.order("virtual-machines", tc.order).refused(http.StatusUnprocessableEntity, "invalid")
			if !slices.Equal(got.pointers(), []string{tc.pointer}) || !strings.Contains(got.Errors[0].Detail, tc.text) {
				t.Errorf("%+v, want %q at %s", got.Errors, tc.text, tc.pointer)
			}
		})
	}
	if volumes, _ := p.there.list("storage-volumes"); len(volumes) != 0 {
		t.Errorf("what was refused has left %+v", volumes)
	}
}

// TestMachineFromDamage does not boot what cannot be trusted, and keeps nothing of it.
func TestMachineFromDamage(t *testing.T) {
	dir := t.TempDir()
	p := startPair(t, Options{Dir: dir}, nil)
	machine := p.machineAt("web")
	p.damaged(dir, machine.ID, machine.BootVolumeID)
	order := p.there.order("virtual-machines", p.machineFrom(m{"volume_id": machine.ID}, m{"deletion_protection": true}))
	v := settled(p.there, "virtual-machines/"+order.is(http.StatusCreated).view().ID)
	if v.State != "failed" || v.Restored != nil || !strings.Contains(v.StateMessage, "must not be used") {
		t.Errorf("it is %s: %s", v.State, v.StateMessage)
	}
	p.there.remove("virtual-machines/" + v.ID).is(http.StatusAccepted)
	if volumes, _ := p.there.list("storage-volumes"); len(volumes) != 0 {
		t.Errorf("the machine that was not restored has left %+v", volumes)
	}
}

// TestMachineFromPointSurvives ends the sandbox while the boot volume is filled.
func TestMachineFromPointSurvives(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	p := startPair(t, o, nil)
	machine := p.machineAt("web")
	diskOf(t, p.Sandbox, "lvrtc", machine.BootVolumeID).write(5<<20+17, []byte("survives")).is(http.StatusNoContent)
	p.backUp("first", p.plan(nil, machine.ID).ID)
	stallTransfers(p.Sandbox)
	again := p.there.order("virtual-machines", p.machineFrom(m{"volume_id": machine.ID}, nil)).is(http.StatusCreated).view()
	p.MoveClock(time.Hour)
	path := "virtual-machines/" + again.ID
	if v := p.there.get(path).view(); v.State != "creating" {
		t.Errorf("before its boot volume is filled, the machine is %+v", v)
	}
	p.there.remove("storage-volumes/"+again.BootVolumeID).refused(http.StatusConflict, "conflict")
	w := p.operator("iem-ic").world
	if err := w.locked(t.Context(), func() {
		if strings.Contains(string(w.objects[again.ID].Declared), "AGE-SECRET-KEY") {
			t.Error("the machine keeps the key, which its boot volume forgets")
		}
	}); err != nil {
		t.Fatal(err)
	}
	p = p.again(o)
	v := settled(p.there, path)
	if v.State != "ready" || v.Restored == nil || *v.Restored.VirtualMachineId != machine.ID {
		t.Errorf("the machine that was cut off is %s: %s", v.State, v.StateMessage)
	}
	got := diskOf(t, p.Sandbox, "iem-ic", again.BootVolumeID).read(5<<20+17, 8).is(http.StatusOK)
	if string(got.body) != "survives" {
		t.Errorf("%q was restored", got.body)
	}
}

// TestMachineWithoutItsVolume waits no more for a boot volume that is not there any more, or has failed.
func TestMachineWithoutItsVolume(t *testing.T) {
	for name, lose := range map[string]func(*pair, string) error{
		"removed": func(p *pair, id string) error { return p.Remove(p.t.Context(), "iem-ic", id) },
		"failed":  func(p *pair, id string) error { return p.Fail(p.t.Context(), "iem-ic", id, "broken") },
	} {
		t.Run(name, func(t *testing.T) {
			p := startPair(t, Options{}, nil)
			machine := p.machineAt("web")
			p.backUp("first", p.plan(nil, machine.ID).ID)
			stallTransfers(p.Sandbox)
			again := p.there.order("virtual-machines", p.machineFrom(m{"volume_id": machine.ID}, nil)).is(http.StatusCreated).view()
			if err := lose(p, again.BootVolumeID); err != nil {
				t.Fatal(err)
			}
			for range transfersAtOnce {
				<-p.transfers.width
			}
			v := settled(p.there, "virtual-machines/"+again.ID)
			if v.State != "failed" || !strings.Contains(v.StateMessage, "The boot volume") {
				t.Errorf("the machine is %s: %s", v.State, v.StateMessage)
			}
		})
	}
}
