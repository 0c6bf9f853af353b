package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// HandedOverType is that of write-only texts in the configuration of actions, which alone take ephemeral values there.
//
// Terraform-plugin-framework 1.19 has such attributes, and refuses every value of one, as it asks for a capability of
// Terraform that no request about an action carries. It does not refuse null. So a HandedOver passes for null; validators, and
// all that asks for its StringValue, see what it is.
type HandedOverType struct{ basetypes.StringType }

// Equal implements attr.Type.
func (HandedOverType) Equal(o attr.Type) bool {
	_, ok := o.(HandedOverType)
	return ok
}

// String implements attr.Type.
func (HandedOverType) String() string { return "HandedOverType" }

// ValueType implements attr.Type.
func (HandedOverType) ValueType(context.Context) attr.Value { return HandedOver{} }

// ValueFromString implements basetypes.StringTypable.
func (HandedOverType) ValueFromString(_ context.Context, v basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return HandedOver{v}, nil
}

// ValueFromTerraform implements attr.Type.
func (t HandedOverType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	v, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err //nolint:wrapcheck // The framework's own words about its own value.
	}
	text, _ := v.(basetypes.StringValue)
	return HandedOver{text}, nil
}

// HandedOver is a text that an action takes and nobody keeps.
type HandedOver struct{ basetypes.StringValue }

// IsNull implements attr.Value: see HandedOverType.
func (HandedOver) IsNull() bool { return true }

// Type implements attr.Value.
func (HandedOver) Type(context.Context) attr.Type { return HandedOverType{} }

// Equal implements attr.Value.
func (h HandedOver) Equal(o attr.Value) bool {
	other, ok := o.(HandedOver)
	return ok && h.StringValue.Equal(other.StringValue)
}
