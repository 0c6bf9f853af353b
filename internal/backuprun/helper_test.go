package backuprun_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/backuprun"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// records keep texts in memory.
type records struct {
	operator string
	now      func() time.Time

	mu    sync.Mutex
	known map[string]cloud.Record
	made  int
}

func (r *records) none() error { return &cloud.Error{Reason: cloud.ErrNotFound, Operator: r.operator} }

func (r *records) New(_ context.Context, kind, text string) (cloud.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made++
	made := cloud.Record{ID: fmt.Sprintf("record-%03d", r.made), Kind: kind, Text: text, Revision: "1", CreatedAt: r.now()}
	r.known[made.ID] = made
	return made, nil
}

func (r *records) Get(_ context.Context, kind, id string) (cloud.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if is, ok := r.known[id]; ok && is.Kind == kind {
		return is, nil
	}
	return cloud.Record{}, r.none()
}

func (r *records) List(_ context.Context, kind string) iter.Seq2[cloud.Record, error] {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []cloud.Record
	for _, is := range r.known {
		if is.Kind == kind {
			all = append(all, is)
		}
	}
	slices.SortFunc(all, func(a, b cloud.Record) int { return cmp.Compare(a.ID, b.ID) })
	return func(yield func(cloud.Record, error) bool) {
		for _, is := range all {
			if !yield(is, nil) {
				return
			}
		}
	}
}

func (r *records) Put(_ context.Context, record cloud.Record) (cloud.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	is, ok := r.known[record.ID]
	switch {
	case !ok || is.Kind != record.Kind:
		return record, r.none()
	case is.Revision != record.Revision:
		return record, &cloud.Error{Reason: cloud.ErrConflict, Operator: r.operator}
	}
	record.Revision += "1"
	r.known[record.ID] = record
	return record, nil
}

func (r *records) Delete(_ context.Context, kind, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if is, ok := r.known[id]; !ok || is.Kind != kind {
		return r.none()
	}
	delete(r.known, id)
	return nil
}

// marked are volumes with their marks, as a driver shows them.
type marked struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	disks *disks
}

func (m marked) mark(v cloud.StorageVolume, err error) (cloud.StorageVolume, error) {
	v.Mark = m.disks.markOf(v.ID)
	return v, err
}

func (m marked) Create(ctx context.Context, s cloud.StorageVolumeSpec, o cloud.CreateOptions) (cloud.StorageVolume, error) {
	if s.RestoreFrom != nil {
		return cloud.StorageVolume{}, errors.New("the operator itself was told to restore")
	}
	return m.mark(m.Collection.Create(ctx, s, o))
}

func (m marked) Get(ctx context.Context, id string) (cloud.StorageVolume, error) {
	return m.mark(m.Collection.Get(ctx, id))
}

func (m marked) Await(ctx context.Context, id string, limit time.Duration) (cloud.StorageVolume, error) {
	return m.mark(m.Collection.Await(ctx, id, limit))
}

func (m marked) Update(
	ctx context.Context, id string, change cloud.Change[cloud.StorageVolumeSpec],
) (cloud.StorageVolume, error) {
	return m.mark(m.Collection.Update(ctx, id, change))
}

func (m marked) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) {
		for v, err := range m.Collection.List(ctx, o) {
			if !yield(m.mark(v, err)) {
				return
			}
		}
	}
}

// folders mint keys of a sandbox's vaults, which are folders.
type folders struct {
	box, operator string
	mu            sync.Mutex
	open          map[string]cloud.VaultRole
}

func (f *folders) Mint(_ context.Context, vaultID string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("key-%d", len(f.open))
	f.open[id] = wish.Role
	return cloud.VaultKey{ID: id, Bucket: filepath.Join(f.box, f.operator+"-vaults", vaultID)}, nil
}

func (f *folders) Revoke(_ context.Context, _, keyID string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[keyID] = ""
	return nil
}

