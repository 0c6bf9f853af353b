package sandbox

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// unknownRetryAfterSeconds is the hint where nobody knows when a transition will end.
const unknownRetryAfterSeconds = 1

// preferWait is the only preference that is honoured.
var preferWait = regexp.MustCompile(`(?:^|,)\s*wait=(\d{1,4})\s*(?:$|,)`)

type faultKey struct{}

func withFault(ctx context.Context, f *Fault) context.Context {
	return context.WithValue(ctx, faultKey{}, f)
}

// faultOf is the fault that concerns what the request begins; nil for none.
func faultOf(ctx context.Context) *Fault {
	f, _ := ctx.Value(faultKey{}).(*Fault)
	return f
}

// do runs f under the lock and answers with the problem that it returns; done is false if it has answered.
func (s *operatorServer) do(w http.ResponseWriter, r *http.Request, f func(*world) *problem) (done bool) {
	var p *problem
	err := s.world.locked(r.Context(), func() { p = f(s.world) })
	if err != nil {
		s.box.logger.Error("state", "operator", s.world.profile.Name, "error", err)
		p = newProblem(http.StatusInternalServerError, "internal", "The state could not be written.")
	}
	if p != nil {
		p.write(w)
	}
	return p == nil
}

// project refuses projects that do not exist.
func (w *world) project(name string) *problem {
	for _, p := range w.projects {
		if p.Name == name {
			return nil
		}
	}
	return newProblem(http.StatusNotFound, "not-found", "There is no project %s, or it is not yours.", name)
}

// collection refuses projects that do not exist, and kinds that the operator does not offer.
func (w *world) collection(k *kind, project string) *problem {
	if k.offered != nil && !k.offered(&w.profile) {
		return newProblem(http.StatusNotImplemented, "unsupported", "%s offers no %ss.", w.profile.LegalName, k.noun)
	}
	return w.project(project)
}

// known is the object of a path, or the reason why there is none.
func (w *world) known(k *kind, project, id string) (*object, *problem) {
	if p := w.collection(k, project); p != nil {
		return nil, p
	}
	if o := w.find(k.segment, project, id); o != nil {
		return o, nil
	}
	return nil, notFound(k.noun, id)
}

// secondsLeft is when asking again about an object makes sense, in whole seconds.
func (w *world) secondsLeft(o *object) int {
	left := o.Due.Sub(w.clock.now())
	if left < 0 {
		return unknownRetryAfterSeconds
	}
	return int(left / time.Second)
}

func (s *operatorServer) writeObject(w http.ResponseWriter, status int, o *object) {
	w.Header().Set("ETag", o.etag())
	if !o.settled() {
		w.Header().Set("Retry-After", strconv.Itoa(s.world.secondsLeft(o)))
	}
	writeJSON(w, status, o.rendered)
}

func (s *operatorServer) list(w http.ResponseWriter, r *http.Request, k *kind, project string, params *api.ListNetworksParams) {
	var out page
	if s.do(w, r, func(world *world) (p *problem) {
		if p = world.collection(k, project); p == nil {
			out, p = world.list(k, project, params)
		}
		return p
	}) {
		writeJSON(w, http.StatusOK, out.json())
	}
}

func (s *operatorServer) create(w http.ResponseWriter, r *http.Request, k *kind, project string, params *api.CreateNetworkParams) {
	body, _ := io.ReadAll(r.Body) // In memory since its validation.
	var o *object
	var status int
	if s.do(w, r, func(world *world) (p *problem) {
		if p = world.collection(k, project); p == nil {
			o, status, p = world.order(k, project, params.IdempotencyKey.String(), body, faultOf(r.Context()))
		}
		if p == nil {
			o = world.current(o)
		}
		return p
	}) {
		s.writeObject(w, status, o)
	}
}

func (s *operatorServer) get(w http.ResponseWriter, r *http.Request, k *kind, project, id string, params *api.GetNetworkParams) {
	var o *object
	var moved chan struct{}
	look := func() bool {
		return s.do(w, r, func(world *world) (p *problem) {
			if o, p = world.known(k, project, id); p == nil {
				o = world.current(o)
			}
			moved = world.moved
			return p
		})
	}
	if !look() {
		return
	}
	if match := preferWait.FindStringSubmatch(value(params.Prefer)); match != nil {
		seconds, _ := strconv.Atoi(match[1]) // Digits, by the expression.
		wait := s.world.waitFor(seconds)
		w.Header().Set("Preference-Applied", "wait="+strconv.Itoa(int(wait/time.Second)))
		deadline := time.NewTimer(wait)
		defer deadline.Stop()
		for first, expired := o.State, wait == 0; o.State == first && !o.settled() && !expired; {
			expired = s.waitChange(r.Context(), o, moved, deadline.C)
			if !look() {
				return
			}
		}
	}
	s.writeObject(w, http.StatusOK, o)
}

