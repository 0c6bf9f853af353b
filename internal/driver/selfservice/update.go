package selfservice

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// patchAttempts bounds how often a change is sent because the object changed in between or an answer was lost.
const patchAttempts = 4

// Update implements cloud.Collection.
//
// A merge patch sets values and touches only what the user changed, so it can be sent again whenever the object has
// another ETag by now, and also when its answer was lost: what was done already is then no change.
func (c *collection[Spec, Body, Rep, Obj]) Update(ctx context.Context, id string, change cloud.Change[Spec]) (Obj, error) {
	var obj Obj
	if !validID(id) {
		return obj, c.noSuchID(id)
	}
	patch, err := c.difference(change)
	if err != nil {
		return obj, c.invalid(driver.Sentence("The change cannot be written as JSON: " + err.Error()))
	}
	if patch == nil {
		return c.Get(ctx, id)
	}
	var lost error
	for range patchAttempts {
		etag, tagErr := c.etag(ctx, id)
		switch {
		case tagErr != nil && lost != nil:
			return obj, lost // What became of the change matters more than why it cannot be looked up.
		case tagErr != nil:
			return obj, tagErr
		}
		obj, err = c.send(ctx, id, etag, patch)
		stale, unknown := errors.Is(err, errStale), errors.Is(err, cloud.ErrUnknownOutcome)
		if !stale && !unknown {
			return obj, err
		}
		if c.etags.Delete(id); unknown {
			lost = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if errors.Is(err, cloud.ErrUnknownOutcome) {
		return obj, err
	}
	busy := &cloud.Error{Reason: cloud.ErrBusy, Operator: c.operator, Cause: err,
		Text: "The object was changed by somebody else each time that the change was about to be made."}
	var refused *cloud.Error
	if errors.As(err, &refused) {
		busy.RequestID = refused.RequestID
	}
	return obj, busy
}

// difference is the patch for a change; nil if nothing is to be changed.
func (c *collection[Spec, Body, Rep, Obj]) difference(change cloud.Change[Spec]) ([]byte, error) {
	from, to := change.From, change.To
	if c.kind.align != nil {
		from, to = c.kind.align(from, to)
	}
	return mergePatch(c.kind.body(from, nil), c.kind.body(to, nil))
}

// etag is the one last seen, or is asked for.
func (c *collection[Spec, Body, Rep, Obj]) etag(ctx context.Context, id string) (string, error) {
	if tag, ok := c.etags.Load(id); ok {
		return tag.(string), nil //nolint:forcetypeassert // Nothing else is stored.
	}
	obj, err := c.Get(ctx, id)
	if err != nil {
		return "", err
	}
	tag, ok := c.etags.Load(id)
	if !ok {
		return "", &cloud.Error{
			Reason: cloud.ErrUnsupported, Operator: c.operator, RequestID: obj.Metadata().RequestID,
			Text: "The operator's answer has no ETag, without which nothing can be changed safely.",
		}
	}
	return tag.(string), nil //nolint:forcetypeassert // Nothing else is stored.
}

func (c *collection[Spec, Body, Rep, Obj]) send(ctx context.Context, id, etag string, patch []byte) (Obj, error) {
	var obj Obj
	err := c.write(func() (*http.Response, error) {
		return c.kind.patch(ctx, id, &api.UpdateNetworkParams{IfMatch: &etag}, bytes.NewReader(patch))
	}, func(a answer) (err error) {
		obj, err = c.decode(a, id, false)
		return err
	})
	return obj, err
}
