package lifecycle_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// begin starts an apply in a process group of its own, as a shell or a service does.
func (c *crash) begin() (*exec.Cmd, *bytes.Buffer) {
	c.t.Helper()
	cmd, out := c.command("apply", "-auto-approve", "-no-color", "-input=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd, out
}

// ends waits for an apply that was sent a signal.
func (c *crash) ends(cmd *exec.Cmd, out *bytes.Buffer) {
	c.t.Helper()
	const within = time.Minute // It takes ten seconds at most, and on a busy machine more; nothing else ends as early.
	late := time.AfterFunc(within, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	_ = cmd.Wait() // It may end either way.
	if !late.Stop() {
		c.t.Errorf("%s after the signal, it still ran:\n%s", within, out)
	}
}

// TestSignals interrupts an apply while it waits for a volume that the operator has accepted. The apply ends, the
// volume is in the state and not tainted, and the next apply goes on with it.
func TestSignals(t *testing.T) {
	for name, c := range map[string]struct {
		signal syscall.Signal
		group  bool
	}{
		"an interrupt":                   {syscall.SIGINT, false},
		"an interrupt from the keyboard": {syscall.SIGINT, true},
		"a termination":                  {syscall.SIGTERM, false},
		"a termination of a service":     {syscall.SIGTERM, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			tf := newCrash(t, config(env, ""))
			release := env.Box.Hold()
			cmd, out := tf.begin()
			until(t, "the order was answered", func() bool {
				return faulty{env, t}.answered(http.MethodPost, http.StatusCreated) == 1
			})
			first := env.Objects(t, "lvrtc")[stored]
			target := cmd.Process.Pid
			if c.group {
				target = -target
			}
			if err := syscall.Kill(target, c.signal); err != nil {
				t.Fatal(err)
			}
			tf.ends(cmd, out)
			if s := tf.taint(); s != "" {
				t.Errorf("the volume is %s", s)
			}
			release()
			tf.run("apply", "-auto-approve", "-no-color")
			if got := one(t, env); got.ID != first.ID {
				t.Errorf("another volume was made: %s, first %s", got.ID, first.ID)
			}
			if plan := tf.run("plan", "-no-color"); !strings.Contains(plan, "No changes.") {
				t.Errorf("the next plan is not empty:\n%s", plan)
			}
		})
	}
}

// TestInterruptedPause interrupts an apply whose order the operator has put off for a minute and more. Nobody has to
// wait until that is over.
func TestInterruptedPause(t *testing.T) {
	for code, status := range map[string]int{
		"rate-limited": http.StatusTooManyRequests, "unavailable": http.StatusServiceUnavailable, "conflict": http.StatusConflict,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			var orders atomic.Int64
			var open atomic.Bool
			between := newFront(t, env, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
				if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/storage-volumes") || open.Load() {
					operator.ServeHTTP(w, r)
					return
				}
				orders.Add(1)
				w.Header().Set("Retry-After", "90")
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"title":"Later","code":"` + code + `"}`)) // The client may be gone.
			})
			tf := newCrash(t, between.config(config(env, ""), ""))
			cmd, out := tf.begin()
			until(t, "the order was put off", func() bool { return orders.Load() > 0 })
			if err := syscall.Kill(cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			tf.ends(cmd, out)
			if n := len(env.Objects(t, "lvrtc")); n != 0 || orders.Load() != 1 {
				t.Errorf("there are %d objects, after %d orders", n, orders.Load())
			}
			open.Store(true)
			tf.run("apply", "-auto-approve", "-no-color")
			one(t, env)
		})
	}
}
