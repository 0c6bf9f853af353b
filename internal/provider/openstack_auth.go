package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// openstackAuth is what Keystone is asked with: an application credential, a token, or a user's password.
func (o *operatorModel) openstackAuth(ctx context.Context, at place) (gophercloud.AuthOptions, error) {
	auth, err := o.openstackCredentials(ctx, at.entry)
	if err != nil {
		return gophercloud.AuthOptions{}, err
	}
	options := gophercloud.AuthOptions{IdentityEndpoint: at.endpoint}
	if auth.ApplicationCredentialSecret != "" {
		options.ApplicationCredentialID = auth.ApplicationCredentialID
		options.ApplicationCredentialName = auth.ApplicationCredentialName
		options.ApplicationCredentialSecret = auth.ApplicationCredentialSecret
		if auth.ApplicationCredentialID == "" {
			setUser(&options, auth) // Names of application credentials are the user's own.
		}
		return options, nil
	}
	options.TokenID, options.Password = auth.Token, auth.Password
	if auth.Password != "" {
		setUser(&options, auth)
	}
	options.Scope, err = o.scope(at.entry, auth)
	return options, err
}

// setUser names the user, by the id if there is one.
func setUser(options *gophercloud.AuthOptions, auth clouds.AuthInfo) {
	if options.UserID = auth.UserID; options.UserID == "" {
		options.Username = auth.Username
		options.DomainID, options.DomainName = domainOf(auth, auth.UserDomainID, auth.UserDomainName)
	}
}

// domainOf is one domain by its id or its name: the more special one, the common one, or the one that every cloud has.
func domainOf(auth clouds.AuthInfo, id, name string) (domainID, domainName string) {
	for _, d := range [][2]string{{id, name}, {auth.DomainID, auth.DomainName}, {auth.DefaultDomain, ""}} {
		switch {
		case d[0] != "":
			return d[0], ""
		case d[1] != "":
			return "", d[1]
		}
	}
	return "", "Default"
}

// scope is the project that the token is to be for.
func (o *operatorModel) scope(e cloudEntry, auth clouds.AuthInfo) (*gophercloud.AuthScope, error) {
	switch {
	case auth.TrustID != "":
		return &gophercloud.AuthScope{TrustID: auth.TrustID}, nil
	case auth.ProjectID != "":
		return &gophercloud.AuthScope{ProjectID: auth.ProjectID}, nil
	case auth.ProjectName != "":
		s := &gophercloud.AuthScope{ProjectName: auth.ProjectName}
		s.DomainID, s.DomainName = domainOf(auth, auth.ProjectDomainID, auth.ProjectDomainName)
		return s, nil
	}
	return nil, o.missing(e, "No project is set.", "project")
}

// openstackCredentials lays what the block and the environment say over an entry of clouds.yaml. Of the ways to
// authenticate one is left: what names a secret goes before the entry, the block's before the environment's.
func (o *operatorModel) openstackCredentials(ctx context.Context, e cloudEntry) (clouds.AuthInfo, error) {
	auth := e.auth
	if project := o.value(o.Project, "project"); project != "" {
		auth.ProjectName, auth.ProjectID, auth.TrustID = project, "", ""
	}
	if domain := o.value(o.Domain, "domain"); domain != "" {
		auth.UserDomainName, auth.UserDomainID = domain, ""
		auth.ProjectDomainName, auth.ProjectDomainID = domain, ""
	}
	if id := o.value(o.ClientID, "client_id"); id != "" {
		auth.ApplicationCredentialID, auth.ApplicationCredentialName = id, ""
	}
	if username := o.value(o.Username, "username"); username != "" {
		auth.Username, auth.UserID = username, ""
	}
	for _, c := range []struct{ token, file, secret, password string }{
		{o.Token.ValueString(), o.TokenFile.ValueString(), o.ClientSecret.ValueString(), o.Password.ValueString()},
		{o.env("token"), o.env("token_file"), o.env("client_secret"), o.env("password")},
	} {
		switch {
		case c.token != "":
			return with(auth, c.token, "", ""), nil
		case c.file != "":
			token, err := transport.FileToken(c.file).Token(ctx)
			if t := (*transport.Error)(nil); errors.As(err, &t) {
				return auth, o.misconfigured(t.Detail+".", t.Advice)
			}
			return with(auth, token, "", ""), err
		case c.secret != "":
			return o.complete(e, with(auth, "", c.secret, ""))
		case c.password != "":
			return o.complete(e, with(auth, "", "", c.password))
		}
	}
	return o.entryCredentials(e, auth)
}

