//go:build linux

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/clusterapi"
)

// TestClusterAPIThroughTerraform makes the example at the real Cluster API with the rights of an agency, kills it on the way,
// scales, upgrades, imports and destroys it.
func TestClusterAPIThroughTerraform(t *testing.T) {
	m := testbed.Start(t)
	agency := m.Agencies[1]
	w := newWorkdir(t)
	example, err := os.ReadFile(filepath.Join("..", "..", "examples", "cluster-api", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("main.tf", string(example))
	with := func(version string, workers int) {
		w.write("terraform.tfvars", fmt.Sprintf("kubeconfig = %q\nkubernetes_version = %q\nworkers = %d\n", agency.Kubeconfig, version, workers))
	}
	names := func(resource string) (found []string) {
		t.Helper()
		var list struct {
			Items []struct {
				Metadata struct{ Name, UID string } `json:"metadata"`
			} `json:"items"`
		}
		if err := m.Admin.Get(t.Context(), testbed.Path("cluster.x-k8s.io/v1beta2", agency.Namespace, resource, ""), &list); err != nil {
			t.Fatal(err)
		}
		for _, item := range list.Items {
			found = append(found, item.Metadata.Name+":"+item.Metadata.UID)
		}
		return found
	}

	with("1.34", 1)
	w.killed(func() bool { return len(names("clusters")) > 0 }, "apply", "-auto-approve", "-no-color")
	before := names("clusters")
	w.run("apply", "-auto-approve", "-no-color")
	if after := names("clusters"); len(after) != 1 || after[0] != before[0] {
		t.Errorf("before the second run there were the clusters %v, and now %v", before, after)
	}
	w.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.

	with("1.35", 2)
	w.run("apply", "-auto-approve", "-no-color")
	if got := w.attribute("vdam_container_cluster", "running_version"); got != "1.35.4" {
		t.Errorf("it runs %v", got)
	}
	w.run("plan", "-detailed-exitcode", "-no-color")
	pool := w.attribute("vdam_node_pool", "id")
	w.run("state", "rm", "vdam_container_cluster.register", "vdam_node_pool.batch")
	w.run("import", "-no-color", "vdam_container_cluster.register", "lnb-clusters/register")
	w.run("import", "-no-color", "vdam_node_pool.batch", "lnb-clusters/register:batch")
	if got := w.attribute("vdam_container_cluster", "id"); got != "lnb-clusters/"+before[0] {
		t.Errorf("the cluster that was imported is %v", got)
	}
	if got := w.attribute("vdam_node_pool", "id"); got != pool {
		t.Errorf("the pool that was imported is %v, and was %v", got, pool)
	}
	w.run("plan", "-detailed-exitcode", "-no-color")

	state := w.read("terraform.tfstate")
	w.run("destroy", "-auto-approve", "-no-color")
	for _, resource := range []string{"clusters", "machinedeployments", "machines"} {
		if left := names(resource); len(left) > 0 {
			t.Errorf("the %s %v are left", resource, left)
		}
	}
	raw, err := os.ReadFile(agency.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`"token": "([^"]+)"`).FindSubmatch(raw)
	if token == nil {
		t.Fatal("the kubeconfig has no token")
	}
	for what, text := range map[string]string{"the state": state, "the log": w.read("trace.log"), "the output": w.read("out")} {
		if strings.Contains(text, string(token[1])) || strings.Contains(text, "PRIVATE KEY") {
			t.Errorf("%s has the token, or a key", what)
		}
	}
}

// killed runs Terraform and kills it and the provider once something has come true.
func (w *workdir) killed(when func() bool, args ...string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.terraform, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = w.dir, w.env, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !when() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatal("what Terraform was to be killed at did not come")
		}
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		w.t.Fatal(err)
	}
	_ = cmd.Wait() // It was killed.
	if err := os.Remove(filepath.Join(w.dir, ".terraform.tfstate.lock.info")); err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
}

// attribute is one of the only resource of a type in the state.
func (w *workdir) attribute(typ, name string) any {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Instances []struct {
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal([]byte(w.read("terraform.tfstate")), &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type == typ {
			return r.Instances[0].Attributes[name]
		}
	}
	w.t.Fatalf("the state has no %s", typ)
	return nil
}
