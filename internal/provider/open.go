package provider

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/clusterapi"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// The kinds of operators, as the configuration and the directory call them.
const (
	kindSelfservice = "selfservice"
	kindOpenstack   = openstack.DriverName
	kindClusterAPI  = clusterapi.DriverName
)

// opener makes the operator's client when something first needs it.
func (o *operatorModel) opener(dir *directory) cloud.Opener {
	return func(ctx context.Context) (*cloud.Operator, error) {
		if o.unknown() || dir.unknown && o.Endpoint.IsNull() && !o.inClouds() {
			return nil, o.notKnown()
		}
		at, err := o.where(ctx, dir)
		if err != nil {
			return nil, err
		}
		return o.withBuckets(ctx, func() (*cloud.Operator, error) {
			switch at.kind {
			case kindOpenstack:
				return o.openOpenstack(ctx, at)
			case kindClusterAPI:
				return o.openClusterAPI(ctx, at)
			}
			return o.openSelfservice(ctx, at.endpoint)
		})
	}
}

// place is where an operator is found.
type place struct {
	kind, endpoint string
	// management is how to log in to a management cluster.
	management management
	// entry is that of clouds.yaml, if the operator has one there.
	entry cloudEntry
}

// where finds the operator's endpoint and kind in the block, the environment, clouds.yaml or the directory.
func (o *operatorModel) where(ctx context.Context, dir *directory) (at place, err error) {
	at.kind, at.endpoint = o.value(o.Kind, "kind"), o.value(o.Endpoint, "endpoint")
	if !knownKind(at.kind) {
		return at, o.misconfigured(fmt.Sprintf("%s is %q, which this provider does not know.", o.variable("kind"), at.kind),
			fmt.Sprintf("Set it to %s, %s or %s.", kindSelfservice, kindOpenstack, kindClusterAPI))
	}
	switch {
	case at.kind == "" && !o.ClusterAPI.IsNull():
		at.kind = kindClusterAPI
	case o.inClouds():
		at.kind = kindOpenstack
	}
	if at.kind != "" { // Otherwise the directory knows.
		err = o.checkKind(at.kind)
	}
	switch {
	case err != nil:
	case at.kind == kindClusterAPI: // See below.
	case o.inClouds() && at.kind == kindOpenstack:
		at.entry, err = o.cloudEntry()
		at.endpoint = cmp.Or(at.endpoint, at.entry.auth.AuthURL)
		if err == nil && at.endpoint == "" {
			err = o.noAuthURL(at.entry)
		}
	case at.endpoint == "":
		err = o.look(ctx, dir, &at)
	}
	if err == nil && at.kind == kindClusterAPI {
		err = o.manage(ctx, dir, &at)
	}
	if err != nil {
		return at, err
	}
	at.kind = cmp.Or(at.kind, kindSelfservice)
	return at, cmp.Or(o.checkKind(at.kind), o.checkEndpoint(at.endpoint))
}

// knownKind also knows the kind that nobody names.
func knownKind(kind string) bool {
	return kind == "" || kind == kindSelfservice || kind == kindOpenstack || kind == kindClusterAPI
}

// look asks the directory where the operator is.
func (o *operatorModel) look(ctx context.Context, dir *directory, at *place) error {
	entry, ok, err := dir.entry(ctx, o.name)
	if err != nil {
		return err
	}
	if !ok {
		more := ""
		if at.kind == kindOpenstack {
			more = ", or cloud to an entry of clouds.yaml"
		}
		return o.misconfigured("Neither the provider block nor the directory says where its API is.",
			fmt.Sprintf("Set endpoint in %s%s, or %s, or a directory that lists the operator.",
				o.at(), more, o.variable("endpoint")))
	}
	at.endpoint, at.kind = entry.Endpoint, cmp.Or(at.kind, entry.Kind)
	if !knownKind(at.kind) {
		return o.misconfigured(fmt.Sprintf("The directory says that it is of kind %q, which this provider does not know.", at.kind),
			"Update the provider, or set kind in the operator's entry if the directory is wrong.")
	}
	return nil
}

func (o *operatorModel) checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return o.misconfigured(fmt.Sprintf("Its endpoint %q is not a URL.", cleaned(endpoint)),
			"Write https://host, with a path if there is one.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return o.misconfigured(fmt.Sprintf("Its endpoint %s would carry credentials in the clear.", cleaned(endpoint)),
			"Use https. Plain http is accepted for this machine alone.")
	}
	return nil
}

