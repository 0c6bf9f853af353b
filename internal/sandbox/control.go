package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// Object is what tests and the demo see of an object.
type Object struct {
	Operator string          `json:"operator"`
	Kind     string          `json:"kind"`
	Project  string          `json:"project"`
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	State    string          `json:"state"`
	Claimed  bool            `json:"claimed"`
	Body     json.RawMessage `json:"body"`
}

// MoveClock lets time go by: transitions end, tokens expire, minutes are metered.
func (s *Sandbox) MoveClock(d time.Duration) {
	s.clock.move(d)
	s.jolt()
}

func (s *Sandbox) jolt() {
	for _, o := range s.operators {
		o.world.jolt()
	}
}

// Hold keeps everything from settling until release is called.
func (s *Sandbox) Hold() (release func()) {
	set := func(held bool) {
		for _, o := range s.operators {
			o.world.mu.Lock()
			o.world.held = held
			o.world.mu.Unlock()
		}
		s.jolt()
	}
	set(true)
	return func() { set(false) }
}

// AddFault orders a fault.
func (s *Sandbox) AddFault(f Fault) error { return s.faults.add(f) }

// ClearFaults ends all faults. What is stuck by then stays so.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

func (s *Sandbox) record(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) < requestLimit {
		s.requests = append(s.requests, r)
	}
}

// Requests are those answered since the start or the last ResetRequests, without token requests.
func (s *Sandbox) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(append([]Request{}, s.requests...), func(r Request) bool { return r.Path == "/oauth/token" })
}

// ResetRequests forgets the requests so far.
func (s *Sandbox) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Sandbox) violation(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, text)
}

// Violations are answers that were not as the contract says.
func (s *Sandbox) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Objects are all of an operator, oldest first; of all operators if the name is empty.
func (s *Sandbox) Objects(ctx context.Context, operator string) (all []Object, err error) {
	all = []Object{}
	for _, o := range s.operators {
		w := o.world
		if operator != "" && operator != w.profile.Name {
			continue
		}
		err := w.locked(ctx, func() {
			var found []*object
			for _, obj := range w.objects {
				found = append(found, obj)
			}
			slices.SortFunc(found, func(a, b *object) int { return int(a.Seq - b.Seq) })
			for _, obj := range found {
				all = append(all, Object{
					Operator: w.profile.Name, Kind: obj.Kind, Project: obj.Project, ID: obj.ID, Name: obj.common.Name,
					State: string(obj.State), Claimed: obj.Claimed, Body: w.current(obj).rendered,
				})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Change applies a merge patch to what was declared of an object, as somebody at the operator's portal would.
func (s *Sandbox) Change(ctx context.Context, operator, id, patch string) error {
	return s.behind(ctx, operator, id, func(w *world, o *object) *problem {
		_, p := w.change(kindOf(o.Kind), o, o.etag(), []byte(patch), nil)
		return p
	})
}

// Remove makes an object vanish at once, whatever protects it.
func (s *Sandbox) Remove(ctx context.Context, operator, id string) error {
	return s.behind(ctx, operator, id, func(w *world, o *object) *problem {
		w.remove(o)
		return nil
	})
}

// Fail puts an object into the state failed, with a message.
func (s *Sandbox) Fail(ctx context.Context, operator, id, message string) error {
	return s.behind(ctx, operator, id, func(w *world, o *object) *problem {
		next := o.copy()
		next.State, next.Message, next.Due, next.Next = api.StateFailed, message, time.Time{}, ""
		w.put(next)
		return nil
	})
}

// behind does something to an object behind the API's back.
func (s *Sandbox) behind(ctx context.Context, operator, id string, f func(*world, *object) *problem) error {
	o := s.operator(operator)
	if o == nil {
		return fmt.Errorf("there is no sandbox operator %q", operator)
	}
	var p *problem
	err := o.world.locked(ctx, func() {
		obj := o.world.objects[id]
		if obj == nil {
			p = notFound("object", id)
			return
		}
		p = f(o.world, obj)
	})
	if err == nil && p != nil {
		err = fmt.Errorf("%s: %s", p.Code, value(p.Detail))
	}
	return err
}
