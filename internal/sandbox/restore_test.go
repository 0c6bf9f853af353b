package sandbox

import (
	"bytes"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRestoreIsRefused(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", "mine")
	plan := p.plan(nil, data.ID)
	empty := p.restoreOf("x", m{"volume_id": data.ID})
	none := p.there.order("storage-volumes", empty).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(none.pointers(), []string{"/restore_from/volume_id"}) || !strings.Contains(none.Errors[0].Detail, "List the recovery") {
		t.Errorf("of an empty vault: %+v", none.Errors)
	}
	path := "storage-volumes/" + data.ID
	p.here.patch(path, p.here.get(path).view().Etag, `{"size_gib":9}`).is(http.StatusOK)
	point := p.backUp("first", plan.ID).RecoveryPoints[0]
	for name, tc := range map[string]struct {
		from    m
		pointer string
		text    string
	}{
		"neither":         {m{}, "/restore_from", "either"},
		"both":            {m{"volume_id": data.ID, "recovery_point_id": point.Id}, "/restore_from", "either"},
		"no vault":        {m{"volume_id": data.ID, "vault_id": "vault-1"}, "/restore_from/vault_id", "no backup vault"},
		"too small":       {m{"volume_id": data.ID}, "/size_gib", "9 GiB, which does not fit into 8 GiB"},
		"no volume":       {m{"volume_id": "vol-1"}, "/restore_from/volume_id", "vol-1"},
		"no such point":   {m{"recovery_point_id": strings.Repeat("0", 16) + point.Id[16:]}, "/restore_from/recovery_point_id", "there is no"},
		"no id":           {m{"recovery_point_id": "../../x"}, "/restore_from/recovery_point_id", "not the id"},
		"another key":     {m{"volume_id": data.ID, "encryption_key": newKey(t)}, "/restore_from/encryption_key", "another key"},
		"another's point": {m{"recovery_point_id": point.Id, "encryption_key": newKey(t)}, "/restore_from/encryption_key", "another key"},
		"no key":          {m{"volume_id": data.ID, "encryption_key": "AGE-SECRET-KEY-1QQQ"}, "/restore_from/encryption_key", "age identity"},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.there.order("storage-volumes", p.restoreOf("x", tc.from)).refused(http.StatusUnprocessableEntity, "invalid")
			if !slices.Equal(got.pointers(), []string{tc.pointer}) || !strings.Contains(got.Errors[0].Detail, tc.text) {
				t.Errorf("%+v, want %q at %s", got.Errors, tc.text, tc.pointer)
			}
			if strings.Contains(got.Errors[0].Detail, p.options.Dir) {
				t.Errorf("it tells where the vault is on this machine: %s", got.Errors[0].Detail)
			}
		})
	}
}

// TestRestoreOfDamage changes a byte of the last block that the vault has.
func TestRestoreOfDamage(t *testing.T) {
	dir := t.TempDir()
	p := startPair(t, Options{Dir: dir}, nil)
	data := p.volume("data", "soon damaged")
	p.damaged(dir, data.ID, data.ID)
	order := p.restoreOf("again", m{"volume_id": data.ID})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "failed" || v.Restored != nil || !strings.Contains(v.StateMessage, "must not be used") {
		t.Errorf("it is %s: %s", v.State, v.StateMessage)
	}
	got := diskOf(t, p.Sandbox, "iem-ic", v.ID).read(5<<20+17, 4).is(http.StatusOK)
	if !bytes.Equal(got.body, make([]byte, 4)) {
		t.Errorf("the failed volume holds %q", got.body)
	}
	p.there.remove("storage-volumes/" + v.ID).is(http.StatusAccepted)
}

