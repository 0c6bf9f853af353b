package provider_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
)

// openstackCLI is OpenStack's own client, which comes with the testbed: for what others do at the cloud.
type openstackCLI struct {
	t           *testing.T
	file, cloud string
}

func (o openstackCLI) run(args ...string) string {
	o.t.Helper()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(o.t.Context(), "openstack", append([]string{"--os-cloud", o.cloud}, args...)...)
	cmd.Env = append(os.Environ(), "OS_CLIENT_CONFIG_FILE="+o.file)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		o.t.Fatalf("openstack %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return strings.TrimSpace(out.String())
}

// id makes something and returns its id.
func (o openstackCLI) id(args ...string) string {
	o.t.Helper()
	return o.run(append(args, "-f", "value", "-c", "id")...)
}

// names are those of all servers, ports, volumes, networks and groups that begin with a prefix.
func (o openstackCLI) names(prefix string) (found []string) {
	o.t.Helper()
	for _, kind := range [][]string{{"server"}, {"port"}, {"volume"}, {"network"}, {"security", "group"}} {
		for name := range strings.FieldsSeq(o.run(append(kind, "list", "-f", "value", "-c", "Name")...)) {
			if strings.HasPrefix(name, prefix) {
				found = append(found, name)
			}
		}
	}
	return found
}

func render(t *testing.T, file string, values map[string]any) string {
	t.Helper()
	var out strings.Builder
	if err := template.Must(template.ParseFiles(file)).Execute(&out, values); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func uniqueName() string { return "acc-" + strings.ToLower(rand.Text()[:8]) }

// TestOpenStackAcceptance makes, changes, loses, imports and destroys one of everything, through Terraform.
func TestOpenStackAcceptance(t *testing.T) {
	const entry = "a-acme-appcred"
	o := openstackCLI{t, testbed.Require(t, entry), entry}
	first := map[string]any{
		"cloud": entry, "file": o.file, "name": uniqueName(), "machine": "web", "volume_gib": 1, "boot_gib": 1, "memory_mib": 512,
		"second_interface": "", "power_state": "running",
	}
	second := maps.Clone(first)
	maps.Copy(second, map[string]any{
		"machine": "front", "volume_gib": 2, "boot_gib": 2, "memory_mib": 2048, "power_state": "stopped",
		"second_interface": `{ network_id = vdam_network.app.id, ip_address = "10.77.0.200" },`,
	})
	config := func(values map[string]any) string { return render(t, "testdata/openstack/main.tf", values) }
	updated := func(addresses ...string) resource.ConfigPlanChecks {
		var checks []plancheck.PlanCheck
		for _, a := range addresses {
			checks = append(checks, plancheck.ExpectResourceAction(a, plancheck.ResourceActionUpdate))
		}
		return resource.ConfigPlanChecks{PreApply: checks}
	}
	steps := []resource.TestStep{
		{Config: config(first)},
		{Config: config(second), ConfigPlanChecks: updated("vdam_virtual_machine.web", "vdam_storage_volume.data")},
		{
			PreConfig: func() {
				o.run("server", "set", "--name", first["name"].(string)+"-elsewhere", first["name"].(string)+"-front")
				o.run("server", "remove", "volume", first["name"].(string)+"-elsewhere", first["name"].(string)+"-data")
			},
			Config: config(second),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("vdam_virtual_machine.web", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("vdam_volume_attachment.data", plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction("vdam_network.app", plancheck.ResourceActionNoop),
			}},
		},
	}
	for _, address := range []string{
		"vdam_network.app", "vdam_security_group.web", "vdam_storage_volume.data", "vdam_virtual_machine.web", "vdam_volume_attachment.data",
	} {
		ignored := []string{"timeouts"}
		if address == "vdam_storage_volume.data" {
			ignored = append(ignored, "virtual_machine_id") // It was last read before it was attached.
		}
		steps = append(steps, resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored,
		})
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"vdam": providerserver.NewProtocol6WithError(provider.New("test")()),
		},
		Steps: steps,
		CheckDestroy: func(*tfstate.State) error {
			if left := o.names(first["name"].(string)); len(left) > 0 {
				return fmt.Errorf("there are still %v", left)
			}
			return nil
		},
	})
}

// TestOpenStackQuickstart applies the quickstart with a sandbox operator and an OpenStack cloud in one configuration:
// nothing in it is changed but the operator's entry.
func TestOpenStackQuickstart(t *testing.T) {
	const entry = "a-globex-appcred"
	file := testbed.Require(t, entry)
	c := newCLI(t)
	env := acctest.Start(t, "lvrtc")
	raw, err := os.ReadFile("../../examples/quickstart/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	const was = `iem-ic = { project = "registry" }`
	if !strings.Contains(string(raw), was) {
		t.Fatalf("the quickstart has no %s", was)
	}
	c.write("main.tf", strings.Replace(string(raw), was, fmt.Sprintf(`iem-ic = { cloud = %q, clouds_file = %q }`, entry, file), 1))
	c.env = append(c.env, "VDAM_LVRTC_ENDPOINT="+env.Box.Endpoint("lvrtc"),
		"VDAM_LVRTC_CLIENT_ID="+sandbox.ClientID, "VDAM_LVRTC_CLIENT_SECRET="+sandbox.ClientSecret)
	c.providers("vdam-lv/vdam")
	c.ok("apply", "-no-color", "-auto-approve")
	if out, err := c.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("the second plan is not empty: %v\n%s", err, out)
	}
	// Volumes are protected, and so destroying takes two steps.
	if out, err := c.run("destroy", "-no-color", "-auto-approve"); err == nil || !strings.Contains(out, "is protected from deletion") {
		t.Errorf("destroyed what is protected: %v\n%s", err, out)
	}
	unprotected := strings.ReplaceAll(string(raw), "size_gib = 104\n", "size_gib = 104\n  deletion_protection = false\n")
	unprotected = strings.ReplaceAll(unprotected, "size_gib = 100\n", "size_gib = 100\n  deletion_protection = false\n")
	c.write("main.tf", strings.Replace(unprotected, was, fmt.Sprintf(`iem-ic = { cloud = %q, clouds_file = %q }`, entry, file), 1))
	c.ok("apply", "-no-color", "-auto-approve")
	c.ok("destroy", "-no-color", "-auto-approve")
	o := openstackCLI{t, file, entry}
	if left := slices.Concat(o.names("database-"), o.names("standby")); len(left) > 0 {
		t.Errorf("there are still %v", left)
	}
}

