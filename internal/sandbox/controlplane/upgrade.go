package controlplane

import (
	"context"
	"fmt"
)

// Upgrade replaces the programs of a cluster by those of another version, a patch up or the next minor, and returns when
// it can be used. What is in it stays; its nodes become of that version too. If it fails, the cluster is stopped and of
// the new version, as there is no way back: Start tries again.
func (c *Cluster) Upgrade(ctx context.Context, version string) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.gone {
		return fmt.Errorf("%w: %s", ErrNotFound, c.id)
	}
	to, err := c.manager.binaries.resolve(version)
	if err != nil {
		return err
	}
	if err := c.canBecome(to); err != nil {
		return fmt.Errorf("cluster %s: %w", c.id, err)
	}
	if !c.Running() {
		return fmt.Errorf("cluster %s: %w", c.id, ErrStopped)
	}
	if c.Version() == to.String() {
		return nil
	}
	if err := c.set(func(r *record) { r.Version = to.String() }); err != nil {
		return err
	}
	c.halt(false)
	if err := c.up(ctx); err != nil {
		return fmt.Errorf("cluster %s: %w", c.id, err)
	}
	return nil
}

// canBecome holds to what Kubernetes supports: never down, and no minor left out.
func (c *Cluster) canBecome(to Release) error {
	is, err := ParseRelease(c.Version())
	switch {
	case err != nil:
		return err
	case to.Compare(is) < 0:
		return fmt.Errorf("%w: there is no way from %s back to %s", ErrVersion, is, to)
	case to.Major != is.Major, to.Minor > is.Minor+1:
		return fmt.Errorf("%w: from %s to %s is more than one minor at once", ErrVersion, is, to)
	}
	return nil
}