// with leaves one secret of all.
func with(auth clouds.AuthInfo, token, secret, password string) clouds.AuthInfo {
	auth.Token, auth.ApplicationCredentialSecret, auth.Password = token, secret, password
	return auth
}

// entryCredentials chooses among what an entry of clouds.yaml has, by its auth_type if it says one.
func (o *operatorModel) entryCredentials(e cloudEntry, auth clouds.AuthInfo) (clouds.AuthInfo, error) {
	token, secret, password := auth.Token, auth.ApplicationCredentialSecret, auth.Password
	switch e.said.AuthType {
	case "":
	case clouds.AuthV3ApplicationCredential:
		token, password = "", ""
	case clouds.AuthToken, clouds.AuthV3Token:
		secret, password = "", ""
	case clouds.AuthPassword, clouds.AuthV3Password:
		token, secret = "", ""
	default:
		return auth, o.misconfigured(fmt.Sprintf("%s has the auth_type %q, which this provider does not know.", e, e.said.AuthType),
			"Use an application credential there (auth_type: v3applicationcredential), a password or a token.")
	}
	switch {
	case secret != "":
		return o.complete(e, with(auth, "", secret, ""))
	case token != "":
		return with(auth, token, "", ""), nil
	case password != "":
		return o.complete(e, with(auth, "", "", password))
	}
	switch {
	case e.said.AuthType != "":
		return auth, o.noCredentials(e, fmt.Sprintf(" of its auth_type %q", e.said.AuthType))
	case auth.ApplicationCredentialID != "":
		return auth, o.missing(e, "It has the id of an application credential and not its secret.", "client_secret")
	case cmp.Or(auth.UserID, auth.Username) != "":
		return auth, o.missing(e, "It has a user and no password.", "password")
	}
	return auth, o.noCredentials(e, "")
}

func (o *operatorModel) noCredentials(e cloudEntry, which string) error {
	advice := fmt.Sprintf("set client_id and client_secret of an application credential, username and password, token or token_file in "+
		"operators[%q], or one of %s, %s, %s, %s in the environment", o.name, o.variable("client_secret"),
		o.variable("password"), o.variable("token"), o.variable("token_file"))
	if e.name == "" {
		return o.misconfigured("No credentials are set.", "S"+advice[1:]+"; or cloud, to an entry of clouds.yaml.")
	}
	return o.misconfigured(e.String()+" has no credentials"+which+".", "Complete its auth there, or "+advice+".")
}

// missing names the places where what is missing can be said.
func (o *operatorModel) missing(e cloudEntry, text, argument string) error {
	advice := fmt.Sprintf("Set %s in operators[%q], or %s", argument, o.name, o.variable(argument))
	if e.name != "" {
		advice += fmt.Sprintf("; or complete the entry %q of %s", e.name, e.file)
	}
	return o.misconfigured(text, advice+".")
}

// complete refuses a secret that is nobody's.
func (o *operatorModel) complete(e cloudEntry, auth clouds.AuthInfo) (clouds.AuthInfo, error) {
	user := cmp.Or(auth.UserID, auth.Username) != ""
	switch {
	case auth.Password != "" && !user:
		return auth, o.missing(e, "It has a password and no username.", "username")
	case auth.ApplicationCredentialSecret == "" || auth.ApplicationCredentialID != "":
		return auth, nil
	case auth.ApplicationCredentialName == "":
		return auth, o.missing(e, "It has the secret of an application credential and not its id.", "client_id")
	case !user:
		return auth, o.missing(e, "It has the name of an application credential, and neither its id nor its user.", "client_id")
	}
	return auth, nil
}
