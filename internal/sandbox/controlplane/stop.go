package controlplane

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Stop ends the processes of a cluster. All that is in it stays, and Start brings it back.
func (m *Manager) Stop(id string) error {
	c, err := m.Cluster(id)
	if err != nil {
		return err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.gone {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	err = c.set(func(r *record) { r.Stopped = true })
	c.down(false)
	return err
}

// Delete ends a cluster and removes all of it. When it returns nil, etcd has been asked and has nothing of it left. If it
// fails, it can be repeated, and Resume will.
func (m *Manager) Delete(ctx context.Context, id string) error {
	c, err := m.Cluster(id)
	if err != nil {
		return err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.gone {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return c.erase(ctx)
}

// Keys says how many keys etcd has of a cluster, also of one that is deleted.
func (m *Manager) Keys(ctx context.Context, id string) (int64, error) {
	s, err := m.etcd.up(ctx)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, record{Spec: Spec{ID: id}}.prefix())
}

// Resume starts the clusters that ran when the manager before this one ended, however it did, and goes on deleting those
// that were being deleted. What fails is in the error, and can be tried again.
func (m *Manager) Resume(ctx context.Context) error {
	var failures []error
	var mu sync.Mutex
	var running sync.WaitGroup
	turns := make(chan struct{}, resumeWidth)
	for _, c := range m.Clusters() {
		turns <- struct{}{}
		running.Go(func() {
			defer func() { <-turns }()
			if err := c.resume(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, fmt.Errorf("cluster %s: %w", c.id, err))
			}
		})
	}
	running.Wait()
	return errors.Join(failures...)
}

func (c *Cluster) resume(ctx context.Context) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	switch r := c.get(); {
	case c.gone, r.Stopped && !r.Deleting:
		return nil
	case r.Deleting:
		return c.erase(ctx)
	}
	return c.up(ctx)
}

// Close ends all processes, and returns when they have ended. What ran will be started by the Resume of a manager after
// this one. Calls that are under way fail.
func (m *Manager) Close() error {
	m.mu.Lock()
	if m.closed() {
		m.mu.Unlock()
		return nil
	}
	close(m.closing)
	m.mu.Unlock()
	var running sync.WaitGroup
	for _, c := range m.Clusters() {
		running.Go(func() {
			c.changing.Lock()
			defer c.changing.Unlock()
			c.down(false)
		})
	}
	running.Wait()
	m.etcd.close()
	m.spawner.close()
	return m.lock.Close()
}
