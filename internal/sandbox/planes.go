package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

const (
	// jobsAtOnce is how many control planes start or change at once: more would all be slower.
	jobsAtOnce = 2
	// nodesReady is how long new nodes may take.
	nodesReady = 2 * time.Minute
	nodesPoll  = 200 * time.Millisecond
)

// planes puts real control planes behind container clusters. Each job brings one cluster to what the world says of it
// when its turn comes, so that jobs can be repeated, also after a restart.
type planes struct {
	manager *controlplane.Manager
	logger  *slog.Logger
	ctx     context.Context //nolint:containedctx // That of all jobs, which outlive the requests that begin them.
	cancel  context.CancelFunc
	jobs    sync.WaitGroup
	width   chan struct{}

	mu sync.Mutex
	// turns has for each cluster a channel that whoever works on it has put something into.
	turns map[string]chan struct{}
	// begun counts for each cluster the jobs that are not over.
	begun map[string]int
	// objects have the jobs that are begun for their sake.
	objects map[string]jobs
}

func openPlanes(o Options) (*planes, error) {
	if o.Kubernetes == "" {
		return nil, nil //nolint:nilnil // There are none, and that is no error.
	}
	binaries, err := controlplane.Find(o.Kubernetes)
	if err != nil {
		return nil, err
	}
	manager, err := controlplane.Open(filepath.Join(o.Dir, "kubernetes"), binaries)
	if err != nil {
		return nil, fmt.Errorf("opening the control planes: %w", err)
	}
	p := &planes{
		manager: manager, logger: o.Logger, width: make(chan struct{}, jobsAtOnce),
		turns: map[string]chan struct{}{}, begun: map[string]int{}, objects: map[string]jobs{},
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// close ends all control planes. What was being done is done again after the next start.
func (p *planes) close() error {
	if p == nil {
		return nil
	}
	p.cancel()
	err := p.manager.Close()
	p.jobs.Wait()
	return err
}

// turn waits until nobody else works on a cluster.
func (p *planes) turn(ctx context.Context, id string) (done func(), err error) {
	p.mu.Lock()
	turn := p.turns[id]
	if turn == nil {
		turn = make(chan struct{}, 1)
		p.turns[id] = turn
	}
	p.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin has a cluster brought to what the world says, for the sake of an object: the cluster itself or one of its pools.
// The world is locked.
func (p *planes) begin(w *world, o *object, clusterID string) {
	p.jobBegins(o)
	p.count(clusterID, 1)
	p.jobs.Go(func() {
		defer p.count(clusterID, -1)
		done, err := p.turn(p.ctx, clusterID)
		if err != nil {
			return // The sandbox is being closed.
		}
		defer done()
		p.width <- struct{}{}
		defer func() { <-p.width }()
		c, err := p.bring(w, clusterID)
		if p.ctx.Err() != nil || errors.Is(err, controlplane.ErrClosed) {
			return
		}
		if err != nil {
			p.logger.Error("control plane", "operator", w.profile.Name, "cluster", clusterID, "error", err)
		}
		if err := w.locked(p.ctx, func() { w.brought(o, c, err) }); err != nil {
			p.logger.Error("state", "operator", w.profile.Name, "error", err)
		}
	})
}

func (p *planes) count(clusterID string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun[clusterID] += n; p.begun[clusterID] == 0 {
		delete(p.begun, clusterID)
	}
}

// full reports whether no more clusters can run than those that do, or are about to.
func (p *planes) full() bool {
	running := map[string]bool{}
	for _, id := range p.manager.Running() {
		running[id] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.begun {
		running[id] = true
	}
	return len(running) >= controlplane.MaxClusters
}

// bring does what there is to do about a cluster. It returns nil where none runs.
func (p *planes) bring(w *world, id string) (*controlplane.Cluster, error) {
	var wanted *goal
	if err := w.locked(p.ctx, func() { wanted = w.goalOf(id) }); err != nil {
		return nil, err
	}
	if wanted == nil {
		err := p.manager.Delete(p.ctx, id)
		if errors.Is(err, controlplane.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	if wanted.idle {
		return nil, nil //nolint:nilnil // Said above.
	}
	spec := wanted.spec
	if is, err := p.manager.Cluster(id); err == nil {
		spec.Version = is.Version() // Start wants it as it is, Upgrade makes more of it.
	}
	c, err := p.manager.Start(p.ctx, spec)
	if err != nil {
		return nil, err
	}
	if c.Version() != wanted.spec.Version {
		if err := c.Upgrade(p.ctx, wanted.spec.Version); err != nil {
			return c, err
		}
	}
	return c, p.setNodes(c, wanted.pools)
}

// setNodes makes the nodes of all pools and waits for them. Pools that are not wanted lose theirs.
func (p *planes) setNodes(c *controlplane.Cluster, pools map[string]controlplane.Pool) error {
	nodes, err := c.Nodes(p.ctx)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if _, ok := pools[n.Pool]; !ok && n.Pool != "" {
			pools[n.Pool] = controlplane.Pool{Name: n.Pool}
		}
	}
	for _, pool := range pools {
		if err := c.SetNodes(p.ctx, pool); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(p.ctx, nodesReady)
	defer cancel()
	ticker := time.NewTicker(nodesPoll)
	defer ticker.Stop()
	for {
		missing, err := missingNodes(ctx, c, pools)
		if err == nil && missing == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%d nodes are not ready after %s: %w", missing, nodesReady, errors.Join(ctx.Err(), err))
		}
	}
}

// missingNodes counts those that are not there, or not ready.
func missingNodes(ctx context.Context, c *controlplane.Cluster, pools map[string]controlplane.Pool) (missing int, err error) {
	nodes, err := c.Nodes(ctx)
	for _, pool := range pools {
		missing += pool.Size
	}
	for _, n := range nodes {
		if _, ours := pools[n.Pool]; ours && n.Ready {
			missing--
		}
	}
	return missing, err
}

// resume goes on with what the sandbox before this one had. If the worlds are all that the folder has, it ends clusters
// that nobody knows: else they may be of an operator that is not run this time.
func (p *planes) resume(worlds []*world, complete bool) {
	known := map[string]bool{}
	for _, w := range worlds {
		w.mu.Lock()
		for id, o := range w.objects {
			known[id] = known[id] || o.Kind == clusterSegment
			if clusterID := o.clusterID(); clusterID != "" && o.Derived.Real && o.State != api.StateFailed {
				p.begin(w, o, clusterID)
			}
		}
		w.mu.Unlock()
	}
	for _, c := range p.manager.Clusters() {
		if complete && !known[c.ID()] {
			p.erase(c.ID())
		}
	}
}

// storedOperators are those whose state is in a folder, whether they are run or not.
func storedOperators(dir string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.sqlite"))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".sqlite"))
	}
	return names, err
}

// erase ends a cluster that nobody knows any more.
func (p *planes) erase(id string) {
	p.jobs.Go(func() {
		done, err := p.turn(p.ctx, id)
		if err != nil {
			return
		}
		defer done()
		if err := p.manager.Delete(p.ctx, id); err != nil && !errors.Is(err, controlplane.ErrNotFound) && p.ctx.Err() == nil {
			p.logger.Error("control plane", "cluster", id, "error", err)
		}
	})
}