// checkKind refuses what the block says that the operator's kind has no use for.
func (o *operatorModel) checkKind(kind string) error {
	var foreign []string
	var knows string // The kind that the last of them is of.
	for _, a := range []struct {
		name  string
		value attr.Value
		kinds []string
	}{
		{"client_id", o.ClientID, []string{kindSelfservice, kindOpenstack}},
		{"client_secret", o.ClientSecret, []string{kindSelfservice, kindOpenstack}},
		{"workload_identity", o.WorkloadIdentity, []string{kindSelfservice}},
		{"cloud", o.Cloud, []string{kindOpenstack}},
		{"clouds_file", o.CloudsFile, []string{kindOpenstack}},
		{"region", o.Region, []string{kindOpenstack}},
		{"domain", o.Domain, []string{kindOpenstack}},
		{"username", o.Username, []string{kindOpenstack}},
		{"password", o.Password, []string{kindOpenstack}},
		{"cluster_api", o.ClusterAPI, []string{kindClusterAPI}},
	} {
		if !a.value.IsNull() && !slices.Contains(a.kinds, kind) {
			foreign, knows = append(foreign, a.name), a.kinds[0]
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	names := strings.Join(foreign, ", ")
	advice := fmt.Sprintf("Set kind = %q in operators[%q] if it is %s, else leave out %s.", knows, o.name, kindTitles[knows], names)
	switch {
	case kind == kindOpenstack && names == "workload_identity":
		advice = "Use an application credential: its id as client_id, its secret as client_secret."
	case kind == kindClusterAPI && knows == kindSelfservice:
		advice = "Use a kubeconfig, token or token_file."
	}
	return o.misconfigured(fmt.Sprintf("It is of kind %q, which does not know %s.", kind, names), advice)
}

// kindTitles are what an operator of a kind is to people.
var kindTitles = map[string]string{
	kindSelfservice: "one with the self-service API", kindOpenstack: "an OpenStack", kindClusterAPI: "a Cluster API",
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (o *operatorModel) openSelfservice(ctx context.Context, endpoint string) (*cloud.Operator, error) {
	project := o.value(o.Project, "project")
	if project == "" {
		return nil, o.missing(cloudEntry{}, "No project is set.", "project")
	}
	client, found, err := o.discovered(ctx, endpoint, 0)
	if err != nil {
		return nil, err
	}
	return selfservice.Open(ctx, selfservice.Options{Name: o.name, Project: project, HTTP: client, Discovery: found})
}

// discovered asks the operator what it is, and makes the client that its answer says how to authenticate. A try takes as
// long as the limits say, else as long as given, else as usual.
func (o *operatorModel) discovered(
	ctx context.Context, endpoint string, tryTime time.Duration,
) (*http.Client, *selfservice.Discovery, error) {
	config := o.connection()
	config.Limits.PerTryTimeout = cmp.Or(config.Limits.PerTryTimeout, tryTime)
	anonymous, err := o.client(config)
	if err != nil {
		return nil, nil, err
	}
	found, err := selfservice.Discover(ctx, anonymous, o.name, endpoint)
	if err != nil {
		return nil, nil, err
	}
	if config.Tokens, err = o.tokens(found.TokenEndpoint); err != nil {
		return nil, nil, err
	}
	client, err := o.client(config)
	if err != nil {
		return nil, nil, err
	}
	return client, found, nil
}

// connection is how the operator is reached, without tokens.
func (o *operatorModel) connection() transport.Config {
	parallel := number(o.Limits, "max_parallel_requests")
	if parallel == 0 {
		parallel = o.parallel.ValueInt64()
	}
	return transport.Config{
		Operator:  o.name,
		Noun:      o.noun,
		UserAgent: userAgent(o.version),
		ProxyURL:  o.ProxyURL.ValueString(),
		TLS: transport.TLSConfig{
			CAFile:   o.value(nested(o.TLS, "ca_file"), "ca_file"),
			CertFile: o.value(nested(o.TLS, "certificate_file"), "certificate_file"),
			KeyFile:  o.value(nested(o.TLS, "key_file"), "key_file"),
		},
		Limits: transport.Limits{
			MaxParallel:   int(parallel),
			PerTryTimeout: time.Duration(number(o.Limits, "request_timeout_seconds")) * time.Second,
		},
	}
}

func (o *operatorModel) client(config transport.Config) (*http.Client, error) {
	client, err := transport.New(config)
	if err != nil {
		return nil, o.misconfigured(err.Error(), "")
	}
	return client, nil
}

// tokens chooses the credentials: what the block names goes before all of the environment, and in either a token goes
// before a token file, a client secret and workload identity.
func (o *operatorModel) tokens(tokenURL string) (transport.TokenSource, error) {
	id := o.value(o.ClientID, "client_id")
	exchange := func(file string) transport.TokenSource {
		return &transport.TokenExchange{
			TokenURL: tokenURL, SubjectTokenFile: file, Audience: nested(o.WorkloadIdentity, "audience").ValueString(), ClientID: id,
		}
	}
	for _, c := range []struct{ token, file, secret, workload string }{
		{o.Token.ValueString(), o.TokenFile.ValueString(), o.ClientSecret.ValueString(), nested(o.WorkloadIdentity, "token_file").ValueString()},
		{o.env("token"), o.env("token_file"), o.env("client_secret"), o.env("workload_token_file")},
	} {
		switch {
		case c.token != "":
			return transport.StaticToken(c.token), nil
		case c.file != "":
			return transport.FileToken(c.file), nil
		case c.secret != "" && id == "":
			return nil, o.misconfigured("It has a client_secret and no client_id.",
				fmt.Sprintf("Set client_id in %s, or %s.", o.at(), o.variable("client_id")))
		case c.secret != "":
			return &transport.ClientCredentials{TokenURL: tokenURL, ID: id, Secret: c.secret}, nil
		case c.workload != "":
			return exchange(c.workload), nil
		}
	}
	return nil, o.misconfigured("No credentials are set.", fmt.Sprintf(
		"Set token, token_file, client_id and client_secret, or workload_identity in %s, or one of %s, %s, %s in the environment.",
		o.at(), o.variable("token"), o.variable("token_file"), o.variable("client_secret")))
}

func (o *operatorModel) notKnown() error {
	return &cloud.Error{Reason: cloud.ErrNotConfigured, Operator: o.name,
		Text: fmt.Sprintf("Its entry in %s holds values that are not known yet.", cmp.Or(o.block, "operators"))}
}

func (o *operatorModel) misconfigured(text, advice string) error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: o.name, Text: text, Advice: advice}
}
