package controlplane

import (
	"context"
	"fmt"
	"path/filepath"
)

// Companion is a program that works on a cluster, as operators' controllers do.
type Companion struct {
	// Name is that of its log, in the cluster's folder.
	Name    string
	Program string
	// Args and Env are all that it is told: nothing is inherited.
	Args, Env []string
	// Answers says whether it is ready.
	Answers func(context.Context) error
}

// Kubeconfig is the file with which the cluster is administered. It is good until the cluster is started again.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.dir, kubeconfigFile) }

// Accompany starts programs that end with the cluster, and returns when all of them are ready. A cluster that is started
// again has none.
func (c *Cluster) Accompany(ctx context.Context, companions ...Companion) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	if !c.Running() {
		return fmt.Errorf("cluster %s: %w", c.id, ErrStopped)
	}
	var ready []func() error
	for _, companion := range companions {
		p, err := c.begin(command{
			part: companion.Name, program: companion.Program, dir: c.dir, args: companion.Args, env: companion.Env,
		})
		if err != nil {
			return fmt.Errorf("cluster %s: %w", c.id, err)
		}
		ready = append(ready, func() error { return p.wait(ctx, companion.Answers) })
	}
	for _, wait := range ready { // All of them start at once.
		if err := wait(); err != nil {
			return fmt.Errorf("cluster %s: %w", c.id, err)
		}
	}
	return nil
}
