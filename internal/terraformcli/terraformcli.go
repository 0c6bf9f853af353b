// Package terraformcli finds a Terraform that this project can be tried and tested with, or installs one.
package terraformcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

var (
	// minimum is the first Terraform with write-only arguments.
	minimum = version.Must(version.NewVersion("1.11.0"))
	// installed is the release that is downloaded where there is none: the one that the tests were written with.
	installed = version.Must(version.NewVersion("1.11.4"))
)

// finder is where Find looks; tests put their own in place.
type finder struct {
	lookPath func(file string) (string, error)
	release  func(ctx context.Context, path string) (*version.Version, error)
	install  func(ctx context.Context, dir string) (string, error)
}

// Find answers with the absolute path of a Terraform that is new enough: the one on PATH, else one that was installed
// into dir before, else a release that is installed there now.
func Find(ctx context.Context, dir string) (string, error) {
	return finder{lookPath: exec.LookPath, release: release, install: install}.find(ctx, dir)
}

func (f finder) find(ctx context.Context, dir string) (string, error) {
	onPath, reason := f.onPath(ctx)
	if reason == nil {
		return onPath, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the folder for Terraform: %w", err)
	}
	if before := filepath.Join(dir, executable()); f.check(ctx, before) == nil {
		return before, nil
	}
	path, err := f.install(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("%w: install Terraform %s or later from https://developer.hashicorp.com/terraform/install and "+
			"put it on PATH (installing %s into %s did not work: %w)", reason, minimum, installed, dir, err)
	}
	return path, nil
}

// onPath is the Terraform on PATH, or why it does not serve.
func (f finder) onPath(ctx context.Context) (string, error) {
	path, err := f.lookPath("terraform")
	if err != nil {
		return "", errors.New("no Terraform is on PATH")
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", fmt.Errorf("the Terraform on PATH cannot be found: %w", err)
	}
	if err := f.check(ctx, path); err != nil {
		return "", fmt.Errorf("the Terraform on PATH, %s, %w", path, err)
	}
	return path, nil
}

// check says why a Terraform does not serve, in words that follow its name.
func (f finder) check(ctx context.Context, path string) error {
	v, err := f.release(ctx, path)
	if err != nil {
		return err
	}
	if v.Core().LessThan(minimum) {
		return fmt.Errorf("is too old (%s)", v)
	}
	return nil
}

// release asks a Terraform for its version, without letting it ask anybody else.
func release(ctx context.Context, path string) (*version.Version, error) {
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("does not run: %w", err)
	}
	return parseRelease(out)
}

func parseRelease(out []byte) (*version.Version, error) {
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Version == "" {
		return nil, errors.New("does not say which version it is")
	}
	v, err := version.NewVersion(answer.Version)
	if err != nil {
		return nil, fmt.Errorf("does not say which version it is: %w", err)
	}
	return v, nil
}

// install downloads a release and checks its signature and checksum.
func install(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	source := &releases.ExactVersion{Product: product.Terraform, Version: installed, InstallDir: dir}
	return source.Install(ctx)
}

func executable() string {
	if runtime.GOOS == "windows" {
		return "terraform.exe"
	}
	return "terraform"
}
