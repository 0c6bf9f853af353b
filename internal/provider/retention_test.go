package provider_test

import (
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// TestRetentionWarnings plans what may be meant, and what nobody gets back if it is not.
func TestRetentionWarnings(t *testing.T) {
	t.Parallel()
	tf := start(t, block(acctest.Start(t, "lvrtc", "iem-ic")))
	vault := set(minimal["vdam_backup_vault"], "operator", "iem-ic")
	kept := tf.create(t, "vdam_backup_vault", vault)
	volume := tf.create(t, "vdam_storage_volume", object{"name": "v", "size_gib": 10})
	backed := object{
		"name": "p", "sources": []any{text(volume.value, "id")}, "vault_id": text(kept.value, "id"), "retention": "480h",
		"encryption_key_wo": backupKey,
	}
	plan := tf.create(t, "vdam_backup_plan", backed)
	warned := func(typeName string, s state, config object, words ...string) {
		t.Helper()
		p := tf.plan(t, typeName, s, config)
		if hasError(p.diags) || len(p.diags) != 1 || !acctest.Words(words...).MatchString(show(p.diags)) {
			t.Errorf("%s is planned with:\n%s\nwant a warning as %q", typeName, show(p.diags), strings.Join(words, " "))
		}
	}
	warned("vdam_backup_vault", kept, set(vault, "retention_days", 21), `Backup vault "registry" deletes at once what is older than 21 days`,
		"at retention_days", "whatever was promised. Runs of plans whose retention is longer than 20 days fail.")
	warned("vdam_backup_plan", plan, set(backed, "retention", "744h"),
		"A retention of 744h is too long for a vault that keeps what was written for 31 days", "at retention",
		"the apply is refused unless it raises retention_days, too.", `retention_days of vault "registry" to 32 or more.`)
}
