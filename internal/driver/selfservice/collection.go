package selfservice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// session is one operator's API, seen through one project.
type session struct {
	operator string
	project  string
	client   *api.Client
	longPoll time.Duration
}

// kind is what sets one kind of the API apart: the mapping, and the generated client's functions. The parameters of
// the generated functions are alike for all kinds; those of networks stand for all.
type kind[Spec, Body, Rep any, Obj cloud.Object] struct {
	// body maps a specification onto an order.
	body func(Spec, *api.OwnershipRequest) Body
	// meta and object map a representation.
	meta   func(*Rep) api.Meta
	object func(*Rep, cloud.Meta) Obj
	// align rewrites both ends of a change so that what means the same looks the same; nil where nothing does.
	align func(from, to Spec) (Spec, Spec)

	list   func(context.Context, *api.ListNetworksParams) (*http.Response, error)
	post   func(context.Context, *api.CreateNetworkParams, Body) (*http.Response, error)
	get    func(context.Context, string, *api.GetNetworkParams) (*http.Response, error)
	patch  func(context.Context, string, *api.UpdateNetworkParams, io.Reader) (*http.Response, error)
	remove func(context.Context, string) (*http.Response, error)
	claim  func(context.Context, string) (*http.Response, error)
}

// collection is a cloud.Collection of any kind.
type collection[Spec, Body, Rep any, Obj cloud.Object] struct {
	*session
	kind kind[Spec, Body, Rep, Obj]
	// etags has the ETag last seen of each id, so that a change need not read first.
	etags sync.Map
}

func newCollection[Spec, Body, Rep any, Obj cloud.Object](
	s *session, k kind[Spec, Body, Rep, Obj],
) cloud.Collection[Spec, Obj] {
	return &collection[Spec, Body, Rep, Obj]{session: s, kind: k}
}

// Create implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) Create(ctx context.Context, spec Spec, opts cloud.CreateOptions) (Obj, error) {
	var obj Obj
	key, err := uuid.Parse(opts.OwnerKey)
	if err != nil {
		return obj, c.invalid(fmt.Sprintf("The owner key %q is not a UUID.", opts.OwnerKey))
	}
	var owner *api.OwnershipRequest
	if opts.Deployment != "" {
		owner = &api.OwnershipRequest{Deployment: &opts.Deployment}
	}
	body := c.kind.body(spec, owner)
	err = c.write(func() (*http.Response, error) {
		return c.kind.post(ctx, &api.CreateNetworkParams{IdempotencyKey: key}, body)
	}, func(a answer) (err error) {
		obj, err = c.decode(a, "", a.Status == http.StatusOK)
		return err
	})
	return obj, err
}

// Get implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) Get(ctx context.Context, id string) (Obj, error) {
	return c.fetch(ctx, id, nil)
}

// Await implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) Await(ctx context.Context, id string, limit time.Duration) (Obj, error) {
	seconds := int64(min(limit, c.longPoll) / time.Second)
	if seconds <= 0 {
		return c.fetch(ctx, id, nil)
	}
	prefer := fmt.Sprintf("wait=%d", seconds)
	return c.fetch(ctx, id, &prefer)
}

func (c *collection[Spec, Body, Rep, Obj]) fetch(ctx context.Context, id string, prefer *string) (Obj, error) {
	var obj Obj
	if !validID(id) {
		return obj, c.noSuchID(id)
	}
	err := c.read(func() (*http.Response, error) {
		return c.kind.get(ctx, id, &api.GetNetworkParams{Prefer: prefer})
	}, func(a answer) (err error) {
		obj, err = c.decode(a, id, false)
		return err
	})
	if errors.Is(err, cloud.ErrNotFound) {
		c.etags.Delete(id)
	}
	return obj, err
}

// Delete implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) Delete(ctx context.Context, id string) error {
	if !validID(id) {
		return c.noSuchID(id)
	}
	c.etags.Delete(id)
	return c.write(func() (*http.Response, error) { return c.kind.remove(ctx, id) }, ignore)
}

// Claim implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) Claim(ctx context.Context, id string) error {
	if !validID(id) {
		return c.noSuchID(id)
	}
	send := func() (*http.Response, error) { return c.kind.claim(ctx, id) }
	err := c.write(send, ignore)
	if errors.Is(err, cloud.ErrUnknownOutcome) && ctx.Err() == nil {
		err = c.write(send, ignore) // Claiming twice is claiming once.
	}
	return err
}

// decode maps an answered object. The id is the one that was asked for, empty if any will do.
func (c *collection[Spec, Body, Rep, Obj]) decode(a answer, id string, replayed bool) (Obj, error) {
	var rep Rep
	var none Obj
	if err := a.Decode(&rep); err != nil {
		return none, err
	}
	m := c.kind.meta(&rep)
	if err := checkMeta(m); err != nil {
		return none, err
	}
	if id != "" && m.Id != id {
		return none, fmt.Errorf("it is about the object %s instead of %s", m.Id, id)
	}
	if tag := a.Header.Get("ETag"); tag != "" {
		m.Etag = &tag
	}
	meta := metaOf(m, a)
	meta.Replayed = replayed
	return c.take(&rep, m, meta), nil
}

// take maps a representation and remembers its ETag.
func (c *collection[Spec, Body, Rep, Obj]) take(rep *Rep, m api.Meta, meta cloud.Meta) Obj {
	if tag := deref(m.Etag); tag != "" {
		c.etags.Store(m.Id, tag)
	}
	return c.kind.object(rep, meta)
}

// noSuchID answers for ids that the contract excludes, which are never sent.
func (s *session) noSuchID(id string) error {
	return &cloud.Error{
		Reason: cloud.ErrNotFound, Operator: s.operator,
		Text: fmt.Sprintf("%q cannot be an id: ids are letters, digits, dots, underscores and hyphens.", driver.OneLine(id, driver.LineLimit)),
	}
}
