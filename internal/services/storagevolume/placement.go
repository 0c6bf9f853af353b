package storagevolume

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// CheckPlacement holds a volume's class, zone and size against an operator's catalogue. The attributes are those below
// at; unknown ones pass.
func CheckPlacement(op *cloud.Operator, class, zone types.String, sizeGiB types.Int64, at path.Path, diags *diag.Diagnostics) {
	var zones, classes []string
	for _, z := range op.Catalogue.Zones {
		zones = append(zones, z.Name)
	}
	for _, c := range op.Catalogue.VolumeClasses {
		classes = append(classes, c.Name)
	}
	lifecycle.CheckOneOf(diags, at.AtName("zone"), op.Name, "zone", zone, zones)
	if !lifecycle.CheckOneOf(diags, at.AtName("class"), op.Name, "volume class", class, classes) {
		return
	}
	name := class.ValueString()
	if name == "" {
		name = op.Catalogue.DefaultVolumeClass
	}
	c, ok := op.Catalogue.VolumeClass(name)
	if !ok || sizeGiB.IsNull() || sizeGiB.IsUnknown() || c.SizeGiB.Contains(sizeGiB.ValueInt64()) {
		return
	}
	below, above := c.SizeGiB.Nearest(sizeGiB.ValueInt64())
	nearest := fmt.Sprintf("The nearest are %d and %d GiB.", below, above)
	if below == above {
		nearest = fmt.Sprintf("The nearest is %d GiB.", below)
	}
	diags.AddAttributeError(at.AtName("size_gib"),
		fmt.Sprintf("%s has no %s volume of %d GiB", op.Name, name, sizeGiB.ValueInt64()),
		fmt.Sprintf("It offers %d to %d GiB in steps of %d. %s", c.SizeGiB.Min, c.SizeGiB.Max, c.SizeGiB.Step, nearest))
}
