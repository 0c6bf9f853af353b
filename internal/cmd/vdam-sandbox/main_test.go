package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// asSandbox makes the test's own binary be vdam-sandbox.
const asSandbox = "VDAM_TEST_AS_SANDBOX"

func TestMain(m *testing.M) {
	if os.Getenv(asSandbox) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asSandbox+"=1")
	return cmd
}

func TestHelp(t *testing.T) {
	var out, errOut bytes.Buffer
	cmd := command(t, "--help")
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Errorf("--help ends with %v", err)
	}
	text := out.String() + errOut.String()
	for _, want := range []string{
		"lvrtc, iem-ic, lnb", "--dir DIR", "-listen", "-port", "-transition", "-token-lifetime", "-ready-file", "-requests-per-second",
		"127.0.0.1", "survives", `"sandbox-secret"`, "registry", "/operators.json", "/_sandbox/faults", "/_sandbox/clock", "/checksum",
		"-ticket-decision", `"sandbox-other"`, "/_sandbox/tickets", "approve",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("--help does not say %q:\n%s", want, text)
		}
	}
}

func TestWrongUse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing", nil, "--dir is needed"},
		{"unknown flag", []string{"--dir", dir, "--colour"}, "flag provided but not defined"},
		{"a word", []string{"--dir", dir, "now"}, `"now" is not a flag`},
		{"a word first", []string{"start", "--dir", dir}, `"start" is not a flag`},
		{"unknown decision", []string{"--dir", dir, "--ticket-decision", "maybe"}, `not "maybe"`},
		{"ill time", []string{"--dir", dir, "--transition", "soon"}, "invalid value"},
		{"a file as the folder", []string{"--dir", file}, "folder"},
		{"ready file in no folder", []string{"--dir", dir, "--ready-file", filepath.Join(dir, "no", "ready")}, "ready file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var errOut bytes.Buffer
			cmd := command(t, tc.args...)
			cmd.Stderr = &errOut
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("it ends with %v, want the status 1", err)
			}
			if !strings.Contains(errOut.String(), "vdam-sandbox: ") || !strings.Contains(errOut.String(), tc.want) {
				t.Errorf("it says\n%s\nwant %q", errOut.String(), tc.want)
			}
		})
	}
}

// lines passes on what is written, line by line.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	seen chan struct{}
	want string
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := strings.Contains(l.text.String(), l.want)
	l.text.Write(p)
	if !had && strings.Contains(l.text.String(), l.want) {
		close(l.seen)
	}
	return len(p), nil
}

func TestListeningBeyondLoopbackIsLoud(t *testing.T) {
	for address, loud := range map[string]bool{"127.0.0.1": false, "localhost": false, "0.0.0.0": true} {
		ctx, stop := context.WithCancel(t.Context())
		out := &lines{seen: make(chan struct{}), want: "lnb "}
		var errOut bytes.Buffer
		done := make(chan error, 1)
		go func() { done <- run(ctx, []string{"--dir", t.TempDir(), "--listen", address}, out, &errOut) }()
		select {
		case <-out.seen:
		case err := <-done:
			t.Fatalf("%s: %v", address, err)
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if got := strings.Contains(errOut.String(), "WARNING: listening on "+address); got != loud {
			t.Errorf("%s: it says %q, want a warning: %v", address, errOut.String(), loud)
		}
	}
}

func TestReadyFile(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready.json")
	if err := os.WriteFile(ready, []byte(`{"directory":"http://127.0.0.1:1/","pid":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lines{seen: make(chan struct{}), want: "lnb "} // It is written when all is ready.
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"--dir", dir, "--ready-file", ready}, out, io.Discard) }()
	<-out.seen
	raw, err := os.ReadFile(ready)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Directory string
		PID       int
	}
	if err := json.Unmarshal(raw, &r); err != nil || r.PID != os.Getpid() {
		t.Errorf("%v: %s, want the pid %d", err, raw, os.Getpid())
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Directory, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"lnb"`)) {
		t.Errorf("%s answers %d: %s", r.Directory, resp.StatusCode, body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.text.String(), r.Directory) {
		t.Errorf("the output does not say %s:\n%s", r.Directory, out.text.String())
	}
	if err := run(t.Context(), []string{"--help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("%v", err)
	}
}
