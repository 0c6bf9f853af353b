package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

// everySchema are all of the provider, by what they are of.
func everySchema(tf *terraform) map[string]*tfprotov6.Schema {
	all := map[string]*tfprotov6.Schema{"provider": tf.schemas.Provider}
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource ": tf.schemas.ResourceSchemas, "data ": tf.schemas.DataSourceSchemas, "list ": tf.schemas.ListResourceSchemas,
		"ephemeral ": tf.schemas.EphemeralResourceSchemas,
	} {
		for name, s := range schemas {
			all[kind+name] = s
		}
	}
	for name, s := range tf.schemas.ActionSchemas {
		all["action "+name] = s.Schema
	}
	return all
}

// resourceTypes are the resources of operators.
var resourceTypes = []string{
	"vdam_backup", "vdam_backup_plan", "vdam_backup_vault",
	"vdam_container_cluster", "vdam_network", "vdam_node_pool", "vdam_security_group", "vdam_storage_volume", "vdam_virtual_machine",
	"vdam_volume_attachment",
}

// agentTypes are resources of operators, too, that need a real cluster to be made.
var agentTypes = []string{"vdam_container_cluster_backup", "vdam_container_cluster_backup_plan"}

// eventTypes are of no object at an operator: there is nothing to list or to import.
var eventTypes = []string{"vdam_container_cluster_restore", "vdam_container_cluster_restore_drill", "vdam_restore_drill"}

func TestSchemasAreComplete(t *testing.T) {
	tf := connect(t)
	all := slices.Sorted(slices.Values(slices.Concat(resourceTypes, agentTypes, eventTypes, ticketTypes)))
	if got := slices.Sorted(maps.Keys(tf.schemas.ResourceSchemas)); !slices.Equal(got, all) {
		t.Errorf("the resources are %v", got)
	}
	listed := slices.Sorted(slices.Values(slices.Concat(resourceTypes, agentTypes, ticketTypes[:1])))
	if got := slices.Sorted(maps.Keys(tf.schemas.ListResourceSchemas)); !slices.Equal(got, listed) {
		t.Errorf("the list resources are %v", got)
	}
	for _, name := range listed {
		for _, source := range []string{name, name + "s"} {
			if tf.schemas.DataSourceSchemas[source] == nil {
				t.Errorf("there is no data.%s", source)
			}
		}
	}
	for name, s := range everySchema(tf) {
		if s.Block.Description == "" || s.Block.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s has no MarkdownDescription", name)
		}
		if len(s.Block.BlockTypes) > 0 {
			t.Errorf("%s has blocks; attributes are meant", name)
		}
		described(t, name, s.Block.Attributes)
	}
}

func described(t *testing.T, at string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		where := at + "." + a.Name
		if strings.HasSuffix(where, ".timeouts.create") || strings.HasSuffix(where, ".timeouts.update") ||
			strings.HasSuffix(where, ".timeouts.delete") {
			continue // Of the framework's own module, as plain text.
		}
		if !strings.HasSuffix(where, ".timeouts") && (a.Description == "" || a.DescriptionKind != tfprotov6.StringKindMarkdown) {
			t.Errorf("%s has no MarkdownDescription", where)
		}
		if a.NestedType != nil {
			described(t, where, a.NestedType.Attributes)
		}
	}
}

func TestIdentitySchemas(t *testing.T) {
	tf := connect(t)
	resp, err := tf.server.GetResourceIdentitySchemas(tf.ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	clean(t, "the identity schemas", resp.Diagnostics)
	if len(resp.IdentitySchemas) != len(resourceTypes)+len(agentTypes)+1 {
		t.Errorf("there are %d identity schemas", len(resp.IdentitySchemas))
	}
	for _, name := range slices.Concat(resourceTypes, agentTypes, ticketTypes[:1]) {
		s := resp.IdentitySchemas[name]
		var names []string
		for _, a := range s.IdentityAttributes {
			names = append(names, a.Name)
			if a.Description == "" || !a.RequiredForImport {
				t.Errorf("%s.%s has no description, or import does without it", name, a.Name)
			}
		}
		want := []string{"id", "operator"}
		if name == ticketTypes[0] {
			want = []string{"desk", "id"}
		}
		if slices.Sort(names); !slices.Equal(names, want) {
			t.Errorf("%s is identified by %v", name, names)
		}
	}
}

// TestValidateImplementation has the framework check each schema by itself, beyond what its server checks.
func TestValidateImplementation(t *testing.T) {
	ctx, p := t.Context(), provider.New("test")()
	var block fwprovider.SchemaResponse
	p.Schema(ctx, fwprovider.SchemaRequest{}, &block)
	implemented(t, "the provider", block.Schema.ValidateImplementation(ctx))
	for _, create := range p.Resources(ctx) {
		var s resource.SchemaResponse
		create().Schema(ctx, resource.SchemaRequest{}, &s)
		implemented(t, s.Schema.MarkdownDescription, append(s.Diagnostics, s.Schema.ValidateImplementation(ctx)...))
		var named resource.MetadataResponse
		create().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "vdam"}, &named)
		identified, ok := create().(resource.ResourceWithIdentity)
		if !ok && (slices.Contains(ticketTypes[1:], named.TypeName) || slices.Contains(eventTypes, named.TypeName)) {
			continue
		}
		if !ok {
			t.Errorf("%T has no identity", create())
			continue
		}
		var i resource.IdentitySchemaResponse
		identified.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &i)
		implemented(t, "the identity of "+s.Schema.MarkdownDescription, i.IdentitySchema.ValidateImplementation(ctx))
	}
	for _, create := range p.DataSources(ctx) {
		var s datasource.SchemaResponse
		create().Schema(ctx, datasource.SchemaRequest{}, &s)
		implemented(t, s.Schema.MarkdownDescription, append(s.Diagnostics, s.Schema.ValidateImplementation(ctx)...))
	}
	lists, ok := p.(fwprovider.ProviderWithListResources)
	if !ok {
		t.Fatal("the provider has no list resources")
	}
	for _, create := range lists.ListResources(ctx) {
		var s list.ListResourceSchemaResponse
		create().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &s)
		implemented(t, s.Schema.MarkdownDescription, append(s.Diagnostics, s.Schema.ValidateImplementation(ctx)...))
	}
	actions, ok := p.(fwprovider.ProviderWithActions)
	if !ok {
		t.Fatal("the provider has no actions")
	}
	for _, create := range actions.Actions(ctx) {
		var s action.SchemaResponse
		create().Schema(ctx, action.SchemaRequest{}, &s)
		implemented(t, s.Schema.MarkdownDescription, append(s.Diagnostics, s.Schema.ValidateImplementation(ctx)...))
	}
}

func implemented(t *testing.T, what string, diags diag.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		t.Errorf("%s: %s: %s", what, d.Summary(), d.Detail())
	}
}
