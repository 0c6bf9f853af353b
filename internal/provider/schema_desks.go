package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// The kinds of service desks.
const (
	deskRT          = "rt"
	deskRedmine     = "redmine"
	deskSelfservice = kindSelfservice
	deskTMF621      = "tmf621"
)

var deskKinds = []string{deskRT, deskRedmine, deskSelfservice, deskTMF621}

// deskAttribute is service_desks.
func deskAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "The service desks, by the names that tickets use. What an argument names as \"also\" may come from the " +
			"environment, in variables named after the desk: `VDAM_DESK_<DESK>_TOKEN` and so on.",
		Optional: true,
		Validators: []validator.Map{mapvalidator.KeysAre(
			stringvalidator.LengthBetween(1, 63),
			stringvalidator.RegexMatches(operatorName, "must be of a-z, 0-9 and -, with a letter or digit at both ends"),
		)},
		NestedObject: schema.NestedAttributeObject{Attributes: deskAttributes()},
	}
}

func deskAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"kind": schema.StringAttribute{
			MarkdownDescription: "`rt` (Request Tracker 5), `redmine`, `selfservice` (the desk of an operator of that kind) or `tmf621` (TM " +
				"Forum's Trouble Ticket Management API, v5 or v4). Also `VDAM_DESK_<DESK>_KIND`.",
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(deskKinds...)},
		},
		"endpoint": schema.StringAttribute{
			MarkdownDescription: "URL of the desk: where its people see it for `rt` and `redmine`, that of the API for the others. " +
				"Also `VDAM_DESK_<DESK>_ENDPOINT`.",
			Optional: true,
		},
		"operator": schema.StringAttribute{
			MarkdownDescription: "`selfservice`: an operator of the provider block, whose endpoint, project and credentials are used.",
			Optional:            true,
			// All of these would be ignored.
			Validators: []validator.String{stringvalidator.ConflictsWith(siblings("endpoint", "project", "token", "token_file", "username",
				"password", "client_id", "client_secret", "token_url", "tls", "proxy_url", "limits")...)},
		},
		"project": schema.StringAttribute{
			MarkdownDescription: "`redmine`: identifier of the project that tickets go to. `selfservice`: the agency's project. " +
				"Also `VDAM_DESK_<DESK>_PROJECT`.",
			Optional: true,
		},
		"ticket_types": ticketTypesAttribute(),
		"field_names": schema.SingleNestedAttribute{
			MarkdownDescription: "Names of the desk's fields that hold parts of a ticket, where they are not those of the desk's kind.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"external_key": schema.StringAttribute{MarkdownDescription: "For the key. Default is `External Key`.", Optional: true},
				"severity":     schema.StringAttribute{MarkdownDescription: "For the severity. Default is `Severity`.", Optional: true},
				"project":      schema.StringAttribute{MarkdownDescription: "For the project. Default is `Project`.", Optional: true},
				"affected_resources": schema.StringAttribute{
					MarkdownDescription: "For the resources. Default is `Affected Resources`.", Optional: true,
				},
			},
		},
	}
	maps.Copy(attributes, deskCredentialAttributes())
	maps.Copy(attributes, connectionAttributes("VDAM_DESK_<DESK>", "4", "120"))
	return attributes
}

func siblings(names ...string) []path.Expression {
	all := make([]path.Expression, len(names))
	for i, name := range names {
		all[i] = path.MatchRelative().AtParent().AtName(name)
	}
	return all
}

func deskCredentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token": schema.StringAttribute{
			MarkdownDescription: "Token of the account: for `rt` an authentication token, for `redmine` the API key, else a bearer token. " +
				"Also `VDAM_DESK_<DESK>_TOKEN`.",
			Optional: true, Sensitive: true,
		},
		"token_file": schema.StringAttribute{
			MarkdownDescription: "A file with the token, read again when it changes. Also `VDAM_DESK_<DESK>_TOKEN_FILE`.", Optional: true,
		},
		"username": schema.StringAttribute{
			MarkdownDescription: "`rt`: the account, which logs in once and keeps the session: a token is hashed with every request. " +
				"`tmf621`: what the desk calls the account, if that is not `client_id`. " +
				"Also `VDAM_DESK_<DESK>_USERNAME`.",
			Optional: true,
		},
		"password": schema.StringAttribute{
			MarkdownDescription: "`rt`: password of `username`. Also `VDAM_DESK_<DESK>_PASSWORD`.", Optional: true, Sensitive: true,
		},
		"client_id": schema.StringAttribute{
			MarkdownDescription: "`selfservice`, `tmf621`: OAuth 2.0 client. Also `VDAM_DESK_<DESK>_CLIENT_ID`.", Optional: true,
		},
		"client_secret": schema.StringAttribute{
			MarkdownDescription: "Secret of `client_id`. Also `VDAM_DESK_<DESK>_CLIENT_SECRET`.", Optional: true, Sensitive: true,
		},
		"token_url": schema.StringAttribute{
			MarkdownDescription: "`tmf621`: where `client_id` gets its tokens.", Optional: true,
		},
	}
}

func ticketTypesAttribute() schema.Attribute {
	words := func(what string, values []string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: what, Optional: true, Validators: []validator.String{stringvalidator.OneOf(values...)}}
	}
	statuses := make([]string, 0, len(servicedesk.Statuses))
	for _, s := range servicedesk.Statuses {
		statuses = append(statuses, string(s))
	}
	return schema.MapNestedAttribute{
		MarkdownDescription: "What the types of tickets, `change`, `incident` and `service_request`, are at the desk, where it is not as " +
			"usual for its kind. `data.vdam_service_desk` shows what comes of it.",
		Optional:   true,
		Validators: []validator.Map{mapvalidator.KeysAre(stringvalidator.OneOf("change", "incident", "service_request"))},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"queue": schema.StringAttribute{MarkdownDescription: "Queue, or tracker of Redmine, that tickets of the type go to.", Optional: true},
			"statuses": schema.MapNestedAttribute{
				MarkdownDescription: "What the desk's statuses mean, by their names there.", Optional: true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"status": words("Required. Status that it is: see `vdam_service_ticket`.", statuses),
						"approval": words("What it says of an approval: `requested`, `approved` or `rejected`. Left out, the history tells, or no "+
							"approval is required if no status says `approved`.", []string{"requested", "approved", "rejected", "not_required"}),
						"awaiting": words("Whose turn it is: `desk`, `requester`, `approver` or `nobody`. Default follows from the others.",
							[]string{"desk", "requester", "approver", "nobody"}),
					},
					Validators: []validator.Object{lifecycle.Required("status")},
				},
			},
			"cancel_status": schema.StringAttribute{
				MarkdownDescription: "The desk's status by which a requester withdraws a ticket.", Optional: true,
			},
			"close_status": schema.StringAttribute{MarkdownDescription: "The desk's status by which a requester closes a ticket.", Optional: true},
		}},
	}
}
