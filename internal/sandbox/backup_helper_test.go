package sandbox

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// backupView is what the API shows of vaults, plans, backups and what was restored.
type backupView struct {
	view
	URL            string                `json:"url"`
	UsedBytes      int64                 `json:"used_bytes"`
	Simulated      bool                  `json:"simulated"`
	KeyFingerprint string                `json:"key_fingerprint"`
	LastSuccessAt  time.Time             `json:"last_success_at"`
	LastError      string                `json:"last_error"`
	NextRunAt      time.Time             `json:"next_run_at"`
	Stale          bool                  `json:"stale"`
	Protected      []api.ProtectedVolume `json:"protected"`
	LastDrill      *api.BackupDrill      `json:"last_drill"`
	RecoveryPoints []api.RecoveryPoint   `json:"recovery_points"`
	Restored       *api.Restored         `json:"restored"`
}

func (a answer) backup() (v backupView) {
	a.t.Helper()
	a.into(&v)
	return v
}

// pair is an operator whose volumes are backed up, and another that has the vault.
type pair struct {
	*Sandbox

	t           *testing.T
	here, there *client
	key         string
	vault       backupView
}

const vaultDays = 30

// startPair has a vault at iem-ic for what is at lvrtc.
func startPair(t *testing.T, o Options, vault m) *pair {
	t.Helper()
	o.TokenLifetime = 100 * 365 * day
	p := &pair{Sandbox: start(t, o), t: t, key: newKey(t)}
	p.here, p.there = at(t, p.Sandbox, "lvrtc"), at(t, p.Sandbox, "iem-ic")
	order := m{"name": "vault", "immutability": m{"mode": "governance", "days": 7}, "retention_days": vaultDays}
	maps.Copy(order, vault)
	p.vault = p.there.get("backup-vaults/" + p.there.made("backup-vaults", order).ID).backup()
	return p
}

// again is the same pair after a new start.
func (p *pair) again(o Options) *pair {
	p.t.Helper()
	if err := p.Close(); err != nil {
		p.t.Fatal(err)
	}
	o.TokenLifetime = 100 * 365 * day
	next := &pair{Sandbox: start(p.t, o), t: p.t, key: p.key, vault: p.vault}
	next.here, next.there = at(p.t, next.Sandbox, "lvrtc"), at(p.t, next.Sandbox, "iem-ic")
	return next
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := mover.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// volume is one at lvrtc that holds something.
func (p *pair) volume(name, text string) view {
	p.t.Helper()
	v := p.here.made("storage-volumes", m{"name": name, "size_gib": 1})
	p.write(v.ID, text)
	return v
}

func (p *pair) write(volumeID, text string) {
	p.t.Helper()
	diskOf(p.t, p.Sandbox, "lvrtc", volumeID).write(5<<20+17, []byte(text)).is(http.StatusNoContent)
}

func (p *pair) planOf(more m, sources ...string) m {
	order := m{
		"name": "plan", "sources": sources, "encryption_key": p.key, "retention_seconds": 20 * 86400,
		"vault": m{"operator": "iem_ic", "id": p.vault.ID, "url": p.vault.URL},
	}
	maps.Copy(order, more)
	return order
}

func (p *pair) plan(more m, sources ...string) backupView {
	p.t.Helper()
	return p.at(p.here.made("backup-plans", p.planOf(more, sources...)).ID)
}

// at is a plan as it is now.
func (p *pair) at(planID string) backupView {
	p.t.Helper()
	return p.here.get("backup-plans/" + planID).is(http.StatusOK).backup()
}

// backUp asks for a backup, and waits for its end.
func (p *pair) backUp(name, planID string) backupView {
	p.t.Helper()
	b := p.here.order("backups", m{"name": name, "plan_id": planID}).is(http.StatusCreated).view()
	return settled(p.here, "backups/"+b.ID)
}

// restoreOf is an order of a volume at iem-ic.
func (p *pair) restoreOf(name string, from m) m {
	all := m{"vault_id": p.vault.ID, "encryption_key": p.key}
	maps.Copy(all, from)
	return m{"name": name, "size_gib": 8, "restore_from": all}
}

// settled waits for the end of a transfer.
func settled(c *client, path string) backupView {
	c.t.Helper()
	return c.get(path, "Prefer", "wait=30").is(http.StatusOK).backup()
}

// until waits for a plan to become as it is to be.
func (p *pair) until(planID string, as func(backupView) bool) backupView {
	p.t.Helper()
	w := p.operator("lvrtc").world
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		var changed chan struct{}
		if err := w.locked(p.t.Context(), func() { changed = w.objects[planID].changed }); err != nil {
			p.t.Fatal(err)
		}
		if v := p.at(planID); as(v) {
			return v
		}
		select {
		case <-changed:
		case <-timeout.C:
			p.t.Fatalf("the plan is still %+v", p.at(planID))
		}
	}
}

// points are those that a plan can restore.
func (p *pair) points(planID, query string) (page api.RecoveryPointList) {
	p.t.Helper()
	p.here.get("backup-plans/" + planID + "/recovery-points" + query).is(http.StatusOK).into(&page)
	return page
}
