package controlplane

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// With managerOf this program is no test, but a manager in that folder that runs cluster a until it is killed.
var (
	managerOf  = flag.String("manager-of", "", "")
	programsIn = flag.String("programs", "", "")
)

// beManager prints the processes that it started once the cluster is up.
func beManager() {
	b, err := Find(*programsIn)
	must(err)
	m, err := Open(*managerOf, b)
	must(err)
	_, err = m.Start(context.Background(), of("a", "1.34"))
	must(err)
	for _, pid := range pids(m) {
		started, err := startTime(pid)
		must(err)
		fmt.Println(pid, started)
	}
	fmt.Println("up")
	select {}
}

// killManager runs a manager as a process of its own, kills it when its cluster is up, and fails unless all that it
// started ends by itself.
func killManager(t *testing.T, dir, binDir string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-manager-of="+dir, "-programs="+binDir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	children := map[int]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "up" {
		pid, started, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		children[n] = started
	}
	if len(children) != 5 {
		t.Errorf("it started %d processes", len(children))
	}
	_ = cmd.Process.Kill() // If it has ended, there are no children either.
	_ = cmd.Wait()         // It says that it was killed.
	for pid, started := range children {
		eventually(t, 30*time.Second, func() error {
			if now, err := startTime(pid); errors.Is(err, os.ErrProcessDone) || now != started {
				return nil
			}
			return fmt.Errorf("process %d outlives its manager", pid)
		})
	}
}

// eventually fails unless something comes true in time.
func eventually(t *testing.T, limit time.Duration, check func() error) {
	t.Helper()
	deadline, ticker := time.After(limit), time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("after %s: %v", limit, err)
		case <-ticker.C:
		}
	}
}

func TestKilledManagerLeavesNothing(t *testing.T) {
	dir, b := t.TempDir(), fakePrograms(t, "1.34.4")
	killManager(t, dir, filepath.Dir(b.newest()))
	m := open(t, dir, b)
	wantKeys(t, m, "a", true)
	if c := start(t, m, of("a", "1.34")); !c.Running() || c.Err() != nil {
		t.Errorf("it does not run: %v", c.Err())
	}
}

// TestLeftovers ends what a manager before it left running, which is what its pid file says and started then.
func TestLeftovers(t *testing.T) {
	dir, b := t.TempDir(), fakePrograms(t, "1.34.4")
	spawn := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sleep", "3600")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	ours, stranger := spawn(), spawn()
	started, err := startTime(ours.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := makeFolder(dir, "etcd"); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"etcd":   fmt.Sprintf("%d %s\n", ours.Process.Pid, started),
		"reused": fmt.Sprintf("%d %s1\n", stranger.Process.Pid, started),
		"gone":   "4194305 1\n",
		"half":   "12",
	} {
		if err := os.WriteFile(filepath.Join(dir, "etcd", name+".pid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir, b)
	if err := ours.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("ours ended by itself: %v", err)
	}
	if _, err := startTime(stranger.Process.Pid); err != nil {
		t.Errorf("the stranger has ended: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "etcd", "*.pid")); err != nil || len(left) != 0 {
		t.Errorf("%q is left, %v", left, err)
	}
	_ = stranger.Process.Kill()
	_ = stranger.Wait()
}

func TestQuote(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	if got := quote(file); got != "" {
		t.Errorf("got %q of no log", got)
	}
	var lines []string
	for n := range 2000 {
		lines = append(lines, "line "+strconv.Itoa(n))
	}
	for content, want := range map[string]string{
		"":                                 "; it logged nothing",
		"one\n":                            "; the end of its log:\none",
		strings.Join(lines, "\n") + "\n\n": "; the end of its log:\n" + strings.Join(lines[1992:], "\n"),
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := quote(file); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
