package sandbox

import (
	"bufio"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

const volumes = "/v1/projects/load/storage-volumes"

// build makes vdam-sandbox.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vdam-sandbox")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "../cmd/vdam-sandbox").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// process is a vdam-sandbox that can be killed.
type process struct {
	*client // Of lvrtc, without a token.

	steer *client
	cmd   *exec.Cmd
	dead  sync.Once
}

func spawn(t *testing.T, file, dir string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), file, append([]string{"--dir", dir}, args...)...)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	endpoints := map[string]string{}
	for lines := bufio.NewScanner(out); endpoints["lnb"] == "" && lines.Scan(); { // The last one is lnb.
		if words := strings.Fields(lines.Text()); len(words) == 2 {
			endpoints[words[0]] = words[1]
		}
	}
	p.client = &client{t: t, base: endpoints["lvrtc"]}
	p.steer = &client{t: t, base: strings.TrimSuffix(endpoints["directory"], "/operators.json")}
	return p
}

// kill is SIGKILL, and waits for the end.
func (p *process) kill() {
	p.dead.Do(func() {
		_ = p.cmd.Process.Kill() // It may be gone.
		_ = p.cmd.Wait()         // It says that it was killed.
	})
}

func (p *process) enter() {
	p.t.Helper()
	p.token = p.login(ClientID, ClientSecret).is(http.StatusOK).text("access_token")
}

// all reads all volumes by their ids.
func (p *process) all() map[string]view {
	p.t.Helper()
	found := map[string]view{}
	for path := volumes + "?limit=500"; path != ""; {
		items, next := p.list(path)
		for _, v := range items {
			found[v.ID] = v
		}
		if path = volumes + "?limit=500&cursor=" + next; next == "" {
			path = ""
		}
	}
	return found
}

// orderUntilDead orders volumes from several clients and kills the process after some answers. It returns what was
// answered 201, as claimed where the claim was answered too.
func (p *process) orderUntilDead(round, clients, after int) (made []view) {
	answered := make(chan view)
	var running sync.WaitGroup
	for n := range clients {
		running.Go(func() {
			for i := 0; ; i++ {
				name, id := fmt.Sprintf("r%d-%d-%d", round, n, i), uuid.NewString()
				a := p.order(volumes, m{"name": name, "size_gib": n + 1}, key, id)
				if a.err != nil {
					return
				}
				v := a.view()
				if a.status != http.StatusCreated || v.Ownership.Key != id || v.Name != name {
					p.t.Errorf("%d: %s", a.status, a.body)
					return
				}
				if i%2 == 0 {
					a := p.do(http.MethodPost, volumes+"/"+v.ID+"/claim", nil)
					v.Ownership.Claimed = a.status == http.StatusNoContent
				}
				answered <- v
			}
		})
	}
	go func() {
		running.Wait()
		close(answered)
	}()
	for v := range answered {
		if made = append(made, v); len(made) == after {
			go p.kill()
		}
	}
	p.kill()
	return made
}

func TestKilledInTheMiddleOfOrders(t *testing.T) {
	file, dir := build(t), t.TempDir()
	const clients, after = 8, 60
	ever := map[string]view{}
	for round := range 3 {
		p := spawn(t, file, dir, "--transition", "1h")
		p.enter()
		made := p.orderUntilDead(round, clients, after)
		if len(made) < after {
			t.Fatalf("only %d orders were answered", len(made))
		}
		token := p.token
		p = spawn(t, file, dir, "--transition", "1h")
		p.token = token
		p.get(volumes).refused(http.StatusUnauthorized, "unauthenticated")
		p.enter()
		for _, v := range made {
			if was, used := ever[v.ID]; used {
				t.Errorf("the id %s of %s was given to %s too", v.ID, was.Name, v.Name)
			}
			ever[v.ID] = v
		}
		there := p.all()
		for id, v := range ever {
			got, ok := there[id]
			if !ok || got.Name != v.Name || got.Ownership.Key != v.Ownership.Key || got.State != "creating" || got.Etag != v.Etag ||
				got.SizeGiB != v.SizeGiB || v.Ownership.Claimed && !got.Ownership.Claimed {
				t.Errorf("after the kill: %+v (there: %v), want %+v", got, ok, v)
			}
		}
		if lost := len(there) - len(ever); lost < 0 || lost > clients*(round+1) {
			t.Errorf("%d volumes are there without an answer, more than clients can have asked for", lost)
		}
		p.kill()
	}
	// What was pending at the kill ends in its time, and who repeats a key gets what there is.
	p := spawn(t, file, dir, "--transition", "0s")
	p.enter()
	repeated := 0
	for id, v := range p.all() {
		if v.State != "creating" {
			t.Fatalf("%s is %s before its time", id, v.State)
		}
		if !v.Ownership.Claimed && repeated < 5 {
			repeated++
			again := p.order(volumes, m{"name": v.Name, "size_gib": 1}, key, v.Ownership.Key).is(http.StatusOK).view()
			if again.ID != id {
				t.Errorf("the key of %s gave %s", id, again.ID)
			}
		}
	}
	p.steer.do(http.MethodPost, "/_sandbox/clock", `{"seconds":3600}`).is(http.StatusNoContent)
	p.enter()
	all := p.all()
	for id, v := range all {
		if v.State != "ready" || v.MeteredSince.IsZero() {
			t.Fatalf("%s is %s after its time, metered since %v", id, v.State, v.MeteredSince)
		}
	}
	if len(all) < len(ever) {
		t.Errorf("%d volumes, want %d at least", len(all), len(ever))
	}
}

func TestWhatWasDeletedStaysAway(t *testing.T) {
	file, dir := build(t), t.TempDir()
	p := spawn(t, file, dir, "--transition", "0s")
	p.enter()
	ids := map[string]bool{}
	for range 3 {
		v := p.order(volumes, m{"name": "data", "size_gib": 1}).is(http.StatusCreated).view()
		p.get(volumes + "/" + v.ID).is(http.StatusOK)
		p.remove(volumes + "/" + v.ID).is(http.StatusAccepted)
		if p.get(volumes + "/" + v.ID).is(http.StatusNotFound); ids[v.ID] {
			t.Errorf("%s was used twice", v.ID)
		}
		ids[v.ID] = true
		p.kill()
		p = spawn(t, file, dir, "--transition", "0s")
		p.enter()
		p.get(volumes+"/"+v.ID).refused(http.StatusNotFound, "not-found")
	}
	if all := p.all(); len(all) != 0 {
		t.Errorf("there are %v", all)
	}
}
