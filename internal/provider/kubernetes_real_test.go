package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// workdir is where Terraform runs with the provider as a process of its own, and logs everything to a file.
type workdir struct {
	t         *testing.T
	dir       string
	terraform string
	env       []string
}

func newWorkdir(t *testing.T) *workdir {
	t.Helper()
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || terraform == "" {
		t.Fatal("TF_ACC=1 or TF_ACC_TERRAFORM_PATH is not set: `make testacc-kubernetes` and its like set them")
	}
	w := &workdir{t: t, dir: t.TempDir(), terraform: terraform}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(w.dir, "terraform-provider-vdam"), "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	w.write("terraform.rc", fmt.Sprintf("provider_installation {\n  dev_overrides { \"vdam-lv/vdam\" = %q }\n  direct {}\n}\n", w.dir))
	w.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(w.dir, "terraform.rc"), "CHECKPOINT_DISABLE=1",
		"TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.dir, "trace.log"))
	return w
}

func (w *workdir) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workdir) read(name string) string {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// run runs Terraform and adds what it says to the file out.
func (w *workdir) run(args ...string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.terraform, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	said, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("terraform %s: %v\n%s", args[0], err, said)
	}
	f, err := os.OpenFile(filepath.Join(w.dir, "out"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = f.Write(said)
	if closed := f.Close(); err != nil || closed != nil {
		w.t.Fatal(err, closed)
	}
}

// unpacked is what is in a saved plan.
func (w *workdir) unpacked(plan string) string {
	w.t.Helper()
	archive, err := zip.OpenReader(filepath.Join(w.dir, plan))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var all bytes.Buffer
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := io.Copy(&all, io.LimitReader(r, 1<<30)); err != nil {
			w.t.Fatal(err)
		}
		_ = r.Close()
	}
	return all.String()
}

// kubectl is the command line of one, or skips the test.
func kubectl(t *testing.T) (bin string, command []string) {
	t.Helper()
	testbed.Asked(t, "kubernetes")
	bin, err := controlplane.DefaultBinDir()
	if err != nil {
		t.Fatal(err)
	}
	binaries, err := controlplane.Find(bin)
	if err != nil {
		t.Fatal(err)
	}
	if command, err = binaries.Kubectl("1.34"); err != nil {
		t.Fatal(err)
	}
	return bin, command
}

// useCluster makes a cluster, and uses the credentials of each run with kubectl.
const useCluster = `
terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

resource "vdam_container_cluster" "app" {
  name                = "app"
  kubernetes_version  = "VERSION"
  deletion_protection = false
  node_pools          = { std = { vcpus = 2, memory_mib = 4096, size = SIZE } }
}

ephemeral "vdam_container_cluster_access" "app" {
  cluster_id = vdam_container_cluster.app.id
  role       = "viewer"
}

resource "terraform_data" "use" {
  triggers_replace = [vdam_container_cluster.app.running_version]

  provisioner "local-exec" {
    command = "printf %s \"$KUBECONFIG_TEXT\" >kubeconfig && KUBECTL --kubeconfig=kubeconfig get nodes --no-headers -o wide >nodes"
    environment = {
      KUBECONFIG_TEXT = ephemeral.vdam_container_cluster_access.app.kubeconfig
    }
  }
}
`

// TestKubernetesThroughTerraform makes, uses, upgrades and destroys a real cluster, and looks for its keys everywhere.
func TestKubernetesThroughTerraform(t *testing.T) {
	bin, command := kubectl(t)
	w := newWorkdir(t)
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc"}, Kubernetes: bin})
	config := func(version, size string) {
		text := strings.NewReplacer("VERSION", version, "SIZE", size, "KUBECTL", strings.Join(command, " ")).Replace(useCluster)
		w.write("main.tf", text+env.Config(""))
	}
	var keys []string
	// used holds what kubectl has seen against what is to be there, and learns the key that it had.
	used := func(nodes int, version string) {
		t.Helper()
		seen := strings.TrimSpace(w.read("nodes"))
		lines := strings.Split(seen, "\n")
		if len(lines) != nodes || strings.Count(seen, " v"+version) != nodes || strings.Count(seen, "std-") < nodes {
			t.Errorf("kubectl saw, and not %d nodes of std of %s:\n%s", nodes, version, seen)
		}
		found := regexp.MustCompile(`client-key-data: "([^"]+)"`).FindStringSubmatch(w.read("kubeconfig"))
		if found == nil {
			t.Fatal("the kubeconfig has no key")
		}
		pem, err := base64.StdEncoding.DecodeString(found[1])
		if err != nil {
			t.Fatal(err)
		}
		key := strings.Split(strings.TrimSpace(string(pem)), "\n")
		keys = append(keys, found[1][len(found[1])/2:], key[len(key)/2])
	}
	refused := func(why string) {
		t.Helper()
		args := append(slices.Clone(command[1:]), "--kubeconfig="+filepath.Join(w.dir, "kubeconfig"), "--request-timeout=20s", "get", "nodes")
		cmd := exec.CommandContext(t.Context(), command[0], args...)
		cmd.Env = []string{"HOME=" + t.TempDir()}
		said, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(said), why) {
			t.Errorf("kubectl ended with %v, and did not say %q: %s", err, why, said)
		}
	}
	config("1.34", "2")
	w.run("apply", "-auto-approve", "-no-color")
	used(2, "1.34.4")
	refused("Forbidden") // The end of the run has revoked them.

	config("1.35", "3")
	w.run("plan", "-out=saved", "-no-color")
	plan := w.unpacked("saved")
	w.run("apply", "-no-color", "saved")
	used(3, "1.35.4")
	refused("Forbidden")
	w.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.

	state := w.read("terraform.tfstate")
	w.run("destroy", "-auto-approve", "-no-color")
	refused("refused") // As a connection: there is nobody any more.
	if left := env.Objects(t, "lvrtc"); len(left) > 0 {
		t.Errorf("there is still %v", left)
	}
	for what, text := range map[string]string{
		"the saved plan": plan, "the state": state, "the state after all": w.read("terraform.tfstate"),
		"the state before": w.read("terraform.tfstate.backup"), "the log": w.read("trace.log"), "the output": w.read("out"),
	} {
		for i, key := range keys {
			if strings.Contains(text, key) {
				t.Errorf("%s has part %d of a key", what, i)
			}
		}
		if strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("%s has a private key", what)
		}
	}
	if log := w.read("trace.log"); !strings.Contains(log, "credentials") || len(keys) != 4 {
		t.Errorf("the log of %d bytes says nothing of credentials, or there are %d keys", len(log), len(keys))
	}
}
