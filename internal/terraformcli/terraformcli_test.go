package terraformcli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
)

// machine is a machine with some Terraforms, by path, and what an installation does there.
func machine(terraforms map[string]string, install error) finder {
	return finder{
		lookPath: func(file string) (string, error) {
			path := filepath.Join("/path", file)
			if _, ok := terraforms[path]; !ok {
				return "", exec.ErrNotFound
			}
			return path, nil
		},
		release: func(_ context.Context, path string) (*version.Version, error) {
			text, ok := terraforms[path]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return version.NewVersion(text)
		},
		install: func(_ context.Context, dir string) (string, error) {
			return filepath.Join(dir, "new"), install
		},
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	before := filepath.Join(dir, executable())
	const onPath = "/path/terraform"
	offline := errors.New("no route to host")
	for name, tt := range map[string]struct {
		terraforms map[string]string
		install    error
		want       string
		wantErr    string
	}{
		"on PATH":                      {terraforms: map[string]string{onPath: "1.11.0"}, want: onPath},
		"on PATH and installed before": {terraforms: map[string]string{onPath: "1.14.1", before: "1.11.4"}, want: onPath},
		"on PATH, before its release":  {terraforms: map[string]string{onPath: "1.15.0-rc2"}, want: onPath},
		"too old on PATH":              {terraforms: map[string]string{onPath: "1.10.5"}, want: filepath.Join(dir, "new")},
		"installed before":             {terraforms: map[string]string{before: "1.11.4"}, want: before},
		"too old in both places": {
			terraforms: map[string]string{onPath: "1.5.7", before: "1.10.0"}, want: filepath.Join(dir, "new"),
		},
		"nowhere": {want: filepath.Join(dir, "new")},
		"nowhere and offline": {
			install: offline,
			wantErr: "no Terraform is on PATH: install Terraform 1.11.0 or later from " +
				"https://developer.hashicorp.com/terraform/install and put it on PATH " +
				"(installing 1.11.4 into " + dir + " did not work: no route to host)",
		},
		"too old and offline": {
			terraforms: map[string]string{onPath: "1.10.5"}, install: offline,
			wantErr: "the Terraform on PATH, /path/terraform, is too old (1.10.5): install Terraform 1.11.0 or later from " +
				"https://developer.hashicorp.com/terraform/install and put it on PATH " +
				"(installing 1.11.4 into " + dir + " did not work: no route to host)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := machine(tt.terraforms, tt.install).find(t.Context(), dir)
			switch {
			case tt.wantErr == "" && err != nil:
				t.Fatalf("find: %v", err)
			case tt.wantErr != "" && (err == nil || err.Error() != tt.wantErr):
				t.Fatalf("find says\n%v\nwant\n%s", err, tt.wantErr)
			case got != tt.want:
				t.Errorf("find = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParseRelease(t *testing.T) {
	v, err := parseRelease([]byte(`{"terraform_version": "1.11.4", "platform": "linux_amd64"}`))
	if err != nil || v.String() != "1.11.4" {
		t.Errorf("parseRelease = %v, %v; want 1.11.4", v, err)
	}
	for _, out := range []string{"", "Terraform v0.11.0", `{}`, `{"terraform_version": "latest"}`} {
		if v, err := parseRelease([]byte(out)); err == nil {
			t.Errorf("parseRelease(%q) = %v, want an error", out, v)
		}
	}
}

// TestRelease runs a program that answers as Terraform does, and checks what it was told.
func TestRelease(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the stand-in for Terraform is a shell script, and there is no shell")
	}
	path := filepath.Join(t.TempDir(), executable())
	script := `#!/bin/sh
[ "$*" = "version -json" ] && [ "$CHECKPOINT_DISABLE" = 1 ] && [ "$TF_CLI_CONFIG_FILE" = ` + os.DevNull + ` ] || exit 3
echo '{"terraform_version": "1.12.3"}'
`
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := release(t.Context(), path)
	if err != nil || v.String() != "1.12.3" {
		t.Errorf("release = %v, %v; want 1.12.3", v, err)
	}
	if _, err := release(t.Context(), path+"-missing"); err == nil || !strings.Contains(err.Error(), "does not run") {
		t.Errorf("release of no program says %v", err)
	}
}