// alive are the keys that nobody has ended.
func (f *folders) alive() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, role := range f.open {
		if role != "" {
			n++
		}
	}
	return n
}

// folderVault is one that nobody has to check.
type folderVault struct{ *mover.Vault }

func (folderVault) Check(context.Context) (mover.Protection, error) { return mover.Protection{}, nil }

// pair are two operators of a sandbox of whose backups this process makes.
type pair struct {
	box *sandbox.Sandbox
	dir string
	// moved is by how much the time is ahead.
	mu    sync.Mutex
	moved time.Duration
	ops   map[string]*cloud.Operator
	bytes map[string]*disks
	texts map[string]*records
	keys  *folders
}

func (p *pair) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Add(p.moved)
}

func (p *pair) moveClock(d time.Duration) {
	p.mu.Lock()
	p.moved += d
	p.mu.Unlock()
	p.box.MoveClock(d)
}

// source and keeper are the operators' names.
const (
	source = "lnb"
	keeper = "lvrtc"
)

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{dir: t.TempDir(), ops: map[string]*cloud.Operator{}, bytes: map[string]*disks{}, texts: map[string]*records{}}
	var err error
	p.box, err = sandbox.Start(t.Context(), sandbox.Options{
		Operators: []string{source, keeper}, Dir: p.dir, Transition: 5 * time.Millisecond,
	})
	must(t, err)
	t.Cleanup(func() { must(t, p.box.Close()) })
	p.keys = &folders{box: p.dir, operator: keeper, open: map[string]cloud.VaultRole{}}
	for _, name := range []string{source, keeper} {
		p.bytes[name] = &disks{
			operator: name, dir: filepath.Join(p.dir, name+"-volumes"), now: p.now, marks: map[string]string{}, left: map[string]int{},
		}
		p.texts[name] = &records{operator: name, now: p.now, known: map[string]cloud.Record{}}
		p.ops[name] = p.process(t, name)
	}
	return p
}

// process is an operator as another process that makes its backups sees it.
func (p *pair) process(t *testing.T, name string) *cloud.Operator {
	t.Helper()
	op := p.open(t, name)
	op.BackupPlans, op.Backups, op.RecoveryPoints = nil, nil, nil
	op.StorageVolumes = marked{op.StorageVolumes, p.bytes[name]}
	op.Records, op.VolumeBytes = p.texts[name], p.bytes[name]
	if name == keeper {
		op.VaultAccess = p.keys
	}
	p.attach(op)
	return op
}

// attach has this process make the backups of an operator.
func (p *pair) attach(op *cloud.Operator) {
	backuprun.Attach(op, backuprun.Options{
		Now: p.now,
		Operator: func(_ context.Context, name string) (*cloud.Operator, error) {
			if op, ok := p.ops[name]; ok {
				return op, nil
			}
			return nil, &cloud.Error{Reason: cloud.ErrInvalid, Operator: name, Text: "There is no such operator."}
		},
		OpenVault: func(key cloud.VaultKey, o mover.Options) (backuprun.Vault, error) {
			v, err := mover.OpenFolder(filepath.Join(key.Bucket, o.Prefix), o)
			return folderVault{v}, err
		},
	})
}

// open makes an operator of the sandbox as the provider does.
func (p *pair) open(t *testing.T, name string) *cloud.Operator {
	t.Helper()
	config := transport.Config{Operator: name, UserAgent: "backuprun", Limits: transport.Limits{MaxParallel: 8}}
	anonymous, err := transport.New(config)
	must(t, err)
	found, err := selfservice.Discover(t.Context(), anonymous, name, p.box.Endpoint(name))
	must(t, err)
	config.Tokens = &transport.ClientCredentials{TokenURL: found.TokenEndpoint, ID: sandbox.ClientID, Secret: sandbox.ClientSecret}
	client, err := transport.New(config)
	must(t, err)
	op, err := selfservice.Open(t.Context(), selfservice.Options{Name: name, Project: "cadastre", HTTP: client, Discovery: found})
	must(t, err)
	return op
}
