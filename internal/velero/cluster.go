package velero

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// accessTTL is how long the credentials of a call live that is cut off.
	accessTTL = 15 * time.Minute
	// mintTimeout and revokeTimeout bound what calls share, which does not end with any of them.
	mintTimeout   = 2 * time.Minute
	revokeTimeout = 20 * time.Second
)

// clusters are those of an operator, as its administrator. Calls at one time share credentials, which end with the last of
// them.
type clusters struct {
	operator *cloud.Operator
	options  Options

	mu   sync.Mutex
	open map[string]*lease
}

// lease is credentials of a cluster while somebody uses them.
type lease struct {
	users  int
	made   sync.Once
	api    *api
	access cloud.Access
	err    error
}

// with does something at a cluster.
func (c *clusters) with(ctx context.Context, id string, do func(a *api) error) error {
	c.mu.Lock()
	l := c.open[id]
	if l == nil {
		l = &lease{}
		c.open[id] = l
	}
	l.users++
	c.mu.Unlock()
	defer c.release(ctx, id, l)
	l.made.Do(func() { l.api, l.access, l.err = c.mint(ctx, id, accessTTL) })
	if l.err != nil {
		return l.err
	}
	return do(l.api)
}

// release ends the credentials with their last user.
func (c *clusters) release(ctx context.Context, id string, l *lease) {
	c.mu.Lock()
	l.users--
	last := l.users == 0
	if last {
		delete(c.open, id)
	}
	c.mu.Unlock()
	if last && l.err == nil {
		c.revoke(ctx, id, l.api, l.access)
	}
}

// withLong is with for what may take so long, and shares nothing.
func (c *clusters) withLong(ctx context.Context, id string, limit time.Duration, do func(a *api) error) error {
	ttl := max(accessTTL, limit+accessTTL)
	if longest := c.operator.Capabilities.Clusters.MaxAccessTTL; longest > 0 {
		ttl = min(ttl, longest)
	}
	a, access, err := c.mint(ctx, id, ttl)
	if err != nil {
		return err
	}
	defer c.revoke(ctx, id, a, access)
	return do(a)
}

func (c *clusters) mint(ctx context.Context, id string, ttl time.Duration) (*api, cloud.Access, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mintTimeout)
	defer cancel()
	access, err := c.operator.ClusterAccess.Mint(ctx, id, cloud.AccessWish{Role: "admin", TTL: ttl})
	if err != nil {
		return nil, access, err
	}
	client, err := c.options.Dial(access)
	if err != nil {
		return nil, access, &cloud.Error{Reason: cloud.ErrInvalid, Operator: c.operator.Name, Cause: err,
			Text: "The credentials that were minted for the cluster cannot be used."}
	}
	return &api{operator: c.operator.Name, endpoint: strings.TrimSuffix(access.Host, "/"), http: client}, access, nil
}

// revoke ends credentials. Where that does not work, they end by themselves.
func (c *clusters) revoke(ctx context.Context, id string, a *api, access cloud.Access) {
	a.http.CloseIdleConnections()
	if access.ID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	_ = c.operator.ClusterAccess.Revoke(ctx, id, access.ID)
}

// pause waits, and reports false if the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// identity is an id of the port: that of the cluster, and the name of an object in it.
type identity struct{ cluster, name string }

func (i identity) String() string { return i.cluster + "~" + i.name }

// parseIdentity reports false for what is none.
func parseIdentity(id string) (i identity, ok bool) {
	at := strings.LastIndex(id, "~")
	if at <= 0 || at == len(id)-1 {
		return i, false
	}
	return identity{id[:at], id[at+1:]}, true
}

// notFound is for ids that no object has.
func (c *clusters) notFound(id string) error {
	return &cloud.Error{Reason: cloud.ErrNotFound, Operator: c.operator.Name, Text: "There is nothing of the id " + id + "."}
}
