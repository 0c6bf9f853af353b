package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// volumePage is a page of volumes, none of which is looked into.
type volumePage struct {
	Items      []json.RawMessage `json:"items"`
	NextCursor string            `json:"next_cursor,omitempty"`
}

// pageAt asks the operator for the page of a list at a cursor.
func pageAt(r *http.Request, cursor string, operator http.Handler) (page volumePage, answer *httptest.ResponseRecorder) {
	r = r.Clone(r.Context())
	query := r.URL.Query()
	if query.Del("cursor"); cursor != "" {
		query.Set("cursor", cursor)
	}
	r.URL.RawQuery = query.Encode()
	answer = carriedOut(r, operator)
	_ = json.Unmarshal(answer.Body.Bytes(), &page) // What is no page has no items.
	return page, answer
}

// spoilPage is what becomes of the second page of a list.
type spoilPage func(w http.ResponseWriter, first, second volumePage)

func send(w http.ResponseWriter, page volumePage) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(page) // The client may be gone.
}

var spoiltPages = map[string]spoilPage{
	"fails":         func(w http.ResponseWriter, _, _ volumePage) { w.WriteHeader(http.StatusInsufficientStorage) },
	"is a web page": func(w http.ResponseWriter, _, _ volumePage) { page(w) },
	"is the first again": func(w http.ResponseWriter, first, second volumePage) {
		second.Items = first.Items
		send(w, second)
	},
	"turns in a circle": func(w http.ResponseWriter, first, _ volumePage) { send(w, first) },
	"repeats one of the first, and lacks one of its own": func(w http.ResponseWriter, first, second volumePage) {
		second.Items[0] = first.Items[0]
		send(w, second)
	},
	"is empty and the last": func(w http.ResponseWriter, _, _ volumePage) { send(w, volumePage{Items: []json.RawMessage{}}) },
}

// paging is a front whose lists have pages of two. It spoils the second while how is set, and counts that.
type paging struct {
	*front
	how    atomic.Pointer[spoilPage]
	spoilt atomic.Int64
}

func newPaging(t *testing.T, env *acctest.Env) *paging {
	t.Helper()
	p := &paging{}
	p.front = newFront(t, env, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/storage-volumes") {
			operator.ServeHTTP(w, r)
			return
		}
		query := r.URL.Query()
		query.Set("limit", "2")
		r.URL.RawQuery = query.Encode()
		first, _ := pageAt(r, "", operator)
		asked, answer := pageAt(r, query.Get("cursor"), operator)
		if how := p.how.Load(); how != nil && first.NextCursor != "" && query.Get("cursor") == first.NextCursor {
			p.spoilt.Add(1)
			(*how)(w, first, asked)
			return
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = bytes.NewReader(answer.Body.Bytes()).WriteTo(w) // The client may be gone.
	})
	return p
}

// TestSpoiltPages refreshes more volumes than are on a page, and the second page is not what it should be. The plan
// shows what is: nothing to do, and then the one that somebody has removed.
func TestSpoiltPages(t *testing.T) {
	const volumes, removed = 6, 4
	for name, how := range spoiltPages {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			p := newPaging(t, f.Env)
			cfg := p.config(many(f.Env, volumes), "")
			ids := map[string]string{}
			again := steady(cfg)
			again.PreConfig = func() { p.how.Store(&how) }
			again.Check = then(func() {
				if p.spoilt.Load() == 0 {
					t.Error("nobody asked for a second page")
				}
				for key, o := range f.Objects(t, "lvrtc") {
					if ids[key] != o.ID {
						t.Errorf("%s was %s and is %s", key, ids[key], o.ID)
					}
				}
			})
			actions := []plancheck.PlanCheck{}
			for i := range volumes {
				action := plancheck.ResourceActionNoop
				if i == removed {
					action = plancheck.ResourceActionCreate
				}
				actions = append(actions, plancheck.ExpectResourceAction(fmt.Sprintf("vdam_storage_volume.data[%d]", i), action))
			}
			f.test(
				resource.TestStep{Config: cfg, Check: then(func() {
					for key, o := range f.Objects(t, "lvrtc") {
						ids[key] = o.ID
					}
				})},
				again,
				resource.TestStep{
					PreConfig:        func() { f.Remove(t, "lvrtc", fmt.Sprintf("storage-volumes/data-%d", removed)) },
					Config:           cfg,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: actions},
					Check: then(func() {
						if n := len(f.Objects(t, "lvrtc")); n != volumes {
							t.Errorf("there are %d volumes", n)
						}
					}),
				},
			)
		})
	}
}

// TestSpoiltPagesOfAnswers has a data source tell that it could not read all, instead of showing a part as the whole.
func TestSpoiltPagesOfAnswers(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	p := newPaging(t, f.Env)
	cfg := p.config(many(f.Env, 6), "")
	fails := spoiltPages["fails"]
	f.test(
		resource.TestStep{Config: cfg},
		resource.TestStep{
			PreConfig:   func() { p.how.Store(&fails) },
			Config:      cfg + "\n" + `data "vdam_storage_volumes" "all" {}`,
			ExpectError: acctest.Words("lvrtc did not carry out the reading of storage volume", "It answered 507"),
		},
	)
}
