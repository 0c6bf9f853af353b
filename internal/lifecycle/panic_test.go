package lifecycle_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	fw "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// panicEnv tells the process of TestPanic's own in what method of the collection the mistake is.
const panicEnv = "VDAM_TEST_PANIC_IN"

// mistaken are networks of which one, called bad, meets a mistake in one method.
type mistaken struct {
	method string
	// once has the mistake happen in the first wait for it alone, which it keeps unfinished.
	once bool

	mu      sync.Mutex
	cured   bool
	objects map[string]cloud.Network
}

func (m *mistaken) stumble(method, id string) {
	if method == m.method && strings.Contains(id, "bad") && !m.cured {
		m.cured = m.once
		panic("a mistake in " + method)
	}
}

// Create implements cloud.Collection.
func (m *mistaken) Create(_ context.Context, spec cloud.NetworkSpec, opts cloud.CreateOptions) (cloud.Network, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := "n-" + spec.Name
	m.stumble("Create", id)
	n, known := m.objects[id]
	if !known {
		n = cloud.Network{Meta: cloud.Meta{
			ID: id, Name: spec.Name, Description: spec.Description, Labels: spec.Labels, State: cloud.StateReady,
			Ownership: cloud.Ownership{Key: opts.OwnerKey}, CreatedAt: time.Now(),
		}}
		if m.once && spec.Name == "bad" {
			n.State = cloud.StateCreating
		}
		m.objects[id] = n
	}
	n.State = cloud.StateCreating
	return n, nil
}

// Get implements cloud.Collection.
func (m *mistaken) Get(_ context.Context, id string) (cloud.Network, error) { return m.find("Get", id) }

// Await implements cloud.Collection.
func (m *mistaken) Await(_ context.Context, id string, _ time.Duration) (cloud.Network, error) {
	return m.find("Await", id)
}

func (m *mistaken) find(method, id string) (cloud.Network, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stumble(method, id)
	n, ok := m.objects[id]
	if !ok {
		return n, &cloud.Error{Reason: cloud.ErrNotFound, Operator: "fake"}
	}
	return n, nil
}

// List implements cloud.Collection.
func (m *mistaken) List(_ context.Context, opts cloud.ListOptions) iter.Seq2[cloud.Network, error] {
	return func(yield func(cloud.Network, error) bool) {
		if opts.OnPage != nil {
			opts.OnPage()
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		for id, n := range m.objects {
			m.stumble("List", id)
			if opts.State == "" && !yield(n, nil) { // By state it lists nothing, so that polls ask for each object.
				return
			}
		}
	}
}

// Update implements cloud.Collection.
func (m *mistaken) Update(_ context.Context, id string, change cloud.Change[cloud.NetworkSpec]) (cloud.Network, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stumble("Update", id)
	n := m.objects[id]
	n.Description = change.To.Description
	m.objects[id] = n
	return n, nil
}

// Delete implements cloud.Collection.
func (m *mistaken) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stumble("Delete", id)
	delete(m.objects, id)
	return nil
}

// Claim implements cloud.Collection.
func (m *mistaken) Claim(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stumble("Claim", id)
	n := m.objects[id]
	n.Ownership.Claimed = true
	m.objects[id] = n
	return nil
}

// set makes the mistake or takes it away, and finishes what is unfinished.
func (m *mistaken) set(cured bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cured = cured
	for id, n := range m.objects {
		n.State = cloud.StateReady
		m.objects[id] = n
	}
}

type mistakenAttributes struct {
	lifecycle.Base
	lifecycle.Named
}

