package controlplane

import (
	"context"
	"fmt"
	"sync"
)

// Delete ends a cluster and removes all of it. When it returns nil, etcd has been asked and has nothing of it left. If it
// fails, it can be repeated.
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

// Close ends all processes, and returns when they have ended. What ran can be started by a manager after this one. Calls
// that are under way fail.
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