// waitChange waits until an object may have another state, and reports whether the time is over.
func (s *operatorServer) waitChange(ctx context.Context, o *object, moved <-chan struct{}, deadline <-chan time.Time) (expired bool) {
	var due <-chan time.Time
	if !o.Due.IsZero() {
		timer := time.NewTimer(max(o.Due.Sub(s.box.clock.now()), time.Millisecond))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-o.changed:
	case <-moved:
	case <-due:
	case <-deadline:
		return true
	case <-ctx.Done():
		return true
	case <-s.box.closing:
		return true
	}
	return false
}

func (s *operatorServer) update(w http.ResponseWriter, r *http.Request, k *kind, project, id string, params *api.UpdateNetworkParams) {
	patch, _ := io.ReadAll(r.Body) // In memory since its validation.
	var o *object
	if s.do(w, r, func(world *world) (p *problem) {
		if o, p = world.known(k, project, id); p == nil {
			o, p = world.change(k, o, value(params.IfMatch), patch, faultOf(r.Context()))
		}
		if p == nil {
			o = world.current(o)
		}
		return p
	}) {
		s.writeObject(w, http.StatusOK, o)
	}
}

func (s *operatorServer) remove(w http.ResponseWriter, r *http.Request, k *kind, project, id string) {
	if s.do(w, r, func(world *world) *problem {
		o, p := world.known(k, project, id)
		if p != nil {
			return p
		}
		return world.giveBack(k, o, faultOf(r.Context()))
	}) {
		w.WriteHeader(http.StatusAccepted)
	}
}

func (s *operatorServer) claim(w http.ResponseWriter, r *http.Request, k *kind, project, id string) {
	if s.do(w, r, func(world *world) *problem {
		o, p := world.known(k, project, id)
		if p == nil {
			world.claim(o)
		}
		return p
	}) {
		w.WriteHeader(http.StatusNoContent)
	}
}

// GetAPICatalog implements api.ServerInterface.
func (s *operatorServer) GetAPICatalog(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/linkset+json")
	_, _ = w.Write(mustJSON(api.LinkSet{Linkset: []map[string]any{{ // The client may be gone.
		"anchor": s.endpoint + "/v1",
		"item":   []map[string]string{{"href": s.endpoint + "/v1/operator", "type": "application/json"}},
	}}}))
}

// GetOperator implements api.ServerInterface.
func (s *operatorServer) GetOperator(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, mustJSON(s.world.profile.document(s.endpoint+"/oauth/token")))
}

// GetCatalogue implements api.ServerInterface.
func (s *operatorServer) GetCatalogue(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, mustJSON(s.world.profile.catalogue()))
}

// ListProjects implements api.ServerInterface.
func (s *operatorServer) ListProjects(w http.ResponseWriter, r *http.Request, params api.ListProjectsParams) {
	out := api.ProjectList{Items: []api.Project{}}
	if s.do(w, r, func(world *world) *problem {
		projects, next, p := pageOf(world.projects, params.Limit, params.Cursor)
		for _, p := range projects {
			out.Items = append(out.Items, world.describe(p, clientOf(r.Context())))
		}
		out.NextCursor = next
		return p
	}) {
		writeJSON(w, http.StatusOK, mustJSON(out))
	}
}

func (w *world) describe(p Project, client string) api.Project {
	return api.Project{
		Name: p.Name, Title: optional(p.Title), Account: optional(client), Quota: p.Quota, Used: w.used[p.Name].amounts(),
	}
}

// GetProject implements api.ServerInterface.
func (s *operatorServer) GetProject(w http.ResponseWriter, r *http.Request, project api.ProjectName) {
	var out api.Project
	if s.do(w, r, func(world *world) *problem {
		for _, p := range world.projects {
			if p.Name == project {
				out = world.describe(p, clientOf(r.Context()))
			}
		}
		return world.project(project)
	}) {
		writeJSON(w, http.StatusOK, mustJSON(out))
	}
}

// ListImages implements api.ServerInterface.
func (s *operatorServer) ListImages(w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListImagesParams) {
	if !s.do(w, r, func(world *world) *problem { return world.project(project) }) {
		return
	}
	images, next, p := pageOf(s.world.profile.newestImages(value(params.Name)), params.Limit, params.Cursor)
	if p != nil {
		p.write(w)
		return
	}
	writeJSON(w, http.StatusOK, mustJSON(api.ImageList{Items: images, NextCursor: next}))
}

// GetImage implements api.ServerInterface.
func (s *operatorServer) GetImage(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	if !s.do(w, r, func(world *world) *problem { return world.project(project) }) {
		return
	}
	image, ok := s.world.profile.image(id)
	if !ok {
		notFound("image", id).write(w)
		return
	}
	writeJSON(w, http.StatusOK, mustJSON(image))
}

// digest is the Repr-Digest of bytes (RFC 9530).
func digest(sum []byte) string { return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":" }
