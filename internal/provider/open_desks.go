package provider

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/redmine"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/rt"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/tmf621"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

const (
	// deskParallel is how many requests a desk is given at a time: they are made for people, and wait in line.
	deskParallel = 4
	// deskAnswerTime is how long a desk may take: what waits in its line is carried out all the same.
	deskAnswerTime = 2 * time.Minute
)

// operatorSet are the provider block's operators; known is false while their names are not.
type operatorSet struct {
	named map[string]*operatorModel
	known bool
}

// desks makes the set of service desks. None is contacted.
func (p *vdam) desks(m *model, operators operatorSet, dir *directory, diags *diag.Diagnostics) *servicedesk.Desks {
	entries, known := m.desks()
	openers := make(map[string]servicedesk.Opener, len(entries))
	for name, d := range entries {
		d.version, d.parallel = p.version, types.Int64Value(deskParallel)
		openers[name] = func(ctx context.Context) (servicedesk.Desk, error) { return d.open(ctx, operators, dir) }
	}
	desks := servicedesk.NewDesks(known, openers)
	desks.DeploymentID = valueOrEnv(m.DeploymentID, "VDAM_DEPLOYMENT_ID")
	if desks.DefaultUnknown = m.DefaultServiceDesk.IsUnknown(); !desks.DefaultUnknown {
		desks.Default = valueOrEnv(m.DefaultServiceDesk, "VDAM_DEFAULT_SERVICE_DESK")
	}
	if desks.Default != "" && !desks.Has(desks.Default) {
		diags.AddAttributeError(path.Root("default_service_desk"),
			"default_service_desk "+quoted(desks.Default)+" is not among the service desks", has(desks))
	}
	desks.OfOperator = make(map[string]string)
	for name, o := range operators.named {
		if o.ServiceDesk.IsNull() {
			continue
		}
		desk := o.ServiceDesk.ValueString()
		desks.OfOperator[name] = desk // Empty is one that is not known yet.
		if desk == "" {
			continue
		}
		if !desks.Has(desk) {
			diags.AddAttributeError(path.Root("operators").AtMapKey(name).AtName("service_desk"),
				"The service desk "+quoted(desk)+" of operator "+quoted(name)+" is not among the service desks",
				has(desks))
		}
	}
	return desks
}

func has(d *servicedesk.Desks) string {
	if len(d.Names()) == 0 {
		return "service_desks has none."
	}
	return "service_desks has: " + strings.Join(d.Names(), ", ") + "."
}

// open makes the desk's client.
func (d *deskModel) open(ctx context.Context, operators operatorSet, dir *directory) (servicedesk.Desk, error) {
	if d.unknown() {
		return nil, d.notKnown()
	}
	kind := d.value(d.Kind, "kind")
	if kind == "" && !d.operator.IsNull() {
		kind = deskSelfservice
	}
	if err := d.checkKind(kind); err != nil {
		return nil, err
	}
	if kind == deskSelfservice {
		return d.openSelfservice(ctx, operators, dir)
	}
	endpoint := strings.TrimSuffix(d.value(d.Endpoint, "endpoint"), "/")
	if endpoint == "" {
		return nil, d.misconfigured("Nothing says where it is.", fmt.Sprintf("Set endpoint in %s, or %s.", d.at(), d.variable("endpoint")))
	}
	if err := d.checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	config := d.connection()
	config.Limits.PerTryTimeout = cmp.Or(config.Limits.PerTryTimeout, deskAnswerTime)
	switch kind {
	case deskRT:
		return d.openRT(ctx, endpoint, config)
	case deskRedmine:
		return d.openRedmine(ctx, endpoint, config)
	}
	return d.openTMF621(ctx, endpoint, config)
}

// checkKind refuses kinds that there are not, and an operator for one that has nothing to do with operators.
func (d *deskModel) checkKind(kind string) error {
	where := fmt.Sprintf("Set kind in %s, or %s, to one of: %s.", d.at(), d.variable("kind"), strings.Join(deskKinds, ", "))
	switch {
	case kind == "":
		return d.misconfigured("Nothing says of which kind it is.", where)
	case !slices.Contains(deskKinds, kind):
		return d.misconfigured(fmt.Sprintf("Its kind is %q, which this provider does not know.", kind), where)
	case kind != deskSelfservice && !d.operator.IsNull():
		return d.misconfigured(fmt.Sprintf("It is of kind %q, and operator is for desks of kind %q.", kind, deskSelfservice),
			fmt.Sprintf("Leave out one of the two in %s.", d.at()))
	}
	return nil
}

