// Package acctest runs the provider against the sandbox for tests, through Terraform or through its protocol.
package acctest

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// Project is the one that tests use.
const Project = "registry"

// Env is a sandbox of a test's own, with everything needed to use the provider on it.
type Env struct {
	Box *sandbox.Sandbox
	// Factories make the provider for terraform-plugin-testing.
	Factories map[string]func() (tfprotov6.ProviderServer, error)
}

// Start starts a sandbox whose transitions take no time worth waiting for, and checks at the end of the test that all
// its answers were as the contract says.
func Start(t *testing.T, operators ...string) *Env {
	t.Helper()
	return StartWith(t, sandbox.Options{Operators: operators, Transition: 5 * time.Millisecond})
}

// StartWith starts a sandbox as described; ValidateResponses is set here, and Dir if it is not.
func StartWith(t *testing.T, o sandbox.Options) *Env {
	t.Helper()
	o.Dir, o.ValidateResponses = cmp.Or(o.Dir, t.TempDir()), true
	box, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range box.Violations() {
			t.Errorf("an answer was not as the contract says: %s", v)
		}
	})
	return &Env{Box: box, Factories: map[string]func() (tfprotov6.ProviderServer, error){
		"vdam": providerserver.NewProtocol6WithError(provider.New("test")()),
	}}
}

// Config is a configuration with the provider block for all operators of the sandbox, the first being the default.
func (e *Env) Config(body string) string {
	return e.ProviderBlock("") + body
}

// ProviderBlock is the provider block with more arguments in it.
func (e *Env) ProviderBlock(more string) string {
	var b strings.Builder
	b.WriteString("provider \"vdam\" {\n  deployment_id = \"acctest\"\n  default_labels = { suite = \"acctest\" }\n")
	b.WriteString(more + "\n  operators = {\n")
	first := ""
	for _, name := range e.Operators() {
		if first == "" {
			first = name
		}
		fmt.Fprintf(&b, "    %s = { endpoint = %q, project = %q, client_id = %q, client_secret = %q }\n",
			name, e.Box.Endpoint(name), Project, sandbox.ClientID, sandbox.ClientSecret)
	}
	fmt.Fprintf(&b, "  }\n  default_operator = %q\n}\n", first)
	return b.String()
}

// Operators are the sandbox's, in its order.
func (e *Env) Operators() (names []string) {
	for _, name := range []string{"lvrtc", "iem-ic", "lnb"} {
		if e.Box.Endpoint(name) != "" {
			names = append(names, name)
		}
	}
	return names
}

// Objects are all that exist at an operator, by kind and name: "networks/front".
func (e *Env) Objects(t *testing.T, operator string) map[string]sandbox.Object {
	t.Helper()
	all, err := e.Box.Objects(context.WithoutCancel(t.Context()), operator)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]sandbox.Object, len(all))
	for _, o := range all {
		key := o.Kind + "/" + o.Name
		if _, twice := found[key]; twice {
			t.Errorf("there are two of %s at %s", key, operator)
		}
		found[key] = o
	}
	return found
}
