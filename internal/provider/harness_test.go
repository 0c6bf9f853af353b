package provider_test

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// tester is a test, or one case of a property.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// terraform does over the protocol what Terraform does, and checks what Terraform checks.
type terraform struct {
	// ctx is that of all calls; tests replace it to catch logs.
	ctx     context.Context
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// connect starts a provider that is not configured.
func connect(t tester) *terraform {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	tf := &terraform{ctx: t.Context(), server: server}
	tf.schemas, err = server.GetProviderSchema(tf.ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	clean(t, "the schemas", tf.schemas.Diagnostics)
	return tf
}

// start is connect with a provider block.
func start(t tester, block object) *terraform {
	t.Helper()
	tf := connect(t)
	clean(t, "the provider block", tf.configure(t, block))
	return tf
}

// configure validates the provider block and configures with it.
func (tf *terraform) configure(t tester, block object) []*tfprotov6.Diagnostic {
	t.Helper()
	config := wire(t, valueOf(t, tf.schemas.Provider.ValueType(), block))
	valid, err := tf.server.ValidateProviderConfig(tf.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(valid.Diagnostics) {
		return valid.Diagnostics
	}
	resp, err := tf.server.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{
		Config: config, TerraformVersion: "1.14.0",
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(valid.Diagnostics, resp.Diagnostics...)
}

// block is the provider block for all operators of a sandbox, the first being the default.
func block(env *acctest.Env) object {
	operators := object{}
	for _, name := range env.Operators() {
		operators[name] = entry(env.Box.Endpoint(name))
	}
	return object{"operators": operators, "default_operator": env.Operators()[0], "deployment_id": "tests"}
}

// entry is an operator's in the provider block.
func entry(endpoint string) object {
	return object{
		"endpoint": endpoint, "project": acctest.Project, "client_id": sandbox.ClientID, "client_secret": sandbox.ClientSecret,
	}
}

func wire(t tester, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// state is what Terraform keeps of a resource. The zero value is that of one that does not exist.
type state struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

func (tf *terraform) schema(typeName string) *tfprotov6.Schema {
	return tf.schemas.ResourceSchemas[typeName]
}

// prior is the value of a state, typed also if there is none.
func (tf *terraform) prior(typeName string, s state) tftypes.Value {
	if s.value.Type() == nil {
		return tftypes.NewValue(tf.schema(typeName).ValueType(), nil)
	}
	return s.value
}

// plan is what came of planning.
type plan struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	replace  []*tftypes.AttributePath
	diags    []*tfprotov6.Diagnostic
}

// validate checks a resource's configuration.
func (tf *terraform) validate(t tester, typeName string, config any) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := tf.server.ValidateResourceConfig(tf.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: wire(t, valueOf(t, tf.schema(typeName).ValueType(), config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// plan plans a configuration, nil for a destruction, over a state.
func (tf *terraform) plan(t tester, typeName string, s state, config any) plan {
	t.Helper()
	schema := tf.schema(typeName)
	wanted, prior := valueOf(t, schema.ValueType(), config), tf.prior(typeName, s)
	resp, err := tf.server.PlanResourceChange(tf.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: wire(t, wanted), PriorState: wire(t, prior),
		ProposedNewState: wire(t, proposed(schema.Block.Attributes, prior, wanted)), PriorPrivate: s.private, PriorIdentity: s.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := plan{
		private: resp.PlannedPrivate, identity: resp.PlannedIdentity, replace: resp.RequiresReplace, diags: resp.Diagnostics,
	}
	if hasError(resp.Diagnostics) {
		return p
	}
	if p.value, err = resp.PlannedState.Unmarshal(schema.ValueType()); err != nil {
		t.Fatal(err)
	}
	p.replace = slices.DeleteFunc(p.replace, func(at *tftypes.AttributePath) bool { return unchanged(at, prior, p.value) })
	for _, a := range schema.Block.Attributes {
		c, planned := fields(wanted)[a.Name], fields(p.value)[a.Name]
		if !wanted.IsNull() && !a.WriteOnly && !a.Computed && a.NestedType == nil && !planned.Equal(c) {
			t.Errorf("%s.%s is planned as %s, and configured as %s", typeName, a.Name, planned, c)
		}
	}
	return p
}

// unchanged reports whether a value is planned to stay, so that it is no reason to replace anything.
func unchanged(at *tftypes.AttributePath, prior, planned tftypes.Value) bool {
	was, _, err := tftypes.WalkAttributePath(prior, at)
	is, _, planErr := tftypes.WalkAttributePath(planned, at)
	a, ok := was.(tftypes.Value)
	b, planOK := is.(tftypes.Value)
	return err == nil && planErr == nil && ok && planOK && a.Equal(b)
}

// apply carries a plan out and returns the new state. What was planned has to come.
func (tf *terraform) apply(t tester, typeName string, s state, p plan, config any) (state, []*tfprotov6.Diagnostic) {
	t.Helper()
	typ := tf.schema(typeName).ValueType()
	if p.value.Type() == nil {
		t.Fatalf("there is no plan of %s: %s", typeName, show(p.diags))
	}
	resp, err := tf.server.ApplyResourceChange(tf.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, Config: wire(t, valueOf(t, typ, config)), PriorState: wire(t, tf.prior(typeName, s)),
		PlannedState: wire(t, p.value), PlannedPrivate: p.private, PlannedIdentity: p.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	value, err := resp.NewState.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	if !hasError(resp.Diagnostics) {
		consistent(t, typeName, p.value, value)
	}
	return state{value, resp.Private, resp.NewIdentity}, resp.Diagnostics
}

// consistent reports what is not as it was planned, and what is still unknown.
func consistent(t tester, at string, planned, got tftypes.Value) {
	t.Helper()
	_, single := planned.Type().(tftypes.Object)
	switch {
	case !got.IsFullyKnown():
		t.Errorf("%s is unknown after apply: %s", at, got)
	case planned.IsFullyKnown() && !planned.Equal(got):
		t.Errorf("%s was planned as %s and became %s", at, planned, got)
	case single && planned.IsKnown():
		for name, v := range fields(got) {
			consistent(t, at+"."+name, fields(planned)[name], v)
		}
	case planned.Type().Is(tftypes.List{}) && planned.IsKnown() && len(elements(planned)) == len(elements(got)):
		for i, v := range elements(got) {
			consistent(t, at, elements(planned)[i], v)
		}
	}
}

// create plans and applies a new resource, which must go well, and checks that a second plan finds nothing to do.
func (tf *terraform) create(t tester, typeName string, config any) state {
	t.Helper()
	p := tf.plan(t, typeName, state{}, config)
	clean(t, "the plan of "+typeName, p.diags)
	s, diags := tf.apply(t, typeName, state{}, p, config)
	clean(t, "the creation of "+typeName, diags)
	again := tf.plan(t, typeName, s, config)
	clean(t, "the second plan of "+typeName, again.diags)
	if !again.value.Equal(s.value) {
		t.Errorf("the second plan of %s is not empty: %s", typeName, again.value)
	}
	return s
}

func hasError(diags []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

func clean(t tester, what string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatalf("%s:\n%s", what, show(diags))
	}
}

// sorted orders diagnostics, whose order is left open where an attribute each has one.
func sorted(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.SortedFunc(slices.Values(diags), func(a, b *tfprotov6.Diagnostic) int {
		return strings.Compare(show([]*tfprotov6.Diagnostic{a}), show([]*tfprotov6.Diagnostic{b}))
	})
}

// show writes diagnostics as a person reads them.
func show(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(strings.ToLower(d.Severity.String()) + ": " + d.Summary + "\n")
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			b.WriteString("at " + pathText(d.Attribute) + "\n")
		}
		if d.Detail != "" {
			b.WriteString("\n" + d.Detail + "\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// pathText is a path as configurations write it.
func pathText(p *tftypes.AttributePath) string {
	var b strings.Builder
	for _, step := range p.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			b.WriteString("." + string(step))
		case tftypes.ElementKeyString:
			b.WriteString("[" + string(step) + "]")
		default:
			b.WriteString("[]")
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}
