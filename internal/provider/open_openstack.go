package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

func (o *operatorModel) openOpenstack(ctx context.Context, at place) (*cloud.Operator, error) {
	if u, err := url.Parse(at.endpoint); err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, o.misconfigured("The endpoint must be an address without credentials, query or fragment.",
			"Write Keystone's address alone, as in https://cloud.example:5000/v3.")
	}
	config, err := o.openstackConnection(at.entry)
	if err != nil {
		return nil, err
	}
	auth, err := o.openstackAuth(ctx, at)
	if err != nil {
		return nil, err
	}
	anonymous, err := o.client(config)
	if err != nil {
		if e := (*cloud.Error)(nil); errors.As(err, &e) && config.TLS != o.connection().TLS {
			e.Advice = fmt.Sprintf("The file is named by the entry %q of %s.", at.entry.name, at.entry.file)
		}
		return nil, err
	}
	identity := openstack.NewIdentity(o.name, anonymous, auth)
	config.Tokens, config.TokenHeader = identity, openstack.TokenHeader
	client, err := o.client(config)
	if err != nil {
		return nil, err
	}
	op, err := openstack.Open(ctx, openstack.Options{
		Name: o.name, Identity: identity, HTTP: client,
		Endpoints: gophercloud.EndpointOpts{
			Region: cmp.Or(o.value(o.Region, "region"), at.entry.region()), Availability: at.entry.availability(),
		},
	})
	if err != nil {
		return nil, err
	}
	// An application credential is for one project, which it does not have to be told.
	project := o.value(o.Project, "project")
	granted := strings.EqualFold(project, op.Project) || strings.HasPrefix(op.ProjectID, project+"@")
	if project != "" && !granted {
		return nil, o.misconfigured(fmt.Sprintf("The credentials are for the project %q, and project says %q.", op.Project, project),
			fmt.Sprintf("Correct project in operators[%q] or %s, or give credentials for that project.",
				o.name, o.variable("project")))
	}
	return op, nil
}

// openstackConnection is the connection with what an entry of clouds.yaml says of it where nothing else does.
func (o *operatorModel) openstackConnection(e cloudEntry) (transport.Config, error) {
	config := o.connection()
	config.Limits.PerTryTimeout = cmp.Or(config.Limits.PerTryTimeout, openstack.RequestTimeout)
	if config.TLS.CAFile == "" {
		if e.insecure {
			return config, o.misconfigured(e.String()+" wants no certificates to be checked, and this provider always checks them.",
				fmt.Sprintf("Take out verify or insecure, and name the file with the certificate authority: as cacert there, "+
					"or as tls.ca_file in operators[%q].", o.name))
		}
		config.TLS.CAFile = expanded(e.said.CACertFile)
	}
	if config.TLS.CertFile == "" && config.TLS.KeyFile == "" && e.said.ClientCertFile != "" {
		config.TLS.CertFile = expanded(e.said.ClientCertFile)
		config.TLS.KeyFile = expanded(cmp.Or(e.said.ClientKeyFile, e.said.ClientCertFile)) // One file may have both.
	}
	return config, nil
}

// expanded replaces ~, as OpenStack's own client does in clouds.yaml.
func expanded(file string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(file, "~/"); ok && err == nil {
		return filepath.Join(home, rest)
	}
	return file
}
