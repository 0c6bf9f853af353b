// Package schemajson writes the provider's schemas as `terraform providers schema -json` does, for the documentation.
// Terraform's own command leaves out what it does not know yet (identities before 1.12, list resources before 1.14), so
// that documentation made from it would depend on who made it.
package schemajson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

// address is the provider as tfplugindocs looks it up: by the name that its --provider-name gives.
const address = "vdam"

type (
	document struct {
		FormatVersion   string                     `json:"format_version"`
		ProviderSchemas map[string]providerSchemas `json:"provider_schemas"`
	}
	providerSchemas struct {
		Provider   *schema             `json:"provider"`
		Resources  map[string]*schema  `json:"resource_schemas,omitempty"`
		Data       map[string]*schema  `json:"data_source_schemas,omitempty"`
		Ephemerals map[string]*schema  `json:"ephemeral_resource_schemas,omitempty"`
		Lists      map[string]*schema  `json:"list_resource_schemas,omitempty"`
		Actions    map[string]action   `json:"action_schemas,omitempty"`
		Identities map[string]identity `json:"resource_identity_schemas,omitempty"`
	}
	action struct {
		Block block `json:"block"`
	}
	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}
	block struct {
		Attributes      map[string]attribute `json:"attributes,omitempty"`
		Description     string               `json:"description,omitempty"`
		DescriptionKind string               `json:"description_kind,omitempty"`
		Deprecated      bool                 `json:"deprecated,omitempty"`
	}
	attribute struct {
		Type            tftypes.Type `json:"type,omitempty"`
		Nested          *nested      `json:"nested_type,omitempty"`
		Description     string       `json:"description,omitempty"`
		DescriptionKind string       `json:"description_kind,omitempty"`
		Deprecated      bool         `json:"deprecated,omitempty"`
		Required        bool         `json:"required,omitempty"`
		Optional        bool         `json:"optional,omitempty"`
		Computed        bool         `json:"computed,omitempty"`
		Sensitive       bool         `json:"sensitive,omitempty"`
		WriteOnly       bool         `json:"write_only,omitempty"`
	}
	nested struct {
		Attributes map[string]attribute `json:"attributes"`
		Mode       string               `json:"nesting_mode"`
	}
	identity struct {
		Version    int64                        `json:"version"`
		Attributes map[string]identityAttribute `json:"attributes"`
	}
	identityAttribute struct {
		Type              tftypes.Type `json:"type"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}
)

// Write asks the provider for its schemas and writes them.
func Write(ctx context.Context, w io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	if err := failure(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}
	if len(schemas.Functions)+len(schemas.StateStoreSchemas) > 0 {
		return errors.New("the provider has functions or state stores, which this program cannot write yet")
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document{FormatVersion: "1.0", ProviderSchemas: map[string]providerSchemas{address: {
		Provider:   schemaOf(schemas.Provider),
		Resources:  all(schemas.ResourceSchemas, schemaOf),
		Data:       all(schemas.DataSourceSchemas, schemaOf),
		Ephemerals: all(schemas.EphemeralResourceSchemas, schemaOf),
		Lists:      all(schemas.ListResourceSchemas, schemaOf),
		Actions:    all(schemas.ActionSchemas, actionOf),
		Identities: all(identities.IdentitySchemas, identityOf),
	}}})
}

func failure(diags []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(errs...)
}

func all[From, To any](in map[string]From, convert func(From) To) map[string]To {
	out := make(map[string]To, len(in))
	for name, s := range in {
		out[name] = convert(s)
	}
	return out
}

// schemaOf leaves nested blocks out: protocol 6 has nested attributes, and this provider has nothing else.
func schemaOf(s *tfprotov6.Schema) *schema {
	return &schema{Version: s.Version, Block: block{
		Attributes:      attributesOf(s.Block.Attributes),
		Description:     s.Block.Description,
		DescriptionKind: kindOf(s.Block.DescriptionKind),
		Deprecated:      s.Block.Deprecated,
	}}
}

func actionOf(s *tfprotov6.ActionSchema) action { return action{Block: schemaOf(s.Schema).Block} }

func attributesOf(in []*tfprotov6.SchemaAttribute) map[string]attribute {
	out := make(map[string]attribute, len(in))
	for _, a := range in {
		at := attribute{
			Type: a.Type, Description: a.Description, DescriptionKind: kindOf(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			at.Nested = &nested{
				Attributes: attributesOf(a.NestedType.Attributes), Mode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		out[a.Name] = at
	}
	return out
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) identity {
	out := identity{Version: s.Version, Attributes: make(map[string]identityAttribute, len(s.IdentityAttributes))}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = identityAttribute{
			Type: a.Type, Description: a.Description,
			RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

func kindOf(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