func (d *deskModel) openRT(ctx context.Context, endpoint string, config transport.Config) (servicedesk.Desk, error) {
	if user := d.value(d.Username, "username"); user != "" {
		password := d.value(d.Password, "password")
		if password == "" {
			return nil, d.misconfigured("It has a username and no password.",
				fmt.Sprintf("Set password in %s, or %s.", d.at(), d.variable("password")))
		}
		config.Tokens, config.TokenHeader = rt.Session(endpoint, user, password), rt.SessionHeader
	} else {
		source, err := d.token("username and password")
		if err != nil {
			return nil, err
		}
		config.Tokens, config.TokenHeader = rt.Token(source), rt.TokenHeader
	}
	client, err := d.client(config)
	if err != nil {
		return nil, err
	}
	return rt.Open(ctx, rt.Options{
		Name: d.name, Endpoint: endpoint, HTTP: client, Tokens: config.Tokens, Mapping: d.mapping(),
	})
}

func (d *deskModel) openRedmine(ctx context.Context, endpoint string, config transport.Config) (servicedesk.Desk, error) {
	project := d.value(d.Project, "project")
	if project == "" {
		return nil, d.misconfigured("Nothing says to which project its tickets go.",
			fmt.Sprintf("Set project in %s, or %s, to the project's identifier.", d.at(), d.variable("project")))
	}
	client, err := d.authenticated(config, redmine.TokenHeader)
	if err != nil {
		return nil, err
	}
	return redmine.Open(ctx, redmine.Options{Name: d.name, Endpoint: endpoint, Project: project, HTTP: client, Mapping: d.mapping()})
}

func (d *deskModel) openTMF621(ctx context.Context, endpoint string, config transport.Config) (servicedesk.Desk, error) {
	var client *http.Client
	var err error
	if tokenURL := d.tokenURL.ValueString(); tokenURL != "" {
		if config.Tokens, err = d.tokens(tokenURL); err == nil {
			client, err = d.client(config)
		}
	} else if d.value(d.ClientSecret, "client_secret") != "" {
		return nil, d.misconfigured("Nothing says where client_id gets its tokens.", fmt.Sprintf("Set token_url in %s.", d.at()))
	} else {
		client, err = d.authenticated(config, "")
	}
	if err != nil {
		return nil, err
	}
	return tmf621.Open(ctx, tmf621.Options{
		Name: d.name, Endpoint: endpoint, HTTP: client, Mapping: d.mapping(),
		Account: cmp.Or(d.value(d.Username, "username"), d.value(d.ClientID, "client_id")),
	})
}

// openSelfservice opens the desk of an operator: of one in the block, or of one that is described here.
func (d *deskModel) openSelfservice(ctx context.Context, operators operatorSet, dir *directory) (servicedesk.Desk, error) {
	of := &d.operatorModel
	if name := d.operator.ValueString(); name != "" {
		o, ok := operators.named[name]
		switch {
		case !ok && !operators.known:
			return nil, d.notKnown()
		case !ok:
			return nil, d.misconfigured(fmt.Sprintf("Its operator %q is not among the operators.", name), "Add it to operators, or correct it.")
		}
		of = o
	}
	if of.unknown() || dir.unknown && of.Endpoint.IsNull() && of.env("endpoint") == "" && !of.inClouds() {
		return nil, d.notKnown()
	}
	at, err := of.where(ctx, dir)
	if err != nil {
		return nil, err
	}
	if at.kind != kindSelfservice {
		return nil, d.misconfigured(fmt.Sprintf("Its operator is of kind %q, which has no desk.", at.kind),
			"Choose an operator of kind selfservice.")
	}
	project := of.value(of.Project, "project")
	if project == "" {
		return nil, d.misconfigured("No project is set.", fmt.Sprintf("Set project in %s, or %s.", of.at(), of.variable("project")))
	}
	own := *of // The desk's requests are counted apart from the operator's.
	if number(own.Limits, "max_parallel_requests") == 0 {
		own.parallel = types.Int64Value(deskParallel)
	}
	client, found, err := own.discovered(ctx, at.endpoint, deskAnswerTime)
	if err != nil {
		return nil, err
	}
	return selfservice.OpenDesk(ctx, selfservice.DeskOptions{
		Name: d.name, Project: project, HTTP: client, Discovery: found, Mapping: d.mapping(),
	})
}

// authenticated is a client with the desk's token in a header.
func (d *deskModel) authenticated(config transport.Config, header string) (*http.Client, error) {
	source, err := d.token("")
	if err != nil {
		return nil, err
	}
	config.Tokens, config.TokenHeader = source, header
	return d.client(config)
}

// token is the desk's token from the block, else from the environment. Instead says what else could have been set.
func (d *deskModel) token(instead string) (transport.TokenSource, error) {
	for _, c := range []struct{ token, file string }{
		{d.Token.ValueString(), d.TokenFile.ValueString()}, {d.env("token"), d.env("token_file")},
	} {
		switch {
		case c.token != "":
			return transport.StaticToken(c.token), nil
		case c.file != "":
			return transport.FileToken(c.file), nil
		}
	}
	if instead != "" {
		instead = ", or " + instead
	}
	return nil, d.misconfigured("No credentials are set.", fmt.Sprintf("Set token or token_file%s in %s, or %s in the environment.",
		instead, d.at(), d.variable("token")))
}
