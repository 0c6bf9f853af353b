package lifecycle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// backupKeyPattern is an age identity, as age-keygen makes it, without the comments of its file.
var backupKeyPattern = regexp.MustCompile(`^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{58,1000}$`)

// BackupKey is the key in a write-only value.
func BackupKey(value types.String) cloud.BackupKey {
	text := strings.TrimSpace(value.ValueString())
	if text == "" {
		return cloud.BackupKey{}
	}
	sum := sha256.Sum256([]byte(text))
	return cloud.BackupKey{Value: text, Fingerprint: hex.EncodeToString(sum[:8])}
}

// BackupKeyValidator refuses what is no key of backups, without repeating it.
func BackupKeyValidator() validator.String { return backupKeyValidator{} }

type backupKeyValidator struct{}

// Description implements validator.Describer.
func (backupKeyValidator) Description(context.Context) string { return "must be an age identity" }

// MarkdownDescription implements validator.Describer.
func (v backupKeyValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements validator.String.
func (backupKeyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || backupKeyPattern.MatchString(BackupKey(req.ConfigValue).Value) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "This is no key for backups",
		"It has to be one age identity, a line that begins with AGE-SECRET-KEY-1, and nothing beside it. Run `age-keygen` to make one, take "+
			"that line of what it prints, and keep it where it outlives both operators: whoever loses the key loses the backups. The value is not "+
			"shown here.")
}
