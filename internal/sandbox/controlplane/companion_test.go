package controlplane

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCompanions(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	c := start(t, m, of("a", "1.34"))
	said := filepath.Join(t.TempDir(), "said")
	written := func(context.Context) error { _, err := os.Stat(said); return err }
	sleeper := Companion{Name: "sleeper", Program: "/bin/sleep", Args: []string{"3600"}, Answers: c.api.ready}
	writer := Companion{
		Name: "writer", Program: "/bin/sh", Args: []string{"-c", `mkdir "$SAID" && exec sleep 3600`}, Env: []string{"SAID=" + said},
		Answers: written,
	}
	if err := c.Accompany(t.Context(), sleeper, writer); err != nil || c.Err() != nil {
		t.Fatal(err, c.Err())
	}
	if _, err := os.Stat(c.Kubeconfig()); err != nil {
		t.Error(err)
	}

	loser := Companion{Name: "loser", Program: "/bin/sh", Args: []string{"-c", "echo no; exit 3"}, Answers: func(context.Context) error {
		return errors.New("never")
	}}
	want := "cluster a: loser has ended (exit status 3); the end of its log:\nno"
	if err := c.Accompany(t.Context(), loser); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := c.Err(); err == nil {
		t.Error("nobody is told that one has ended")
	}

	running := pids(m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	wantGone(t, running)
	if err := c.Accompany(t.Context(), sleeper); !errors.Is(err, ErrStopped) {
		t.Errorf("got %v of a cluster that is stopped", err)
	}
}
