package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// NodePool is what a pool of nodes is, whether its cluster declares it or it is a resource of its own; embed it.
type NodePool struct {
	VCPUs       types.Int64  `tfsdk:"vcpus"`
	MemoryMiB   types.Int64  `tfsdk:"memory_mib"`
	BootDiskGiB types.Int64  `tfsdk:"boot_disk_gib"`
	Zone        types.String `tfsdk:"zone"`
	Size        types.Int64  `tfsdk:"size"`
	Autoscaling types.Object `tfsdk:"autoscaling"`
	NodeLabels  types.Map    `tfsdk:"node_labels"`
	Taints      types.Set    `tfsdk:"taints"`
}

// Autoscaling is the bounds of a pool.
type Autoscaling struct {
	Min types.Int64 `tfsdk:"min"`
	Max types.Int64 `tfsdk:"max"`
}

// Taint is one of a pool's.
type Taint struct {
	Key    types.String `tfsdk:"key"`
	Value  types.String `tfsdk:"value"`
	Effect types.String `tfsdk:"effect"`
}

var (
	autoscalingTypes = map[string]attr.Type{"min": types.Int64Type, "max": types.Int64Type}
	taintType        = types.ObjectType{AttrTypes: map[string]attr.Type{
		"key": types.StringType, "value": types.StringType, "effect": types.StringType,
	}}
	// qualified is a label or taint key of Kubernetes: a name, with a DNS name and a slash before it or not.
	qualified = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/)?` +
		`[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$`)
)

// TaintEffects are those of Kubernetes.
var TaintEffects = []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}

// NodePoolTypes is the shape of NodePool.
func NodePoolTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"vcpus": types.Int64Type, "memory_mib": types.Int64Type, "boot_disk_gib": types.Int64Type, "zone": types.StringType,
		"size": types.Int64Type, "autoscaling": types.ObjectType{AttrTypes: autoscalingTypes},
		"node_labels": types.MapType{ElemType: types.StringType}, "taints": types.SetType{ElemType: taintType},
	}
}

// NodePoolAttributes are the schema of NodePool. Inside others, what is required is asked for by a validator, see Required.
func NodePoolAttributes(inside bool) map[string]schema.Attribute {
	positive := func(text string) schema.Int64Attribute {
		if inside {
			text = "Required. " + text
		}
		return schema.Int64Attribute{
			MarkdownDescription: text, Required: !inside, Optional: inside, Validators: []validator.Int64{int64validator.AtLeast(1)},
		}
	}
	return map[string]schema.Attribute{
		"vcpus":      positive("vCPUs of each node. A change replaces the nodes, one after another."),
		"memory_mib": positive("Memory of each node in MiB. A change replaces the nodes, one after another."),
		"boot_disk_gib": schema.Int64Attribute{
			MarkdownDescription: "Disk of each node in GiB. Default is the operator's.", Optional: true, Computed: true,
			Validators:    []validator.Int64{int64validator.AtLeast(1)},
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
		},
		"zone": schema.StringAttribute{
			MarkdownDescription: "Zone of the nodes. Default is the operator's.", Optional: true, Computed: true,
			Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
		},
		"size": schema.Int64Attribute{
			MarkdownDescription: "Number of nodes. Either this or `autoscaling`. Changed in place.", Optional: true,
			Validators: []validator.Int64{int64validator.Between(0, 1000)},
		},
		"autoscaling": schema.SingleNestedAttribute{
			MarkdownDescription: "Lets the operator choose the number of nodes within bounds; `current_size` shows it. Changed in " +
				"place.", Optional: true,
			Attributes: map[string]schema.Attribute{
				"min": schema.Int64Attribute{
					MarkdownDescription: "Fewest nodes.", Required: true, Validators: []validator.Int64{int64validator.Between(0, 1000)},
				},
				"max": schema.Int64Attribute{
					MarkdownDescription: "Most nodes.", Required: true, Validators: []validator.Int64{int64validator.Between(1, 1000)},
				},
			},
		},
		"node_labels": schema.MapAttribute{
			MarkdownDescription: "Labels of the nodes in Kubernetes. Changed in place.", ElementType: types.StringType, Optional: true,
			Validators: []validator.Map{
				mapvalidator.KeysAre(nameOfKubernetes()...),
				mapvalidator.ValueStringsAre(labelText()),
			},
		},
		"taints": schema.SetNestedAttribute{
			MarkdownDescription: "Taints of the nodes in Kubernetes. Changed in " +
				"place.", Optional: true, Validators: []validator.Set{setvalidator.SizeAtMost(50)},
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{Required("key", "effect")}, Attributes: taintAttributes(),
			},
		},
	}
}

func taintAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"key": schema.StringAttribute{
			MarkdownDescription: "Required. Key.", Optional: true,
			Validators: nameOfKubernetes(),
		},
		"value": schema.StringAttribute{
			MarkdownDescription: "Value.", Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1), labelText()},
		},
		"effect": schema.StringAttribute{
			MarkdownDescription: "Required. `NoSchedule`, `PreferNoSchedule` or `NoExecute`.", Optional: true,
			Validators: []validator.String{stringvalidator.OneOf(TaintEffects...)},
		},
	}
}

// longestKey is 253 characters of a DNS name, a slash, and 63 of a name.
const longestKey = 253 + 1 + 63

func nameOfKubernetes() []validator.String {
	return []validator.String{
		stringvalidator.RegexMatches(qualified, "must be a name of Kubernetes, such as example.org/dedicated"),
		stringvalidator.LengthAtMost(longestKey),
	}
}

func labelText() validator.String {
	return stringvalidator.RegexMatches(labelValue,
		"must be up to 63 characters of A-Z, a-z, 0-9, ., _ and -, with a letter or digit at both ends")
}

// Spec is the pool for the port.
func (p *NodePool) Spec(ctx context.Context, diags *diag.Diagnostics) cloud.NodePoolSize {
	s := cloud.NodePoolSize{
		VCPUs: p.VCPUs.ValueInt64(), MemoryMiB: p.MemoryMiB.ValueInt64(), BootDiskGiB: p.BootDiskGiB.ValueInt64(),
		Zone: p.Zone.ValueString(), Size: p.Size.ValueInt64(),
	}
	if bounds, ok := p.bounds(ctx, diags); ok {
		s.Autoscaling = &cloud.Autoscaling{Min: bounds.Min.ValueInt64(), Max: bounds.Max.ValueInt64()}
	}
	if !p.NodeLabels.IsNull() && !p.NodeLabels.IsUnknown() {
		diags.Append(p.NodeLabels.ElementsAs(ctx, &s.NodeLabels, false)...)
	}
	var taints []Taint
	if !p.Taints.IsNull() && !p.Taints.IsUnknown() {
		diags.Append(p.Taints.ElementsAs(ctx, &taints, false)...)
	}
	for _, t := range taints {
		s.Taints = append(s.Taints, cloud.Taint{Key: t.Key.ValueString(), Value: t.Value.ValueString(), Effect: t.Effect.ValueString()})
	}
	return s
}

func (p *NodePool) bounds(ctx context.Context, diags *diag.Diagnostics) (a Autoscaling, ok bool) {
	if p.Autoscaling.IsNull() || p.Autoscaling.IsUnknown() {
		return a, false
	}
	diags.Append(p.Autoscaling.As(ctx, &a, basetypes.ObjectAsOptions{})...)
	return a, true
}

// Read fills the pool in. An autoscaled pool has no size.
func (p *NodePool) Read(ctx context.Context, s cloud.NodePoolSize, diags *diag.Diagnostics) {
	imported := p.VCPUs.IsNull()
	p.VCPUs, p.MemoryMiB = types.Int64Value(s.VCPUs), types.Int64Value(s.MemoryMiB)
	p.BootDiskGiB, p.Zone = optionalInt64(s.BootDiskGiB), OptionalString(s.Zone)
	p.Autoscaling, p.Size = types.ObjectNull(autoscalingTypes), types.Int64Value(s.Size)
	var d diag.Diagnostics
	if s.Autoscaling != nil {
		p.Size = types.Int64Null()
		p.Autoscaling, d = types.ObjectValueFrom(ctx, autoscalingTypes, Autoscaling{
			Min: types.Int64Value(s.Autoscaling.Min), Max: types.Int64Value(s.Autoscaling.Max),
		})
		diags.Append(d...)
	}
	if len(s.NodeLabels) > 0 || !p.NodeLabels.IsNull() && !p.NodeLabels.IsUnknown() && !imported {
		labels := maps.Clone(s.NodeLabels)
		if labels == nil {
			labels = map[string]string{} // What was declared empty is not null.
		}
		p.NodeLabels, d = types.MapValueFrom(ctx, types.StringType, labels)
		diags.Append(d...)
	} else {
		p.NodeLabels = types.MapNull(types.StringType)
	}
	p.readTaints(ctx, s.Taints, diags)
}

func (p *NodePool) readTaints(ctx context.Context, all []cloud.Taint, diags *diag.Diagnostics) {
	if len(all) == 0 && (p.Taints.IsNull() || p.Taints.IsUnknown()) {
		p.Taints = types.SetNull(taintType)
		return
	}
	taints := make([]Taint, 0, len(all))
	for _, t := range all {
		taints = append(taints, Taint{Key: types.StringValue(t.Key), Value: OptionalString(t.Value), Effect: types.StringValue(t.Effect)})
	}
	var d diag.Diagnostics
	p.Taints, d = types.SetValueFrom(ctx, taintType, taints)
	diags.Append(d...)
}

func optionalInt64(v int64) types.Int64 {
	if v == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(v)
}

// Check refuses what can be seen to be impossible. Was is the pool before, nil if there was none: a size that stays was
// accepted once. At is the pool's place in the schema.
func (p *NodePool) Check(ctx context.Context, op *cloud.Operator, was *NodePool, at path.Path, diags *diag.Diagnostics) {
	if p.Size.IsNull() == p.Autoscaling.IsNull() {
		diags.AddAttributeError(at.AtName("size"), "The pool needs either a size or autoscaling",
			"Set size to a number of nodes, or autoscaling to bounds, and not both.")
	}
	bounds, ok := p.bounds(ctx, diags)
	if ok && !bounds.Min.IsUnknown() && !bounds.Max.IsUnknown() && bounds.Min.ValueInt64() > bounds.Max.ValueInt64() {
		diags.AddAttributeError(at.AtName("autoscaling").AtName("min"),
			fmt.Sprintf("The fewest nodes, %d, are more than the most, "+
				"%d", bounds.Min.ValueInt64(), bounds.Max.ValueInt64()), "Correct one of the two.")
	}
	p.checkTaints(at.AtName("taints"), diags)
	if op == nil {
		return
	}
	p.checkLacks(op, was, at, diags)
	known := !p.VCPUs.IsNull() && !p.VCPUs.IsUnknown() && !p.MemoryMiB.IsNull() && !p.MemoryMiB.IsUnknown()
	if known && (was == nil || !p.VCPUs.Equal(was.VCPUs) || !p.MemoryMiB.Equal(was.MemoryMiB)) {
		CheckSize(op, at, p.VCPUs.ValueInt64(), p.MemoryMiB.ValueInt64(), diags)
	}
	if ok && !op.Capabilities.Clusters.Autoscaling {
		diags.AddAttributeError(at.AtName("autoscaling"), op.Name+" does not scale pools by itself",
			"Set size instead, or choose another operator.")
	}
	if zone := p.Zone.ValueString(); zone != "" && len(op.Catalogue.Zones) > 0 && !op.Catalogue.HasZone(zone) {
		diags.AddAttributeError(at.AtName("zone"), fmt.Sprintf("%s has no zone %q", op.Name, zone), "data.vdam_operator lists its zones.")
	}
}

// checkTaints refuses two of one key and effect, of which Kubernetes takes one.
func (p *NodePool) checkTaints(at path.Path, diags *diag.Diagnostics) {
	type identity struct{ key, effect string }
	seen := map[identity]bool{}
	for _, v := range p.Taints.Elements() {
		o, ok := v.(types.Object)
		if !ok || o.IsNull() || o.IsUnknown() {
			continue
		}
		key, isText := o.Attributes()["key"].(types.String)
		effect, isEffect := o.Attributes()["effect"].(types.String)
		if !isText || !isEffect || key.IsUnknown() || effect.IsUnknown() {
			continue
		}
		is := identity{key.ValueString(), effect.ValueString()}
		if seen[is] {
			diags.AddAttributeError(at, fmt.Sprintf("Two taints have the key %q and the effect %q", is.key, is.effect),
				"Kubernetes takes one value of a key and an effect. Leave one of the two out.")
		}
		seen[is] = true
	}
}
