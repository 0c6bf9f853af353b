package provider

import (
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

type model struct {
	Operators           types.Map    `tfsdk:"operators"`
	Directory           types.String `tfsdk:"directory"`
	DefaultOperator     types.String `tfsdk:"default_operator"`
	DefaultLabels       types.Map    `tfsdk:"default_labels"`
	DeploymentID        types.String `tfsdk:"deployment_id"`
	SeparateReads       types.Bool   `tfsdk:"separate_reads"`
	MaxParallelRequests types.Int64  `tfsdk:"max_parallel_requests"`
	ServiceDesks        types.Map    `tfsdk:"service_desks"`
	DefaultServiceDesk  types.String `tfsdk:"default_service_desk"`
}

// operatorModel is one entry of operators. Any value may be unknown at plan.
type operatorModel struct {
	Kind             types.String `tfsdk:"kind"`
	Endpoint         types.String `tfsdk:"endpoint"`
	Project          types.String `tfsdk:"project"`
	ClientID         types.String `tfsdk:"client_id"`
	ClientSecret     types.String `tfsdk:"client_secret"`
	Token            types.String `tfsdk:"token"`
	TokenFile        types.String `tfsdk:"token_file"`
	WorkloadIdentity types.Object `tfsdk:"workload_identity"`
	TLS              types.Object `tfsdk:"tls"`
	ProxyURL         types.String `tfsdk:"proxy_url"`
	Limits           types.Object `tfsdk:"limits"`

	// These are of OpenStack alone.
	Cloud      types.String `tfsdk:"cloud"`
	CloudsFile types.String `tfsdk:"clouds_file"`
	Region     types.String `tfsdk:"region"`
	Domain     types.String `tfsdk:"domain"`
	Username   types.String `tfsdk:"username"`
	Password   types.String `tfsdk:"password"`

	// ClusterAPI is of Cluster API alone.
	ClusterAPI types.Object `tfsdk:"cluster_api"`

	BackupBuckets types.Map    `tfsdk:"backup_buckets"`
	ServiceDesk   types.String `tfsdk:"service_desk"`

	name, version string
	parallel      types.Int64
	// block and prefix are where the entry stands and how its variables begin, if it is no operator's.
	block, prefix string
	// noun is what messages call it, if it is no operator.
	noun string
}

// operators decodes the map; known is false while its very keys are not known.
func (m *model) operators() (operators map[string]*operatorModel, known bool) {
	if m.Operators.IsUnknown() {
		return nil, false
	}
	operators = make(map[string]*operatorModel)
	for name, v := range m.Operators.Elements() {
		o, ok := v.(types.Object)
		if !ok || o.IsUnknown() {
			operators[name] = &operatorModel{Endpoint: types.StringUnknown(), ServiceDesk: types.StringUnknown()}
			continue
		}
		var om operatorModel
		om.decode(o)
		operators[name] = &om
	}
	return operators, true
}

// decode keeps unknown parts, which a plain conversion into Go values would refuse.
func (o *operatorModel) decode(from types.Object) {
	text := func(key string) types.String {
		s, ok := from.Attributes()[key].(types.String)
		if !ok {
			return types.StringNull()
		}
		return s
	}
	object := func(key string) types.Object {
		n, ok := from.Attributes()[key].(types.Object)
		if !ok {
			return types.ObjectNull(nil)
		}
		return n
	}
	o.Kind, o.Endpoint, o.Project = text("kind"), text("endpoint"), text("project")
	o.ClientID, o.ClientSecret = text("client_id"), text("client_secret")
	o.Token, o.TokenFile, o.ProxyURL = text("token"), text("token_file"), text("proxy_url")
	o.Cloud, o.CloudsFile, o.Region = text("cloud"), text("clouds_file"), text("region")
	o.Domain, o.Username, o.Password = text("domain"), text("username"), text("password")
	o.ServiceDesk = text("service_desk")
	o.WorkloadIdentity, o.TLS, o.Limits = object("workload_identity"), object("tls"), object("limits")
	o.ClusterAPI = object("cluster_api")
	if buckets, ok := from.Attributes()["backup_buckets"].(types.Map); ok {
		o.BackupBuckets = buckets
	}
}

// nested reads a string of a nested object; null if there is none.
func nested(o types.Object, key string) types.String {
	if s, ok := o.Attributes()[key].(types.String); ok {
		return s
	}
	if o.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringNull()
}

// number reads an integer of a nested object, or zero.
func number(o types.Object, key string) int64 {
	if n, ok := o.Attributes()[key].(types.Int64); ok {
		return n.ValueInt64()
	}
	return 0
}

// unknown reports whether anything that opening the operator needs is not known yet.
func (o *operatorModel) unknown() bool {
	values := []types.String{
		o.Kind, o.Endpoint, o.Project, o.ClientID, o.ClientSecret, o.Token, o.TokenFile, o.ProxyURL,
		o.Cloud, o.CloudsFile, o.Region, o.Domain, o.Username, o.Password,
		nested(o.WorkloadIdentity, "token_file"), nested(o.WorkloadIdentity, "audience"),
		nested(o.TLS, "ca_file"), nested(o.TLS, "certificate_file"), nested(o.TLS, "key_file"),
	}
	for _, v := range values {
		if v.IsUnknown() {
			return true
		}
	}
	return !fullyKnown(o.ClusterAPI) || !fullyKnown(o.BackupBuckets)
}

// env is what the environment says of an operator's argument.
func (o *operatorModel) env(argument string) string {
	return os.Getenv(o.variable(argument))
}

// value is the block's word, else the environment's.
func (o *operatorModel) value(v types.String, argument string) string {
	if !v.IsNull() && !v.IsUnknown() {
		return v.ValueString()
	}
	return o.env(argument)
}

// environmentName is VDAM_<OPERATOR>_<ARGUMENT>.
func environmentName(operator, argument string) string {
	return "VDAM_" + strings.ToUpper(strings.ReplaceAll(operator, "-", "_")) + "_" + strings.ToUpper(argument)
}

func valueOrEnv(v types.String, name string) string {
	switch {
	case v.IsUnknown():
		return ""
	case v.IsNull():
		return os.Getenv(name)
	}
	return v.ValueString()
}

func quoted(s string) string { return strconv.Quote(s) }
