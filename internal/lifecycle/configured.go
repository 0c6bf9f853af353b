package lifecycle

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Configured is what the provider block has come to, and what all resources and data sources get of it.
type Configured struct {
	Federation *cloud.Federation
	Desks      *servicedesk.Desks
}

// ConfiguredOf takes over what the provider gives; nil while the provider is not configured.
func ConfiguredOf(data any, diags *diag.Diagnostics) *Configured {
	if data == nil {
		return nil
	}
	c, ok := data.(*Configured)
	if !ok {
		diags.AddError("The provider is wired wrongly",
			fmt.Sprintf("What the provider block has come to was expected, not %T. Please report this.", data))
	}
	return c
}

// FederationOf takes over the federation of operators; nil while the provider is not configured.
func FederationOf(data any, diags *diag.Diagnostics) *cloud.Federation {
	if c := ConfiguredOf(data, diags); c != nil {
		return c.Federation
	}
	return nil
}
