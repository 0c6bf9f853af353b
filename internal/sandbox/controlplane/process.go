package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// grace is how long a process may take to end in good order.
	grace = 15 * time.Second
	// leftoverEnd is how long one may take to be gone that was killed.
	leftoverEnd = 15 * time.Second
	pollEvery   = 50 * time.Millisecond
	// quoted is how much of a log an error shows.
	quotedLines, quotedBytes = 8, 4 << 10
)

// spawner starts children from one thread that lives as long as it does: the kernel ends a child with the thread that
// started it, and Go may end any other.
type spawner struct{ jobs chan func() }

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread() // Never unlocked: the thread ends with the goroutine.
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

func (s *spawner) close() { close(s.jobs) }

// command is a process to be: a part of Kubernetes, in its folder, where its log and its pid file are. What it finds in
// its environment beyond what all of them do is env.
type command struct {
	part, program, dir string
	args, env          []string
}

func (c command) log() string     { return filepath.Join(c.dir, c.part+".log") }
func (c command) pidFile() string { return filepath.Join(c.dir, c.part+".pid") }

// process is a running part of Kubernetes.
type process struct {
	command
	cmd *exec.Cmd
	// done is closed when it has ended.
	done chan struct{}
}

func (s *spawner) start(c command) (*process, error) {
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // The child has its own.
	// Not of exec.Command: no context ends it, but stop and kill.
	p := &process{command: c, done: make(chan struct{}), cmd: &exec.Cmd{
		Path: c.program, Args: append([]string{c.program}, c.args...), Dir: c.dir, Stdout: log, Stderr: log,
		// Nothing of the user's: neither proxies nor configuration. A third of the memory is worth the collector's work.
		Env: append([]string{"HOME=" + c.dir, "TMPDIR=" + c.dir, "GOGC=30"}, c.env...), SysProcAttr: isolated(),
	}}
	started := make(chan error, 1)
	s.jobs <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.part, err)
	}
	go func() {
		_ = p.cmd.Wait() // ended says how it was.
		close(p.done)
	}()
	if err := p.remember(); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// remember writes down which process it is, for one after this that finds it running.
func (p *process) remember() error {
	started, err := startTime(p.cmd.Process.Pid)
	if errors.Is(err, os.ErrProcessDone) {
		return nil // Whoever waits for it will be told why.
	}
	if err != nil {
		return err
	}
	return writeFile(p.pidFile(), []byte(strconv.Itoa(p.cmd.Process.Pid)+" "+started+"\n"))
}

// running reports that it has not ended.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop ends it in good order, or at once if it takes too long.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // It may have ended.
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
	}
	p.kill()
}

// kill ends it at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // It may have ended.
	<-p.done
	_ = os.Remove(p.pidFile()) // What is in it says by itself that it is old.
}

// ended says why it ended, with the end of what it logged.
func (p *process) ended() error {
	return fmt.Errorf("%s has ended (%v)%s", p.part, p.cmd.ProcessState, quote(p.log()))
}

// quote returns the end of a log, to be part of an error.
func quote(file string) string {
	f, err := os.Open(file) //nolint:gosec // It is a log of ours.
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return ""
	}
	end := make([]byte, min(size, quotedBytes))
	if _, err := f.ReadAt(end, size-int64(len(end))); err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	lines := strings.Split(string(bytes.TrimSpace(end)), "\n")
	if lines = lines[max(0, len(lines)-quotedLines):]; lines[0] == "" {
		return "; it logged nothing"
	}
	return "; the end of its log:\n" + strings.Join(lines, "\n")
}

// wait asks until it gets an answer. It gives up when the process has ended or the context is over, and says what the
// process had to say.
func (p *process) wait(ctx context.Context, answers func(context.Context) error) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return p.ended()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w, %w%s", p.part, ctx.Err(), err, quote(p.log()))
		case <-ticker.C:
		}
	}
}

// endLeftovers ends what the pid files in a folder say, as far as it still is that. With a manager that was killed its
// processes are killed too, but they may not be gone yet.
func endLeftovers(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.pid"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := endLeftover(file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

func endLeftover(file string) error {
	raw, err := os.ReadFile(file) //nolint:gosec // It is the manager's own folder.
	if err != nil {
		return err
	}
	var pid int
	var started string
	if n, _ := fmt.Sscan(string(raw), &pid, &started); n != 2 {
		return nil // It says nothing, so it is of nobody.
	}
	p, err := os.FindProcess(pid) // From here on it is this very process, also if its number is given away.
	if err != nil {
		return err
	}
	defer func() { _ = p.Release() }()
	deadline := time.NewTimer(leftoverEnd)
	defer deadline.Stop()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		now, err := startTime(pid)
		if errors.Is(err, os.ErrProcessDone) || err == nil && now != started {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-deadline.C:
			return fmt.Errorf("process %d does not end", pid)
		case <-ticker.C:
		}
	}
}
