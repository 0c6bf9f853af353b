package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxClusters is how many clusters may run at once: each further one takes 200 MiB of memory, and its start
// seconds of two cores.
const MaxClusters = 6

const (
	// startTimeout is how long a start may take: four seconds on an idle machine, twenty on a busy one.
	startTimeout = 3 * time.Minute
	// eraseTimeout is how long deleting may take that nobody waits for.
	eraseTimeout = time.Minute
)

var (
	// ErrFull says that MaxClusters run already.
	ErrFull = fmt.Errorf("%d clusters run already, and this machine is not to run more", MaxClusters)
	// ErrExists says that the id is that of another cluster.
	ErrExists = errors.New("there is another cluster of this id")
	// ErrNotFound says that there is no such cluster.
	ErrNotFound = errors.New("there is no such cluster")
	// ErrStopped says that a cluster does not run, so that it cannot do this.
	ErrStopped = errors.New("the cluster is stopped")
	// ErrClosed says that the manager is closed.
	ErrClosed = errors.New("the control planes are closed")
)

// Manager runs clusters and remembers them in a folder.
type Manager struct {
	dir      string
	binaries Binaries
	lock     *os.File
	spawner  *spawner
	ports    *ports
	etcd     *etcd
	// closing is closed when the manager is.
	closing chan struct{}

	mu       sync.Mutex
	clusters map[string]*Cluster
	running  map[string]bool
}

// Open reads what is in a folder, which is its own, and ends what a manager before it left running there. It starts
// nothing: see Start.
func Open(dir string, b Binaries) (*Manager, error) {
	if len(b.files) == 0 {
		return nil, ErrNotBuilt
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for _, part := range []string{"clusters", "etcd"} {
		if _, err := makeFolder(dir, part); err != nil {
			return nil, err
		}
	}
	held, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	m := &Manager{
		dir: dir, binaries: b, lock: held, spawner: newSpawner(), ports: newPorts(),
		clusters: map[string]*Cluster{}, running: map[string]bool{},
		closing: make(chan struct{}),
	}
	m.etcd = &etcd{spawner: m.spawner, ports: m.ports, program: b.newest(), dir: filepath.Join(dir, "etcd")}
	if err := m.read(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// read learns of the clusters that there are.
func (m *Manager) read() error {
	if err := endLeftovers(m.etcd.dir); err != nil {
		return err
	}
	folders, err := filepath.Glob(filepath.Join(m.dir, "clusters", "*"))
	if err != nil {
		return err
	}
	for _, dir := range folders {
		if err := endLeftovers(dir); err != nil {
			return err
		}
		r, err := readRecord(dir)
		if errors.Is(err, fs.ErrNotExist) { // Whoever made it was killed before it came to anything.
			err = os.RemoveAll(dir)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		c, err := m.known(dir, r)
		if err != nil {
			return fmt.Errorf("cluster %s: %w", r.ID, err)
		}
		m.clusters[r.ID] = c
	}
	return nil
}

func (m *Manager) known(dir string, r record) (*Cluster, error) {
	n, err := r.network()
	if err != nil {
		return nil, err
	}
	ca, err := openAuthority(dir, r.ID)
	if err != nil {
		return nil, err
	}
	if r.Port != 0 {
		m.ports.hold(r.Port)
	}
	return &Cluster{manager: m, id: r.ID, dir: dir, network: n, ca: ca, record: r}, nil
}

// Cluster returns a cluster, running or not.
func (m *Manager) Cluster(id string) (*Cluster, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.clusters[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
}

// Clusters are all that there are, running or not, by their ids.
func (m *Manager) Clusters() []*Cluster {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*Cluster
	for _, c := range m.clusters {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Cluster) int { return strings.Compare(a.id, b.id) })
	return all
}

// Start makes a cluster and returns when it can be used. It also starts one that ran before, and returns one that runs,
// if it is what is wanted. If it fails, there is nothing of a new cluster.
func (m *Manager) Start(ctx context.Context, spec Spec) (*Cluster, error) {
	spec, err := m.complete(spec)
	if err != nil {
		return nil, err
	}
	c, err := m.enter(spec)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", spec.ID, err)
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.gone { // Somebody deleted it in between, or it failed for who asked first.
		return nil, fmt.Errorf("cluster %s: %w", spec.ID, ErrNotFound)
	}
	was := c.get()
	if was.Deleting {
		return nil, fmt.Errorf("cluster %s: %w, which is being deleted", spec.ID, ErrExists)
	}
	if err = c.up(ctx); err != nil && was.Port == 0 {
		err = errors.Join(err, c.erase(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", spec.ID, err)
	}
	return c, nil
}

// complete resolves the version of a spec, and checks it.
func (m *Manager) complete(spec Spec) (Spec, error) {
	if !idPattern.MatchString(spec.ID) {
		return spec, fmt.Errorf("%q is no id: it is to be of a-z, 0-9 and -, up to 63 of them", spec.ID)
	}
	var err error
	if spec.Version, err = m.binaries.Resolve(spec.Version); err != nil {
		return spec, err
	}
	_, err = spec.network()
	return spec, err
}

// enter returns the cluster of a spec, which may be a new one.
func (m *Manager) enter(spec Spec) (*Cluster, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed() {
		return nil, ErrClosed
	}
	if c := m.clusters[spec.ID]; c != nil {
		is := c.get().Spec
		if patch, err := m.binaries.Resolve(is.Version); err == nil {
			is.Version = patch // What it runs once it is started.
		}
		if is != spec {
			return nil, fmt.Errorf("%w, with %s, pods in %s and services in %s", ErrExists, is.Version, is.PodCIDR, is.ServiceCIDR)
		}
		return c, nil
	}
	if len(m.running) >= MaxClusters {
		return nil, ErrFull // Before anything is made.
	}
	dir, err := makeFolder(m.dir, "clusters", spec.ID)
	if err != nil {
		return nil, err
	}
	c, err := m.known(dir, record{Spec: spec})
	if err != nil {
		return nil, err
	}
	m.clusters[spec.ID] = c
	return c, nil
}

func (m *Manager) closed() bool {
	select {
	case <-m.closing:
		return true
	default:
		return false
	}
}

// reserve counts a cluster among those that run.
func (m *Manager) reserve(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.running[id] && len(m.running) >= MaxClusters {
		return ErrFull
	}
	m.running[id] = true
	return nil
}

// Running are the ids of the clusters that run or are being started.
func (m *Manager) Running() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.running))
}

func (m *Manager) release(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.running, id)
}
