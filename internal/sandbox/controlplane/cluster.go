package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
)

// Cluster is a Kubernetes cluster of its own.
type Cluster struct {
	manager *Manager
	id, dir string
	network network
	ca      *authority

	// changing is held by whoever starts, stops, upgrades or deletes it. It guards gone, which says that it is deleted.
	changing sync.Mutex
	gone     bool

	mu     sync.Mutex
	record record
	api    *api
	// processes are all of it, the API's first. There are none while it is stopped.
	processes []*process
}

// ID is the cluster's.
func (c *Cluster) ID() string { return c.id }

// Version is the patch that the cluster runs, such as 1.34.4.
func (c *Cluster) Version() string { return c.get().Version }

// Endpoint is the URL of the API. It stays the same unless somebody else took the port while the cluster was stopped.
func (c *Cluster) Endpoint() string { return "https://" + loopback(c.get().Port) }

// CA is the certificate of the cluster's authority, PEM.
func (c *Cluster) CA() []byte { return slices.Clone(c.ca.pem) }

// Running says whether the cluster is started.
func (c *Cluster) Running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.processes) > 0
}

// Err says whether all that was started still runs, and if not, what it logged in the end.
func (c *Cluster) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failures []error
	for _, p := range c.processes {
		if !p.running() {
			failures = append(failures, p.ended())
		}
	}
	if len(c.processes) > 0 {
		failures = append(failures, c.manager.etcd.err())
	}
	return errors.Join(failures...)
}

func (c *Cluster) get() record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.record
}

// set changes what is remembered of it.
func (c *Cluster) set(change func(*record)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.record)
	return c.record.write(c.dir)
}

// connected returns the API of a cluster that runs.
func (c *Cluster) connected() (*api, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.api == nil {
		return nil, fmt.Errorf("cluster %s: %w", c.id, ErrStopped)
	}
	return c.api, nil
}

// up starts it unless it runs. The caller holds changing.
func (c *Cluster) up(ctx context.Context) error {
	if c.manager.closed() {
		return ErrClosed
	}
	if c.Running() && c.Err() == nil {
		return nil
	}
	c.halt(true) // What is left of one of which a part has ended.
	if err := c.manager.reserve(c.id); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	go func() {
		select {
		case <-c.manager.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := c.run(ctx); err != nil {
		c.down(true)
		return err
	}
	return nil
}

func (c *Cluster) run(ctx context.Context) error {
	etcd, err := c.manager.etcd.up(ctx)
	if err != nil {
		return err
	}
	program, err := c.program()
	if err != nil {
		return err
	}
	for range attempts {
		if err = c.runAPI(ctx, program, etcd); !portTaken(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	// The kwok of before holds the nodes for some time, and one that was killed would not let go.
	if err := c.api.delete(ctx, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", nil); err != nil {
		return err
	}
	for _, command := range controllers(c.dir, program, c.manager.binaries.kwok, c.get(), c.network) {
		if _, err := c.begin(command); err != nil {
			return err
		}
	}
	return c.usable(ctx)
}

// program finds that of the cluster's version, or of a later patch if that is not there any more.
func (c *Cluster) program() (string, error) {
	r, err := c.manager.binaries.resolve(c.get().Version)
	if err != nil {
		return "", err
	}
	return c.manager.binaries.files[r], c.set(func(rec *record) { rec.Version = r.String() })
}

// runAPI starts the API on a port of its own, and returns when it is up.
func (c *Cluster) runAPI(ctx context.Context, program string, etcd store) error {
	c.halt(true) // What is left of the attempt before.
	port, err := c.manager.ports.take(c.get().Port)
	if err != nil {
		return err
	}
	if err := c.set(func(r *record) { r.Port = port }); err != nil {
		return err
	}
	r := c.get()
	admin, err := prepare(c.dir, r, c.network, c.ca)
	if err != nil {
		return err
	}
	api, err := newAPI(c.Endpoint(), c.ca.pem, admin)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.api = api
	c.mu.Unlock()
	p, err := c.begin(apiserver(c.dir, program, r, etcd))
	if err != nil {
		return err
	}
	return p.wait(ctx, api.ready)
}

func (c *Cluster) begin(command command) (*process, error) {
	p, err := c.manager.spawner.start(command)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.processes = append(c.processes, p)
	return p, nil
}

// usable returns when the cluster does what every cluster does by itself, and users expect of one that is there: that
// pods can be made, and that the roles are what they are to be.
func (c *Cluster) usable(ctx context.Context) error {
	err := c.api.do(ctx, http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterroles", plainJSON, viewNodes, nil)
	if err != nil && !Refused(err, http.StatusConflict) {
		return err
	}
	if err := c.processes[1].wait(ctx, c.works); err != nil {
		return err
	}
	return c.Err()
}

func (c *Cluster) works(ctx context.Context) error {
	if err := c.api.get(ctx, "/api/v1/namespaces/default/serviceaccounts/default", nil, nil); err != nil {
		return err
	}
	var view struct {
		Rules []struct{ Resources []string }
	}
	if err := c.api.get(ctx, "/apis/rbac.authorization.k8s.io/v1/clusterroles/view", nil, &view); err != nil {
		return err
	}
	for _, rule := range view.Rules {
		if slices.Contains(rule.Resources, "nodes") {
			return nil
		}
	}
	return errors.New("the role view may not see nodes yet")
}

// down ends it and lets another one run. The caller holds changing.
func (c *Cluster) down(atOnce bool) {
	c.halt(atOnce)
	c.manager.release(c.id)
}

// halt ends its processes: in good order, or at once where nothing of it is wanted any more.
func (c *Cluster) halt(atOnce bool) {
	c.mu.Lock()
	processes, api := c.processes, c.api
	c.processes, c.api = nil, nil
	c.mu.Unlock()
	end := (*process).stop
	if atOnce {
		end = (*process).kill
	}
	var ending sync.WaitGroup
	for i, p := range slices.Backward(processes) {
		if i == 0 { // The API is there until those are gone who use it.
			ending.Wait()
		}
		ending.Go(func() { end(p) })
	}
	ending.Wait()
	if api != nil {
		api.close()
	}
}

// erase removes all of it. The caller holds changing.
func (c *Cluster) erase(ctx context.Context) error {
	if err := c.set(func(r *record) { r.Deleting = true }); err != nil {
		return err
	}
	c.down(true)
	if c.get().Port != 0 { // Else it never came so far as to write something.
		if err := c.wipe(ctx); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	c.gone = true
	c.manager.ports.give(c.get().Port)
	c.manager.mu.Lock()
	defer c.manager.mu.Unlock()
	delete(c.manager.clusters, c.id)
	return nil
}

func (c *Cluster) wipe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, eraseTimeout)
	defer cancel()
	etcd, err := c.manager.etcd.up(ctx)
	if err != nil {
		return err
	}
	return etcd.wipe(ctx, c.get().prefix())
}
