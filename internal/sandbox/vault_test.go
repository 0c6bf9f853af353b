package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func vaultOf(more m) m {
	order := m{"name": "vault", "immutability": m{"mode": "governance", "days": 7}, "retention_days": vaultDays}
	maps.Copy(order, more)
	return order
}

func TestBackupsAreNotEverywhere(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lnb")
	c.order("backup-vaults", vaultOf(nil)).refused(http.StatusNotImplemented, "unsupported")
	c.get("backup-plans").refused(http.StatusNotImplemented, "unsupported")
	c.get("backup-plans/plan-1/recovery-points").refused(http.StatusNotImplemented, "unsupported")
	c.get("backups/backup-1").refused(http.StatusNotImplemented, "unsupported")
	order := m{"name": "v", "size_gib": 1, "restore_from": m{"vault_id": "vault-1", "encryption_key": newKey(t), "volume_id": "vol-1"}}
	got := c.order("storage-volumes", order).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(got.pointers(), []string{"/restore_from"}) {
		t.Errorf("pointers %v", got.pointers())
	}
}

func TestVaultRules(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	short := c.order("backup-vaults", vaultOf(m{"retention_days": 6})).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(short.pointers(), []string{"/retention_days"}) {
		t.Errorf("pointers %v", short.pointers())
	}
	path := "backup-vaults/" + c.made("backup-vaults", vaultOf(m{"deletion_protection": true, "beneficiary": "iem-ic"})).ID
	change := func(patch string, pointers ...string) {
		t.Helper()
		a := c.patch(path, c.get(path).view().Etag, patch)
		if len(pointers) == 0 {
			a.is(http.StatusOK)
		} else if got := a.refused(http.StatusUnprocessableEntity, "invalid").pointers(); !slices.Equal(got, pointers) {
			t.Errorf("%s: pointers %v, want %v", patch, got, pointers)
		}
	}
	change(`{"immutability":{"days":6}}`, "/immutability/days")
	change(`{"immutability":{"days":31}}`, "/retention_days")
	change(`{"immutability":{"days":31},"retention_days":40,"quota_gib":5}`)
	change(`{"retention_days":39}`) // There is nothing in it.
	change(`{"immutability":{"mode":"compliance"}}`)
	change(`{"immutability":{"mode":"governance"}}`, "/immutability/mode")
	change(`{"beneficiary":"lnb"}`, "/beneficiary")
	c.remove(path).refused(http.StatusConflict, "protected")
	change(`{"deletion_protection":false,"quota_gib":null}`)
	c.remove(path).is(http.StatusAccepted)
	c.get(path).refused(http.StatusNotFound, "not-found")
}

func TestVaultHoldsWhatItLocks(t *testing.T) {
	p := startPair(t, Options{}, nil)
	plan := p.plan(nil, p.volume("data", "locked").ID)
	p.backUp("first", plan.ID)
	path := "backup-vaults/" + p.vault.ID
	p.MoveClock(7*day - time.Second)
	if got := p.there.remove(path).refused(http.StatusConflict, "in-use"); !strings.Contains(got.Detail, "is 1.") {
		t.Error(got.Detail)
	}
	p.MoveClock(2 * time.Second)
	p.there.remove(path).is(http.StatusAccepted)
	if got := p.backUp("second", plan.ID); got.State != "failed" || !strings.Contains(got.StateMessage, "The vault is not there") {
		t.Errorf("it is %s: %s", got.State, got.StateMessage)
	}
	p.here.get("backup-plans/"+plan.ID+"/recovery-points").refused(http.StatusServiceUnavailable, "unavailable")
}

// TestVaultKeepsWhatItHolds: what a vault keeps does not get shorter below recovery points that may rely on it.
func TestVaultKeepsWhatItHolds(t *testing.T) {
	p := startPair(t, Options{}, nil)
	plan := p.plan(nil, p.volume("data", "kept").ID)
	p.backUp("first", plan.ID)
	path := "backup-vaults/" + p.vault.ID
	change := func(days int) answer {
		return p.there.patch(path, p.there.get(path).view().Etag, fmt.Sprintf(`{"retention_days":%d}`, days))
	}
	got := change(vaultDays-1).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(got.pointers(), []string{"/retention_days"}) || !strings.Contains(got.Errors[0].Detail, "does not get shorter") {
		t.Errorf("%+v", got.Errors)
	}
	change(vaultDays + 1).is(http.StatusOK)
	p.MoveClock((vaultDays + 2) * day)
	change(vaultDays - 1).is(http.StatusOK)
}

