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

// lease is credentials of a cluster while somebody uses them. When half of their time is over, others take their place, as calls
// may take, or overlap, for longer than credentials may live.
type lease struct {
	users int

	mu      sync.Mutex
	granted []grant
	err     error
}

// grant is credentials, and until when they are used.
type grant struct {
	connection
	id    string
	until time.Time
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
	return do(&api{operator: c.operator.Name, connect: func(ctx context.Context) (connection, error) { return c.connect(ctx, id, l) }})
}

// connect is by the newest credentials. If the first ones are refused, all who share them are told so.
func (c *clusters) connect(ctx context.Context, id string, l *lease) (connection, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.granted) - 1
	if last < 0 && l.err != nil {
		return connection{}, l.err
	}
	if last >= 0 && c.options.Now().Before(l.granted[last].until) {
		return l.granted[last].connection, nil
	}
	g, err := c.mint(ctx, id)
	switch {
	case err == nil:
		l.granted = append(l.granted, g)
	case last >= 0:
		return l.granted[last].connection, nil // Half of their time is left.
	}
	l.err = err
	return g.connection, err
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
	if !last {
		return
	}
	for _, g := range l.granted {
		c.revoke(ctx, id, g)
	}
}

func (c *clusters) mint(ctx context.Context, id string) (g grant, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mintTimeout)
	defer cancel()
	ttl := accessTTL
	if longest := c.operator.Capabilities.Clusters.MaxAccessTTL; longest > 0 {
		ttl = min(ttl, longest)
	}
	g.until = c.options.Now().Add(ttl / 2)
	access, err := c.operator.ClusterAccess.Mint(ctx, id, cloud.AccessWish{Role: "admin", TTL: ttl})
	if err != nil {
		return g, err
	}
	client, err := c.options.Dial(access)
	if err != nil {
		return g, &cloud.Error{Reason: cloud.ErrInvalid, Operator: c.operator.Name, Cause: err,
			Text: "The credentials that were minted for the cluster cannot be used."}
	}
	g.id, g.connection = access.ID, connection{strings.TrimSuffix(access.Host, "/"), client}
	return g, nil
}

// revoke ends credentials. Where that does not work, they end by themselves.
func (c *clusters) revoke(ctx context.Context, id string, g grant) {
	g.http.CloseIdleConnections()
	if g.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	_ = c.operator.ClusterAccess.Revoke(ctx, id, g.id)
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
