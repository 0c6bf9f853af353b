package servicedesk_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

func said(t *testing.T, d servicedesk.Desk, words string) string {
	t.Helper()
	id, err := servicedesk.Say(t.Context(), d, "1", servicedesk.Message{Text: words, Public: true})
	if err != nil || id == "" {
		t.Fatalf("%q was said as %q: %v", words, id, err)
	}
	return id
}

// TestSaidOnce: what others have said, or what just begins alike, is not what we have to say.
func TestSaidOnce(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.Agent().Say(t, "1", servicedesk.Message{Text: "Any news?", Public: true})
	first := said(t, d, "Any news?")
	if _, err := d.Say(t.Context(), "1", servicedesk.Message{Text: "Any news?"}); err != nil { // As if nobody had looked.
		t.Fatal(err)
	}
	longer := said(t, d, "Any news?\n\nIt is Friday.")
	if again := said(t, d, "Any news?"); again != first {
		t.Errorf("it was said as %s, and then as %s", first, again)
	}
	if again := said(t, d, "  Any news?\r\n\r\nIt is\tFriday. \n"); again != longer { // Desks do that to white space.
		t.Errorf("it was said as %s, and then as %s", longer, again)
	}
	want := []string{"Any news?", "Any news?", "Any news?", "Any news?\n\nIt is Friday."}
	if got := sayings(t, d, "1"); !slices.Equal(got, want) {
		t.Errorf("in the ticket, it says %q", got)
	}
}

// TestSaidWithoutHistory: a desk that does not tell what was said is told again.
func TestSaidWithoutHistory(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{NoHistory: true})
	created(t, d, key)
	said(t, d, "Any news?")
	said(t, d, "Any news?")
	m.LoseNext("Say")
	_, err := servicedesk.Say(t.Context(), d, "1", servicedesk.Message{Text: "Any news?"})
	wantError(t, err, cloud.ErrUnknownOutcome)
	wantCalls(t, m, "Say", 3)
}

// lostWord is a word, or a file, whose answer is lost.
type lostWord struct {
	method string
	send   func(context.Context, servicedesk.Desk) (string, error)
}

var lostWords = []lostWord{
	{"Say", func(ctx context.Context, d servicedesk.Desk) (string, error) {
		return servicedesk.Say(ctx, d, "1", servicedesk.Message{Text: "Any news?"})
	}},
	{"Attach", func(ctx context.Context, d servicedesk.Desk) (string, error) {
		return servicedesk.Attach(ctx, d, "1", servicedesk.File{Name: "hosts.txt", Content: []byte("db-1\n")})
	}},
}

func TestLostWords(t *testing.T) {
	for _, c := range lostWords {
		t.Run(c.method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				m.FailNext(c.method, cloud.ErrUnknownOutcome)
				m.LoseNext(c.method)
				began := time.Now()
				_, err := c.send(t.Context(), d)
				wantError(t, err, cloud.ErrUnknownOutcome)
				if took := time.Since(began); took != time.Minute {
					t.Errorf("what was never sent was searched for %v", took)
				}
				for range 2 {
					if id, err := c.send(t.Context(), d); err != nil || id == "" {
						t.Errorf("it answers %q: %v", id, err)
					}
				}
				wantCalls(t, m, c.method, 2)
			})
		})
	}
}

// TestInterruptedWords: nothing is sent for somebody who has gone, and what is under way is not cut off.
func TestInterruptedWords(t *testing.T) {
	for _, c := range lostWords {
		for _, done := range []bool{false, true} {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			created(t, d, key)
			ctx, cancel := context.WithCancel(t.Context())
			m.Hook(func(call servicedesktest.Call) {
				if call.Method == c.method && call.Done == done {
					cancel()
				}
			})
			if id, err := c.send(ctx, d); err != nil || id == "" {
				t.Errorf("interrupted, %s answers %q: %v", c.method, id, err)
			}
			if _, err := c.send(ctx, d); err == nil {
				t.Errorf("interrupted before, %s has no error", c.method)
			}
			wantCalls(t, m, c.method, 1)
		}
	}
}

func TestRefusedWords(t *testing.T) {
	for _, c := range lostWords {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.FailNext(c.method, cloud.ErrForbidden)
		_, err := c.send(t.Context(), d)
		wantError(t, err, cloud.ErrForbidden)
		wantCalls(t, m, c.method, 1)
		m.Agent().Hide(t, "1")
		_, err = c.send(t.Context(), d)
		wantError(t, err, cloud.ErrForbidden)
		wantCalls(t, m, c.method, 1)
	}
}

// careless is a desk that tells less of files, or takes none.
type careless struct {
	servicedesk.Desk
	none bool
}

func (c careless) Describe() servicedesk.Description {
	d := c.Desk.Describe()
	d.Attachments = !c.none
	return d
}

func (c careless) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	files, err := c.Desk.Attachments(ctx, id)
	for i := range files {
		files[i].SHA256 = ""
	}
	return files, err
}

// TestAttachedOnce: a file is the one that is there if it has its name and, as far as the desk tells, its content.
func TestAttachedOnce(t *testing.T) {
	for _, hashes := range []bool{true, false} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		if !hashes {
			d = careless{Desk: d}
		}
		ids := make(map[string]string)
		for _, f := range [][2]string{
			{"a.txt", "db-1"}, {"a.txt", "db-1"}, {"b.txt", "db-1"}, {"a.txt", "db-12"}, {"a.txt", "db-2"}, {"a.txt", "db-1"},
		} {
			id, err := servicedesk.Attach(t.Context(), d, "1", servicedesk.File{Name: f[0], Content: []byte(f[1])})
			if err != nil || id == "" {
				t.Fatalf("%v was attached as %q: %v", f, id, err)
			}
			if before := ids[f[0]+f[1]]; before != "" && before != id {
				t.Errorf("%v was attached as %q, and then as %q", f, before, id)
			}
			ids[f[0]+f[1]] = id
		}
		if same := ids["a.txtdb-1"] == ids["a.txtdb-2"]; same == hashes {
			t.Errorf("files of different content are the same: %t", same)
		}
		wantCalls(t, m, "Attach", map[bool]int{true: 4, false: 3}[hashes])
	}
}

func TestDeskWithoutFiles(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	_, err := servicedesk.Attach(t.Context(), careless{d, true}, "1", servicedesk.File{Name: "a.txt"})
	wantError(t, err, cloud.ErrUnsupported)
	wantCalls(t, m, "Attachments", 0)
}

// TestSayToOthers: what only the desk's people have heard is not said to the requester.
func TestSayToOthers(t *testing.T) {
	_, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	said := make(map[string]bool)
	for _, public := range []bool{false, true, false, true} {
		id, err := servicedesk.Say(t.Context(), d, "1", servicedesk.Message{Text: "We have moved.", Public: public})
		if err != nil {
			t.Fatal(err)
		}
		said[id] = true
	}
	if len(said) != 2 {
		t.Errorf("it was said %d times, once to each is meant", len(said))
	}
}