// TestVaultExpires keeps what a plan relies on, and nothing for longer than the vault is to.
func TestVaultExpires(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", "never changes")
	plan := p.plan(nil, data.ID) // For 20 days, in a vault of 30.
	first := p.backUp("first", plan.ID).RecoveryPoints[0]
	p.MoveClock(9 * day)
	second := p.backUp("second", plan.ID).RecoveryPoints[0]
	if second.UploadedBytes != 0 {
		t.Errorf("%d bytes were renewed before their time", second.UploadedBytes)
	}
	p.MoveClock(2 * day)
	third := p.backUp("third", plan.ID).RecoveryPoints[0]
	if third.UploadedBytes == 0 {
		t.Error("what a recovery point relies on was not renewed after 11 of 30 days")
	}
	p.MoveClock(19*day + time.Hour) // The first is of 30 days ago, the second of 21, the third of 19.
	if got := p.points(plan.ID, "").Items; len(got) != 1 || got[0].Id != third.Id {
		t.Errorf("what can be restored for certain is %+v", got)
	}
	order := p.restoreOf("gone", m{"recovery_point_id": first.Id})
	gone := p.there.order("storage-volumes", order).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(gone.pointers(), []string{"/restore_from/recovery_point_id"}) {
		t.Errorf("pointers %v", gone.pointers())
	}
	order = p.restoreOf("kept", m{"volume_id": data.ID})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "ready" || v.Restored.RecoveryPointId != third.Id {
		t.Errorf("it is %s: %s", v.State, v.StateMessage)
	}
	p.MoveClock(2 * day)
	if got := p.at(plan.ID); !got.Stale || got.Protected[0].Newest != nil {
		t.Errorf("when nothing can be restored for certain the plan is %+v", got)
	}
}

// TestVaultChangesMeanwhile changes a vault while it is looked through. It is of use with the race detector alone.
func TestVaultChangesMeanwhile(t *testing.T) {
	p := startPair(t, Options{}, nil)
	over, swept := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(swept)
		for {
			select {
			case <-over:
				return
			default:
				p.vaults.sweep(t.Context(), p.vault.ID)
			}
		}
	}()
	path := "backup-vaults/" + p.vault.ID
	for i := range 20 {
		p.there.patch(path, p.there.get(path).view().Etag, fmt.Sprintf(`{"quota_gib":%d}`, i+1)).is(http.StatusOK)
	}
	close(over)
	<-swept
}

func TestVaultIsFull(t *testing.T) {
	p := startPair(t, Options{}, m{"quota_gib": 1})
	data := p.volume("data", "fits")
	plan := p.plan(nil, data.ID)
	good := p.backUp("first", plan.ID)
	used := p.there.get("backup-vaults/" + p.vault.ID).backup().UsedBytes
	p.vaults.mu.Lock()
	p.vaults.known[p.vault.ID].quota = used + 100 // A GiB takes long to write.
	p.vaults.mu.Unlock()
	p.write(data.ID, "fits no more")
	full := p.backUp("second", plan.ID)
	if full.State != "failed" || !strings.Contains(full.StateMessage, "no room") || !strings.Contains(full.StateMessage, "higher quota") {
		t.Errorf("it is %s: %s", full.State, full.StateMessage)
	}
	if got := p.at(plan.ID); got.LastError == "" || got.Protected[0].Newest.Id != good.RecoveryPoints[0].Id || !got.LastSuccessAt.Equal(noon) {
		t.Errorf("the plan is %+v", got)
	}
}

// TestLivesOfKeys: a writer may live for as long as a cluster's Velero needs one, and a reader for a week.
func TestLivesOfKeys(t *testing.T) {
	p := startPair(t, Options{}, nil)
	path := "backup-vaults/" + p.vault.ID + "/credentials"
	for _, c := range []struct {
		role    string
		seconds int
		status  int
		code    string
	}{
		{"writer", 90 * 24 * 3600, http.StatusNotImplemented, "unsupported"}, // As of each vault that is a folder.
		{"writer", 90*24*3600 + 1, http.StatusBadRequest, "invalid"},
		{"reader", 7 * 24 * 3600, http.StatusNotImplemented, "unsupported"},
		{"reader", 7*24*3600 + 1, http.StatusUnprocessableEntity, "invalid"},
	} {
		r := p.there.order(path, m{"role": c.role, "ttl_seconds": c.seconds}).refused(c.status, c.code)
		if c.code == "invalid" && (len(r.Errors) != 1 || r.Errors[0].Pointer != "/ttl_seconds") {
			t.Errorf("%d seconds of a %s are refused as %+v", c.seconds, c.role, r)
		}
	}
}