// TestOpenStackMoves takes over what others have made at a real cloud, with the state of the community provider.
func TestOpenStackMoves(t *testing.T) {
	const entry = "b-globex-appcred"
	c := newCLI(t)
	o := openstackCLI{t, testbed.Require(t, entry), entry}
	name := uniqueName()
	ids := map[string]any{"network": o.id("network", "create", name+"-net")}
	subnet := o.id("subnet", "create", "--network", name+"-net", "--subnet-range", "10.20.0.0/24", name+"-subnet")
	ids["group"] = o.id("security", "group", "create", "--description", "HTTPS from everywhere", name+"-web")
	o.id("security", "group", "rule", "create", "--protocol", "tcp", "--dst-port", "443", "--remote-ip", "0.0.0.0/0", name+"-web")
	volumes := []string{o.id("volume", "create", "--size", "1", name+"-data-0"), o.id("volume", "create", "--size", "1", name+"-data-1")}
	ids["volumes"] = volumes
	ids["machine"] = o.id("server", "create", "--wait", "--flavor", "m1.tiny", "--image", "testbed-linux", "--boot-from-volume", "1",
		"--network", name+"-net", "--security-group", name+"-web", "--property", "tier=db", name+"-db")
	o.run("server", "add", "volume", name+"-db", volumes[0])

	c.write("terraform.tfstate", render(t, "testdata/moved/state.json.tmpl", ids))
	c.write("main.tf", render(t, "testdata/openstack/moved.tf", map[string]any{"cloud": entry, "file": o.file, "name": name}))
	moved, err := os.ReadFile("testdata/moved/moved.tf")
	if err != nil {
		t.Fatal(err)
	}
	c.write("moved.tf", string(moved))
	c.providers("vdam-lv/vdam", "terraform-provider-openstack/openstack")
	out := c.ok("plan", "-no-color", "-out=plan")
	for _, move := range c.movesOf("plan") {
		if !strings.HasSuffix(move, ": no-op") {
			t.Errorf("the plan has %s\n%s", move, out)
		}
	}
	c.ok("apply", "-no-color", "plan")
	if out, err := c.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("the next plan is not empty: %v\n%s", err, out)
	}
	c.ok("destroy", "-no-color", "-auto-approve")
	if left := o.names(name); len(left) > 0 {
		t.Errorf("there are still %v, of the subnet %s", left, subnet)
	}
}

// TestOpenStackClusterAcceptance makes, upgrades, protects, imports and destroys a cluster, through Terraform.
func TestOpenStackClusterAcceptance(t *testing.T) {
	const (
		entry, address = "b-acme", "vdam_container_cluster.app"
		small          = `{ vcpus = 1, memory_mib = 2048, size = %d }`
		std, two       = "std = " + small, "std = " + small + ", more = " + small
	)
	o := openstackCLI{t, testbed.Require(t, entry), entry}
	values := map[string]any{
		"cloud": entry, "file": o.file, "name": uniqueName(), "description": "Reģistrs", "version": "1.34", "auto_patch": "false",
		"protected": "true", "pools": fmt.Sprintf(std, 1),
	}
	config := func(more map[string]any) string {
		all := maps.Clone(values)
		maps.Copy(all, more)
		return render(t, "testdata/openstack/cluster.tf", all)
	}
	later := map[string]any{"description": "Zemes reģistrs", "version": "1.35", "protected": "false", "pools": fmt.Sprintf(two, 2, 1)}
	updated := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
	}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"vdam": providerserver.NewProtocol6WithError(provider.New("test")()),
		},
		Steps: []resource.TestStep{
			{Config: config(map[string]any{"auto_patch": "true"}), ExpectError: regexp.MustCompile("lnb installs no patches by itself")},
			{
				Config: config(nil),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckOutput("versions", "1.35.4 1.34.4 1.34.2"),
					resource.TestCheckResourceAttr(address, "running_version", "1.34.4"),
					resource.TestCheckResourceAttr(address, "node_pools.std.boot_disk_gib", "20"),
					resource.TestMatchResourceAttr(address, "ca_certificate", regexp.MustCompile("^-----BEGIN CERTIFICATE-----\n")),
				),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{Config: config(nil), Destroy: true, ExpectError: regexp.MustCompile("is protected from deletion")},
			{
				Config:      config(map[string]any{"pools": `std = { vcpus = 2, memory_mib = 4096, size = 1 }`}),
				ExpectError: regexp.MustCompile("lnb cannot change vcpus of a pool"),
			},
			{
				Config: config(later), ConfigPlanChecks: updated,
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(address, "running_version", "1.35.4"),
					resource.TestCheckResourceAttr(address, "node_pools.more.current_size", "1"),
				),
			},
		},
		CheckDestroy: func(*tfstate.State) error {
			if left := o.names("vdam-cluster-" + values["name"].(string)); len(left) > 0 {
				return fmt.Errorf("there are still %v", left)
			}
			return nil
		},
	})
}
