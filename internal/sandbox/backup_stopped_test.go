package sandbox

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestStoppedWhileFrozen looks at a machine while its volume is copied, which a test holds up as a write to it would.
func TestStoppedWhileFrozen(t *testing.T) {
	p := startPair(t, Options{}, nil)
	machine, other := p.machineAt("web"), p.machineAt("other")
	attached := p.volume("data", "at rest")
	p.here.made("volume-attachments", m{"name": "a", "volume_id": attached.ID, "virtual_machine_id": machine.ID})
	plan := p.plan(m{"consistency": "stopped"}, attached.ID)

	w := p.operator("lvrtc").world
	var off chan struct{}
	if err := w.locked(t.Context(), func() { off = w.objects[machine.ID].changed }); err != nil {
		t.Fatal(err)
	}
	w.disks.writes.RLock()
	backup := p.here.order("backups", m{"name": "first", "plan_id": plan.ID}).is(http.StatusCreated).view()
	select {
	case <-off:
	case <-time.After(time.Minute):
		t.Error("the machine is not powered off")
	}
	path := "virtual-machines/" + machine.ID
	v := p.here.get(path).is(http.StatusOK).view()
	if v.State != "updating" || v.PowerState != "running" || !strings.Contains(v.StateMessage, "backup plan plan") {
		t.Errorf("while its volume is frozen, the machine is %+v", v)
	}
	p.here.patch(path, v.Etag, `{"power_state":"stopped"}`).refused(http.StatusConflict, "conflict")
	p.here.remove(path).refused(http.StatusConflict, "conflict")
	if v := p.here.get("virtual-machines/" + other.ID).view(); v.State != "ready" {
		t.Errorf("a machine that has none of the volumes is %+v", v)
	}
	w.disks.writes.RUnlock()
	if got := settled(p.here, "backups/"+backup.ID); got.State != "ready" || len(got.RecoveryPoints) != 1 {
		t.Errorf("the backup is %s: %s", got.State, got.StateMessage)
	}
	p.startedAgain(machine.ID)
}

// TestStoppedAndFailed starts a machine again though nothing could be frozen.
func TestStoppedAndFailed(t *testing.T) {
	p := startPair(t, Options{}, nil)
	machine := p.machineAt("web")
	plan := p.plan(m{"consistency": "stopped"}, machine.ID)
	if err := os.Remove(p.operator("lvrtc").world.disks.path(machine.BootVolumeID)); err != nil {
		t.Fatal(err)
	}
	if got := p.backUp("first", plan.ID); got.State != "failed" {
		t.Errorf("the backup is %s: %s", got.State, got.StateMessage)
	}
	p.startedAgain(machine.ID)
}

// TestStoppedButStuck does not pretend that a machine was shut down which cannot be.
func TestStoppedButStuck(t *testing.T) {
	p := startPair(t, Options{}, nil)
	machine, data := p.machineAt("web"), p.volume("data", "free")
	plan := p.plan(m{"consistency": "stopped"}, machine.ID, data.ID)
	if err := p.AddFault(Fault{Method: http.MethodPatch, Stuck: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	p.here.patch("virtual-machines/"+machine.ID, machine.Etag, `{"vcpus":4,"memory_mib":8192}`).is(http.StatusOK)
	got := p.backUp("first", plan.ID)
	if got.State != "failed" || !strings.Contains(got.StateMessage, "The machine web is updating, and cannot be powered off") {
		t.Errorf("the backup is %s: %s", got.State, got.StateMessage)
	}
	if len(got.RecoveryPoints) != 1 || got.RecoveryPoints[0].VolumeId != data.ID {
		t.Errorf("there are recovery points of %+v; want that of the free volume", got.RecoveryPoints)
	}
}

// TestStoppedAndCutOff starts a machine again that the end of the sandbox has left powered off.
func TestStoppedAndCutOff(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	p := startPair(t, o, nil)
	machine := p.machineAt("web")
	w := p.operator("lvrtc").world
	plan := p.plan(m{"consistency": "stopped"}, machine.ID)
	if err := w.locked(t.Context(), func() { w.powerOff(w.objects[machine.ID], w.objects[plan.ID]) }); err != nil {
		t.Fatal(err)
	}
	p = p.again(o)
	p.startedAgain(machine.ID)
}

// TestStoppedByTwo keeps a machine off until both runs have frozen what they want.
func TestStoppedByTwo(t *testing.T) {
	p := startPair(t, Options{}, nil)
	machine := p.machineAt("web")
	w := p.operator("lvrtc").world
	plan := p.plan(m{"consistency": "stopped"}, machine.ID)
	step := func(f func(o *object)) view {
		t.Helper()
		if err := w.locked(t.Context(), func() { f(w.objects[machine.ID]) }); err != nil {
			t.Fatal(err)
		}
		return p.here.get("virtual-machines/" + machine.ID).view()
	}
	step(func(o *object) { w.powerOff(o, w.objects[plan.ID]) })
	step(func(o *object) { w.powerOff(o, w.objects[plan.ID]) })
	p.MoveClock(time.Hour)
	if v := step(func(o *object) { w.powerOn(o, 1) }); v.State != "updating" {
		t.Errorf("after one of two runs the machine is %+v", v)
	}
	step(func(o *object) { w.powerOn(o, 1) })
	p.startedAgain(machine.ID)
}

// machineAt is a running machine at lvrtc.
func (p *pair) machineAt(name string) view {
	p.t.Helper()
	return p.here.made("virtual-machines", machineOf(name, nil))
}

func (p *pair) startedAgain(machineID string) {
	p.t.Helper()
	v := p.here.get("virtual-machines/"+machineID, "Prefer", "wait=30").is(http.StatusOK).view()
	if v.State != "ready" || v.PowerState != "running" || v.StateMessage != "" {
		p.t.Errorf("afterwards the machine is %+v", v)
	}
}
