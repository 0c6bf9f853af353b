package containercluster

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestLastingCredentials are warned of where an operator does not let them end.
func TestLastingCredentials(t *testing.T) {
	op, ends := &cloud.Operator{Name: "lnb"}, now.AddDate(5, 0, 0)
	var said diag.Diagnostics
	warnOfLasting(op, cloud.ID{Operator: "lnb", Object: "7"}, cloud.Access{ExpiresAt: ends}, &said)
	if said.WarningsCount() != 1 || !strings.Contains(said[0].Detail(), "lnb/7 end on "+ends.Format(time.RFC3339)) {
		t.Errorf("got %v", said)
	}
	op.Capabilities.Clusters.ShortLivedCredentials = true
	if warnOfLasting(op, cloud.ID{}, cloud.Access{}, &said); len(said) != 1 {
		t.Errorf("got %v", said)
	}
}