// damaged backs a source up with noise on one of its volumes, and then changes a byte of the largest object in the vault.
func (p *pair) damaged(dir, sourceID, volumeID string) {
	p.t.Helper()
	noise := make([]byte, 1<<20)
	_, _ = rand.Read(noise) // It never fails.
	diskOf(p.t, p.Sandbox, "lvrtc", volumeID).write(500<<20, noise).is(http.StatusNoContent)
	p.backUp("first", p.plan(nil, sourceID).ID)
	blobs, err := filepath.Glob(filepath.Join(dir, "iem-ic-vaults", p.vault.ID, "*", "blobs", "*", "*", "*"))
	if err != nil || len(blobs) == 0 {
		p.t.Fatalf("no blobs: %v", err)
	}
	var last []byte // The largest is that of the last block.
	for _, blob := range blobs {
		raw, err := os.ReadFile(blob)
		if err != nil {
			p.t.Fatal(err)
		}
		if len(raw) > len(last) {
			last, blobs[0] = raw, blob
		}
	}
	last[len(last)-1] ^= 1
	if err := os.WriteFile(blobs[0], last, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// TestRestoreAmongOthers: what other tools have put into a vault is not taken for what a key has written.
func TestRestoreAmongOthers(t *testing.T) {
	dir := t.TempDir()
	p := startPair(t, Options{Dir: dir}, nil)
	data := p.volume("data", "mine")
	p.backUp("first", p.plan(nil, data.ID).ID)
	for _, other := range []string{"0-velero", "zz"} {
		if err := os.Mkdir(filepath.Join(dir, "iem-ic-vaults", p.vault.ID, other), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	order := p.restoreOf("x", m{"volume_id": data.ID, "encryption_key": newKey(t)})
	got := p.there.order("storage-volumes", order).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(got.pointers(), []string{"/restore_from/encryption_key"}) {
		t.Errorf("another key: %+v", got.Errors)
	}
}

// TestRestoreOfTheNewest spoils the newest of two recovery points: the older one is not taken for it.
func TestRestoreOfTheNewest(t *testing.T) {
	dir := t.TempDir()
	p := startPair(t, Options{Dir: dir}, nil)
	data := p.volume("data", "old")
	plan := p.plan(nil, data.ID)
	old := p.backUp("first", plan.ID).RecoveryPoints[0]
	p.MoveClock(time.Hour)
	p.write(data.ID, "new")
	newest := p.backUp("second", plan.ID).RecoveryPoints[0]
	files, err := filepath.Glob(filepath.Join(dir, "iem-ic-vaults", p.vault.ID, "*", "points", newest.Id+"*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the files %v, %v", files, err)
	}
	spoil := func(with func() error) {
		t.Helper()
		if err := errors.Join(os.Remove(files[0]), with()); err != nil {
			t.Fatal(err)
		}
	}
	order := p.restoreOf("again", m{"volume_id": data.ID})

	spoil(func() error { return os.Symlink(files[0], files[0]) }) // Which cannot be opened, by nobody.
	busy := p.there.order("storage-volumes", order).refused(http.StatusServiceUnavailable, "unavailable")
	if !strings.Contains(busy.Detail, "Run it again when the vault answers") {
		t.Errorf("it is refused by %s", busy.Detail)
	}
	p.here.get("backup-plans/"+plan.ID+"/recovery-points").refused(http.StatusServiceUnavailable, "unavailable")

	spoil(func() error { return os.WriteFile(files[0], []byte("cut"), 0o600) })
	got := p.there.order("storage-volumes", order).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(got.pointers(), []string{"/restore_from/volume_id"}) || !strings.Contains(got.Errors[0].Detail, newest.Id) {
		t.Errorf("of a damaged one: %+v", got.Errors)
	}
	if points := p.points(plan.ID, "").Items; len(points) != 1 || points[0].Id != old.Id {
		t.Errorf("what can be restored is %+v", points)
	}
	order = p.restoreOf("old", m{"recovery_point_id": old.Id})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "ready" || v.Restored.RecoveryPointId != old.Id {
		t.Errorf("the older one is %s: %s", v.State, v.StateMessage)
	}
}

func TestRestoreWithFault(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", "mine")
	plan := p.plan(nil, data.ID)
	p.backUp("first", plan.ID)
	if err := p.AddFault(Fault{Operator: "iem-ic", Method: "POST", Path: "storage-volumes$", Fail: "No room in the rack."}); err != nil {
		t.Fatal(err)
	}
	if err := p.AddFault(Fault{Operator: "lvrtc", Method: "POST", Path: "backups$", Fail: "No line."}); err != nil {
		t.Fatal(err)
	}
	v := p.there.made("storage-volumes", p.restoreOf("again", m{"volume_id": data.ID}))
	if v.State != "failed" || v.StateMessage != "No room in the rack." {
		t.Errorf("it is %s: %s", v.State, v.StateMessage)
	}
	if b := p.backUp("second", plan.ID); b.State != "failed" || b.StateMessage != "No line." {
		t.Errorf("it is %s: %s", b.State, b.StateMessage)
	}
}

func TestPlanRules(t *testing.T) {
	p := startPair(t, Options{}, m{"beneficiary": "lnb"})
	data := p.volume("data", "")
	other := p.there.made("backup-vaults", vaultOf(m{"name": "open"}))
	open := p.there.get("backup-vaults/" + other.ID).backup()
	ref := m{"operator": "iem_ic", "id": open.ID, "url": open.URL}
	for name, tc := range map[string]struct {
		more    m
		pointer string
	}{
		"of another's":   {nil, "/vault/url"},
		"no vault":       {m{"vault": m{"operator": "iem_ic", "id": open.ID, "url": "https://example.org/vault"}}, "/vault/url"},
		"another id":     {m{"vault": m{"operator": "iem_ic", "id": p.vault.ID, "url": open.URL}}, "/vault/url"},
		"no source":      {m{"vault": ref, "sources": []string{data.ID, "vol-1"}}, "/sources/1"},
		"too long":       {m{"vault": ref, "retention_seconds": vaultDays*86400 - 86399}, "/retention_seconds"},
		"no cron":        {m{"vault": ref, "schedule": "61 * * * *"}, "/schedule"},
		"with seconds":   {m{"vault": ref, "schedule": "0 0 * * * *"}, "/schedule"},
		"with a zone":    {m{"vault": ref, "schedule": "TZ=Europe/Riga 0 0 * * *"}, "/schedule"},
		"by name":        {m{"vault": ref, "schedule": "@daily"}, "/schedule"},
		"never":          {m{"vault": ref, "schedule": "0 0 31 2 *"}, "/schedule"},
		"no age":         {m{"vault": ref, "encryption_key": "AGE-SECRET-KEY-1QQQ"}, "/encryption_key"},
		"paused no cron": {m{"vault": ref, "schedule": "x", "paused": true}, "/schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.here.order("backup-plans", p.planOf(tc.more, data.ID)).refused(http.StatusUnprocessableEntity, "invalid")
			if !slices.Equal(got.pointers(), []string{tc.pointer}) {
				t.Errorf("pointers %v, want %s: %+v", got.pointers(), tc.pointer, got.Errors)
			}
		})
	}
	plan := p.here.made("backup-plans", p.planOf(m{"vault": ref, "retention_seconds": (vaultDays - 1) * 86400}, data.ID))
	got := p.here.patch("backup-plans/"+plan.ID, plan.Etag, `{"vault":{"id":"x"}}`).refused(http.StatusUnprocessableEntity, "invalid")
	if !slices.Equal(got.pointers(), []string{"/vault"}) {
		t.Errorf("pointers %v", got.pointers())
	}
	p.here.order("backups", m{"name": "x", "plan_id": "plan-1"}).refused(http.StatusUnprocessableEntity, "invalid")
}

// TestKeysOfBackups changes a plan's key, and looks for keys in all that the sandbox tells.
func TestKeysOfBackups(t *testing.T) {
	var log bytes.Buffer
	p := startPair(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, nil)
	data := p.volume("data", "secret")
	plan := p.plan(nil, data.ID)
	old := p.key
	p.backUp("first", plan.ID)
	p.MoveClock(time.Minute)
	p.key = newKey(t)
	path := "backup-plans/" + plan.ID
	changed := p.here.patch(path, plan.Etag, `{"encryption_key":"`+p.key+`"}`).is(http.StatusOK)
	if got := changed.backup().KeyFingerprint; got == plan.KeyFingerprint || got != fingerprint(p.key) {
		t.Errorf("the fingerprint is %s", got)
	}
	if b := p.backUp("second", plan.ID); b.State != "ready" {
		t.Errorf("with another key it is %s: %s", b.State, b.StateMessage)
	}
	restore := p.restoreOf("again", m{"volume_id": data.ID, "encryption_key": old})
	restored := p.there.order("storage-volumes", restore).is(http.StatusCreated)
	settled(p.there, "storage-volumes/"+restored.view().ID)
	wrong := p.here.order("backup-plans", p.planOf(m{"name": "x", "encryption_key": old + "x"}, data.ID)).is(http.StatusBadRequest)

	steer := control(t, p.Sandbox)
	told := [][]byte{restored.body, changed.body, wrong.body, log.Bytes()}
	for _, a := range []answer{
		p.here.get(path), p.here.get("backup-plans"), p.here.get("backups"), p.there.get("storage-volumes"),
		p.here.get(path + "/recovery-points"), steer.get("/_sandbox/objects"), steer.get("/_sandbox/requests"),
	} {
		told = append(told, a.is(http.StatusOK).body)
	}
	for _, text := range told {
		if bytes.Contains(bytes.ToUpper(text), []byte("SECRET-KEY-1")) {
			t.Errorf("a key is in %s", text)
		}
	}
	w := p.operator("iem-ic").world
	err := w.locked(t.Context(), func() {
		if kept := w.objects[restored.view().ID].Declared; bytes.Contains(kept, []byte("SECRET-KEY-1")) {
			t.Errorf("a volume that is restored still has the key: %s", kept)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
