package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

const (
	pollEvery = 20 * time.Millisecond
	// grace is how long the server may take to end in good order.
	grace = 10 * time.Second
)

// program finds the server that build.sh builds. If there are several versions it is the last by name.
func program() (string, error) {
	dir, err := testbed.Folder("s3")
	if err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(dir, "bin", "vdam-versitygw-*[0-9]"))
	if err != nil || len(found) == 0 {
		return "", errors.Join(errors.New("there is no S3 in "+dir+": `make testbed-s3-build` builds it"), err)
	}
	return found[len(found)-1], nil
}

// process is a server that runs.
type process struct {
	cmd *exec.Cmd
	// done is closed when it has ended.
	done chan struct{}
}

// launch starts a command from a thread that lives as long as it: the kernel ends the command with that thread, which is
// with this process, however it ends.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd, make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Never unlocked: the thread ends with the goroutine.
		defer close(p.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // How it ended is in its log.
		}
	}()
	return p, <-started
}

// end ends it in good order, or else kills it.
func (p *process) end() error {
	select {
	case <-p.done:
		return errors.New("S3 ended before its time, see its log")
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(grace):
		return errors.Join(errors.New("S3 did not end in time"), p.cmd.Process.Kill())
	}
}

// start starts the server, and returns when it answers.
func (s *Server) start(ctx context.Context, program, dir, log string) error {
	address, err := testbed.FreeAddress()
	if err != nil {
		return err
	}
	shown, err := testbed.NewCertificate(dir, "s3")
	if err != nil {
		return err
	}
	s.Endpoint, s.CAPEM, s.transport = "https://"+address, shown.PEM, trusting(shown)
	for _, sub := range []string{"data", "versions", "users"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	out, err := os.Create(log) //nolint:gosec // It is the test's own.
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // The server has its own.
	// Not of exec.CommandContext: no context ends it, but end.
	s.process, err = launch(&exec.Cmd{
		Path: program, Stdout: out, Stderr: out, Dir: dir, SysProcAttr: isolated(),
		Args: []string{
			program, "--port", address, "--region", Region, "--iam-dir", filepath.Join(dir, "users"), "--iam-cache-disable",
			"--cert", shown.File, "--key", shown.KeyFile, "--health", "/health", "posix",
			"--versioning-dir", filepath.Join(dir, "versions"), filepath.Join(dir, "data"),
		},
		// Nothing of the user's, and no secret among the arguments, which everybody can see.
		Env: []string{"HOME=" + dir, "TMPDIR=" + dir, "ROOT_ACCESS_KEY=" + s.Root.AccessKey, "ROOT_SECRET_KEY=" + s.Root.SecretKey},
	})
	if err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, fmt.Errorf("its log is %s", log), s.process.end())
	}
	return nil
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.done:
			return errors.Join(err, errors.New("it has ended"))
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-ticker.C:
		}
	}
}

func (s *Server) answers(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/health", nil)
	if err != nil {
		return err
	}
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode == http.StatusOK {
		return err
	}
	return errors.New("it answers " + resp.Status)
}

// trusting trusts the server's certificate and nothing else.
func trusting(c testbed.Certificate) *http.Transport {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.PEM)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
}
