package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// standIn stands in for the community provider, of which Terraform wants no more than that it is there.
type standIn struct{}

// Metadata implements provider.Provider.
func (standIn) Metadata(_ context.Context, _ fw.MetadataRequest, resp *fw.MetadataResponse) {
	resp.TypeName = "openstack"
}

// Schema implements provider.Provider.
func (standIn) Schema(context.Context, fw.SchemaRequest, *fw.SchemaResponse) {}

// Configure implements provider.Provider.
func (standIn) Configure(context.Context, fw.ConfigureRequest, *fw.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (standIn) Resources(context.Context) []func() resource.Resource { return nil }

// cli is Terraform in a folder, with providers that are this program.
type cli struct {
	t    *testing.T
	path string
	dir  string
	env  []string
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("drives Terraform, as TF_ACC=1 of make test asks for")
	}
	c := &cli{t: t, path: os.Getenv("TF_ACC_TERRAFORM_PATH"), dir: t.TempDir()}
	if c.path == "" {
		var err error
		if c.path, err = exec.LookPath("terraform"); err != nil {
			t.Fatal(err)
		}
	}
	c.env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "terraform.rc"))
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// providers has Terraform find these providers and no others.
func (c *cli) providers(addresses ...string) {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	overrides := ""
	for _, address := range addresses {
		dir := c.t.TempDir()
		if err := os.Symlink(self, filepath.Join(dir, "terraform-provider-"+filepath.Base(address))); err != nil {
			c.t.Fatal(err)
		}
		overrides += fmt.Sprintf("    %q = %q\n", address, dir)
	}
	c.write("terraform.rc", "provider_installation {\n  dev_overrides {\n"+overrides+"  }\n}\n")
}

func (c *cli) run(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(c.t.Context(), c.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (c *cli) ok(args ...string) string {
	c.t.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
	}
	return out
}

// estate makes at an operator what testdata/moved declares, and answers with the ids there.
func estate(t *testing.T, env *acctest.Env, operator string) object {
	t.Helper()
	tf := start(t, block(env))
	made := func(typeName string, config object) string {
		return text(tf.create(t, typeName, set(config, "operator", operator)).value, "id")
	}
	network := made("vdam_network", object{"name": "app", "cidr": "10.20.0.0/24"})
	group := made("vdam_security_group", object{
		"name": "web", "description": "HTTPS from everywhere", "rules": []any{object{
			"direction": "ingress", "protocol": "tcp", "port_min": 443, "port_max": 443, "remote_cidr": "0.0.0.0/0",
		}},
	})
	var volumes []string
	for i := range 2 {
		volumes = append(volumes, made("vdam_storage_volume", object{
			"name": fmt.Sprintf("data-%d", i), "size_gib": 20, "deletion_protection": false,
		}))
	}
	machine := made("vdam_virtual_machine", object{
		"name": "db", "labels": object{"tier": "db"}, "vcpus": 2, "memory_mib": 4096, "image": "lvrtc/debian-13-20260601",
		"boot_disk":          object{"size_gib": 20, "on_destroy": "delete"},
		"network_interfaces": []any{object{"network_id": network, "security_group_ids": []any{group}}},
	})
	made("vdam_volume_attachment", object{"virtual_machine_id": machine, "volume_id": volumes[0]})
	own := func(id string) string { return strings.TrimPrefix(id, operator+"/") }
	return object{
		"network": own(network), "group": own(group), "machine": own(machine), "volumes": []string{own(volumes[0]), own(volumes[1])},
	}
}

// movesOf are the addresses of a plan's resources, new and old, and what is to be done with each.
func (c *cli) movesOf(planFile string) (moves []string) {
	c.t.Helper()
	var plan struct {
		Changes []struct {
			Address  string `json:"address"`
			Previous string `json:"previous_address"`
			Change   struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	raw := c.ok("show", "-json", planFile)
	_, body, _ := strings.Cut(raw, "{") // Warnings come before it.
	if err := json.Unmarshal([]byte("{"+body), &plan); err != nil {
		c.t.Fatalf("%v\n%s", err, raw)
	}
	for _, r := range plan.Changes {
		moves = append(moves, fmt.Sprintf("%s <- %s: %s", r.Address, r.Previous, strings.Join(r.Change.Actions, ",")))
	}
	slices.Sort(moves)
	return moves
}

// TestAcceptanceMoves takes the state of an estate over that the community provider has made: the plan moves all of it
// and changes nothing, and afterwards that provider is not needed any more.
func TestAcceptanceMoves(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	env := acctest.Start(t, "lvrtc", "iem-ic")
	ids := estate(t, env, "lvrtc")
	var state strings.Builder
	if err := template.Must(template.ParseFiles("testdata/moved/state.json.tmpl")).Execute(&state, ids); err != nil {
		t.Fatal(err)
	}
	c.write("terraform.tfstate", state.String())
	for _, name := range []string{"main.tf", "moved.tf"} {
		text, err := os.ReadFile(filepath.Join("testdata/moved", name))
		if err != nil {
			t.Fatal(err)
		}
		c.write(name, string(text))
	}
	values, err := json.Marshal(object{
		"endpoints": object{"lvrtc": env.Box.Endpoint("lvrtc"), "iem-ic": env.Box.Endpoint("iem-ic")},
		"project":   acctest.Project, "client_id": sandbox.ClientID, "client_secret": sandbox.ClientSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.write("terraform.tfvars.json", string(values))
	c.env = append(c.env, disguisedEnv+"=lvrtc iem-ic")
	env.Box.ResetRequests()

	// Terraform wants the provider of all that is in the state, also where it does not use it.
	c.providers("vdam-lv/vdam")
	if out, err := c.run("plan", "-no-color"); err == nil || !strings.Contains(out, communityProvider) {
		t.Errorf("planned without the community provider: %v\n%s", err, out)
	}
	c.providers("vdam-lv/vdam", "terraform-provider-openstack/openstack")
	out, err := c.run("plan", "-no-color", "-refresh=false")
	if err == nil || !acctest.Words(`Error: Network "`, `" was moved here and has not been read yet`).MatchString(out) {
		t.Errorf("planned without reading: %v\n%s", err, out)
	}
	out = c.ok("plan", "-no-color", "-out=plan")
	want := []string{
		"vdam_network.app <- openstack_networking_network_v2.app: no-op",
		"vdam_security_group.web <- openstack_networking_secgroup_v2.web: no-op",
		"vdam_storage_volume.data[0] <- openstack_blockstorage_volume_v3.data[0]: no-op",
		"vdam_storage_volume.data[1] <- openstack_blockstorage_volume_v3.data[1]: no-op",
		"vdam_virtual_machine.db <- openstack_compute_instance_v2.db: no-op",
		"vdam_volume_attachment.db <- openstack_compute_volume_attach_v2.db: no-op",
	}
	if got := c.movesOf("plan"); !slices.Equal(got, want) {
		t.Errorf("the plan is %q\n%s", got, out)
	}
	c.ok("apply", "-no-color", "plan")

	if err := os.Remove(filepath.Join(c.dir, "moved.tf")); err != nil {
		t.Fatal(err)
	}
	c.providers("vdam-lv/vdam")
	if out, err := c.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("the next plan is not empty: %v\n%s", err, out)
	}
	for _, r := range env.Box.Requests() {
		if r.Method != http.MethodGet && strings.Contains(r.Path, "/projects/") {
			t.Errorf("%s was asked to %s %s", r.Operator, r.Method, r.Path)
		}
	}
}