type mistakenModel struct {
	mistakenAttributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// mistakenProvider has the engine run over mistaken networks.
type mistakenProvider struct {
	networks *mistaken
	longPoll time.Duration
}

func (p *mistakenProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vdam"
}

func (p *mistakenProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {
}

func (p *mistakenProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *mistakenProvider) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	f := cloud.NewFederation(true, map[string]cloud.Opener{"fake": func(context.Context) (*cloud.Operator, error) {
		return &cloud.Operator{
			Name: "fake", Project: acctest.Project, Networks: p.networks,
			Capabilities: cloud.Capabilities{
				LongPoll: p.longPoll,
				Kinds:    map[cloud.Kind]cloud.KindCapabilities{cloud.KindNetwork: {UpdatesInPlace: []string{"description"}}},
			},
		}, nil
	}})
	f.SeparateReads = p.networks.method == "Get" // A list might answer in its place.
	f.DefaultOperator, f.DeploymentID = "fake", "tests"
	resp.ResourceData = &lifecycle.Configured{Federation: f}
}

func (p *mistakenProvider) Resources(context.Context) []func() fw.Resource {
	def := lifecycle.Definition[mistakenModel, mistakenAttributes, cloud.NetworkSpec, cloud.Network]{
		Kind: cloud.KindNetwork, Plural: "networks", Noun: "network",
		Schema:     schema.Schema{Attributes: map[string]schema.Attribute{}},
		Attributes: func(m *mistakenModel) *mistakenAttributes { return &m.mistakenAttributes },
		Base:       func(a *mistakenAttributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *mistakenAttributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *mistakenModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.NetworkSpec, cloud.Network] { return o.Networks },
		Spec: func(ctx context.Context, m, _ *mistakenModel, diags *diag.Diagnostics) cloud.NetworkSpec {
			return cloud.NetworkSpec{SpecMeta: m.SpecMeta(ctx, diags)}
		},
		Read:    func(context.Context, string, cloud.Network, *mistakenAttributes, *diag.Diagnostics) {},
		InPlace: []string{"description"},
	}
	return []func() fw.Resource{func() fw.Resource { return lifecycle.NewResource(def) }}
}

// TestPanic makes a mistake over one of several networks, in a process of its own: the others are finished, the user
// is told once, and when the mistake is cured the next apply goes on.
func TestPanic(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("drives Terraform, as TF_ACC=1 of make test asks for")
	}
	if where := os.Getenv(panicEnv); where != "" {
		stumbling(t, where)
		return
	}
	for _, where := range []string{"Create", "Await", "Get", "Await without long polls", "List", "Update", "Delete"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanic$", "-test.count=1")
			cmd.Env = append(os.Environ(), panicEnv+"="+where)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out[:min(len(out), 3000)])
			}
		})
	}
}

func stumbling(t *testing.T, where string) {
	method, without, _ := strings.Cut(where, " ")
	m := &mistaken{method: method, objects: map[string]cloud.Network{}}
	p := &mistakenProvider{networks: m, longPoll: 30 * time.Second}
	if without != "" {
		p.longPoll = 0
	}
	names := []string{"bad", "good-1", "good-2", "good-3"}
	config := func(description string) string {
		return fmt.Sprintf(`resource "vdam_network" "all" {
			count       = %d
			name        = ["%s"][count.index]
			description = "%s"
		}`, len(names), strings.Join(names, `", "`), description)
	}
	told := acctest.Words("The provider stumbled over this network", "What had been recorded is in the state")
	// The mistake is there from the first apply on, or from the second.
	first, second := resource.TestStep{Config: config("viens")}, resource.TestStep{Config: config("divi")}
	switch where {
	case "Await", "Await without long polls":
		// The object is recorded and not tainted, and the next apply goes on waiting for it.
		m.once, first.ExpectNonEmptyPlan = true, true
		fallthrough
	case "Create":
		second.PreConfig = func() { m.set(true) }
	case "Update", "Get":
		first.PreConfig, second.PreConfig = func() { m.set(true) }, func() { m.set(false) }
	case "Delete":
		second.Destroy = true
	}
	cured := resource.TestStep{PreConfig: func() { m.set(true) }, Config: config("divi")}
	errors := 0
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"vdam": providerserver.NewProtocol6WithError(p)},
		Steps:                    []resource.TestStep{first, second, cured},
		ErrorCheck: func(err error) error {
			errors++
			if n := strings.Count(err.Error(), "\nError: "); n != 1 || !told.MatchString(err.Error()) {
				return fmt.Errorf("there are %d errors: %w", n, err)
			}
			if left := m.unfinished(method, names[1:]); len(left) != 0 {
				t.Errorf("of the others, these were not finished: %v", left)
			}
			return nil
		},
		CheckDestroy: then(func() {
			if len(m.objects) != 0 {
				t.Errorf("there is %v", m.objects)
			}
		}),
	})
	// What a list lacks is asked for by itself, and an object that cannot be watched is worth a warning alone.
	want := 1
	if where == "List" || m.once {
		want = 0
	}
	if errors != want {
		t.Errorf("there was an error %d times; want %d", errors, want)
	}
}
