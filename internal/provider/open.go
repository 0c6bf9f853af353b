package provider

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// opener makes the operator's client when something first needs it.
func (o *operatorModel) opener(dir *directory) cloud.Opener {
	return func(ctx context.Context) (*cloud.Operator, error) {
		if o.unknown() || dir.unknown && o.Endpoint.IsNull() {
			return nil, &cloud.Error{Reason: cloud.ErrNotConfigured, Operator: o.name,
				Text: "Its entry in operators holds values that are not known yet."}
		}
		endpoint, kind, err := o.where(ctx, dir)
		if err != nil {
			return nil, err
		}
		if kind != "selfservice" {
			return nil, o.misconfigured(fmt.Sprintf("The directory says that it is of kind %q, which this provider does not know.", kind),
				"Update the provider, or set kind in the operator's entry if the directory is wrong.")
		}
		return o.openSelfservice(ctx, endpoint)
	}
}

// where finds the operator's endpoint and kind in the block, the environment or the directory.
func (o *operatorModel) where(ctx context.Context, dir *directory) (endpoint, kind string, err error) {
	endpoint, kind = o.value(o.Endpoint, "endpoint"), o.value(o.Kind, "kind")
	if endpoint == "" {
		entry, ok, err := dir.entry(ctx, o.name)
		if err != nil {
			return "", "", err
		}
		if !ok {
			return "", "", o.misconfigured("Neither the provider block nor the directory says where its API is.",
				fmt.Sprintf("Set endpoint in operators[%q], or %s, or a directory that lists the operator.",
					o.name, environmentName(o.name, "endpoint")))
		}
		endpoint = entry.Endpoint
		if kind == "" {
			kind = entry.Kind
		}
	}
	if kind == "" {
		kind = "selfservice"
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", "", o.misconfigured(fmt.Sprintf("Its endpoint %q is not a URL.", cleaned(endpoint)),
			"Write https://host, with a path if there is one.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return "", "", o.misconfigured(fmt.Sprintf("Its endpoint %s would carry credentials in the clear.", cleaned(endpoint)),
			"Use https. Plain http is accepted for this machine alone.")
	}
	return endpoint, kind, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (o *operatorModel) openSelfservice(ctx context.Context, endpoint string) (*cloud.Operator, error) {
	project := o.value(o.Project, "project")
	if project == "" {
		return nil, o.misconfigured("No project is set.",
			fmt.Sprintf("Set project in operators[%q], or %s.", o.name, environmentName(o.name, "project")))
	}
	anonymous, err := o.client(nil)
	if err != nil {
		return nil, err
	}
	found, err := selfservice.Discover(ctx, anonymous, o.name, endpoint)
	if err != nil {
		return nil, err
	}
	tokens, err := o.tokens(found.TokenEndpoint)
	if err != nil {
		return nil, err
	}
	client, err := o.client(tokens)
	if err != nil {
		return nil, err
	}
	return selfservice.Open(ctx, selfservice.Options{Name: o.name, Project: project, HTTP: client, Discovery: found})
}

// client is the operator's HTTP client; without tokens it is anonymous.
func (o *operatorModel) client(tokens transport.TokenSource) (*http.Client, error) {
	parallel := number(o.Limits, "max_parallel_requests")
	if parallel == 0 {
		parallel = o.parallel.ValueInt64()
	}
	client, err := transport.New(transport.Config{
		Operator:  o.name,
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
		Tokens: tokens,
	})
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
				fmt.Sprintf("Set client_id in operators[%q], or %s.", o.name, environmentName(o.name, "client_id")))
		case c.secret != "":
			return &transport.ClientCredentials{TokenURL: tokenURL, ID: id, Secret: c.secret}, nil
		case c.workload != "":
			return exchange(c.workload), nil
		}
	}
	return nil, o.misconfigured("No credentials are set.", fmt.Sprintf(
		"Set token, token_file, client_id and client_secret, or workload_identity in operators[%q], or one of %s, %s, %s in the environment.",
		o.name, environmentName(o.name, "token"), environmentName(o.name, "token_file"), environmentName(o.name, "client_secret")))
}

func (o *operatorModel) misconfigured(text, advice string) error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: o.name, Text: text, Advice: advice}
}
