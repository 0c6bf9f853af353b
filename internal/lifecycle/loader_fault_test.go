package lifecycle

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestLoaderUnevenLists reads a hundred objects whose list goes wrong behind its first page. Nothing is lost of it:
// what a page does not show is asked for by itself.
func TestLoaderUnevenLists(t *testing.T) {
	const n = 100
	// ours are the numbers from one to before another.
	ours := func(from, to int) (page []int) {
		for i := from; i < to; i++ {
			page = append(page, i)
		}
		return page
	}
	for name, c := range map[string]struct {
		pages [][]int
		fails bool
		// byGet are those that no page shows.
		byGet []int
	}{
		"the second page fails":           {[][]int{ours(0, 50)}, true, ours(50, n)},
		"a page twice":                    {[][]int{ours(0, 50), ours(0, 50), ours(50, n)}, false, nil},
		"pages that overlap":              {[][]int{ours(0, 60), ours(40, 80), ours(60, n)}, false, nil},
		"one deleted shifts one away":     {[][]int{ours(0, 50), ours(51, n)}, false, []int{50}},
		"one page lacks another's middle": {[][]int{append(ours(0, 20), ours(30, 50)...), ours(50, n)}, false, ours(20, 30)},
		"duplicates, and then it fails":   {[][]int{ours(0, 50), ours(0, 60)}, true, ours(60, n)},
		"nothing at all":                  {[][]int{nil}, false, ours(0, n)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shelf{}
				list := func(_ context.Context, opts cloud.ListOptions) iter.Seq2[thing, error] {
					return func(yield func(thing, error) bool) {
						for _, page := range c.pages {
							opts.OnPage()
							<-time.After(latency)
							for _, i := range page {
								if !yield(thing{cloud.Meta{ID: fmt.Sprintf("ours-%d", i), Name: "by list"}}, nil) {
									return
								}
							}
						}
						if c.fails {
							opts.OnPage()
							yield(thing{}, &cloud.Error{Reason: cloud.ErrUnavailable})
						}
					}
				}
				how := readAll(t, newLoader(s.get, list), n)
				if len(how) != n {
					t.Errorf("%d of %d were read", len(how), n)
				}
				for _, i := range c.byGet {
					if got := how[fmt.Sprintf("ours-%d", i)]; got != "by get" {
						t.Errorf("number %d, which no page shows, was read %s", i, got)
					}
				}
				if most := int64(len(c.byGet) + readsAlone); s.gets.Load() > most {
					t.Errorf("there were %d GET; want at most %d", s.gets.Load(), most)
				}
				<-time.After(2 * idleLimit) // The pager goes away when nobody waits.
			})
		})
	}
}
