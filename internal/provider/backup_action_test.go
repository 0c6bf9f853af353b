package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// backedUp is a plan of one volume at lvrtc, with a vault at iem-ic.
func backedUp(t *testing.T, env *acctest.Env) (tf *terraform, planID string) {
	t.Helper()
	tf = start(t, block(env))
	volume := tf.create(t, "vdam_storage_volume", object{"operator": "lvrtc", "name": "data", "size_gib": 1, "deletion_protection": false})
	vault := tf.create(t, "vdam_backup_vault", object{
		"operator": "iem-ic", "name": "registry", "immutability": object{"mode": "governance", "days": 7}, "retention_days": 31,
	})
	plan := tf.create(t, "vdam_backup_plan", object{
		"operator": "lvrtc", "name": "nightly", "sources": []any{text(volume.value, "id")}, "vault_id": text(vault.value, "id"),
		"retention": "240h", "encryption_key_wo": backupKey,
	})
	return tf, text(plan.value, "id")
}

// stays fails if there is anything of an action at an operator.
func stays(t *testing.T, env *acctest.Env) {
	t.Helper()
	for _, operator := range env.Operators() {
		for key := range env.Objects(t, operator) {
			if strings.Contains(key, "backups/") || strings.Contains(key, "drill-") {
				t.Errorf("%s of an action is still at %s", key, operator)
			}
		}
	}
}

// says fails unless what was said has all of the words.
func says(t *testing.T, what, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, said)
		}
	}
}

// errorsOf fails unless there is an error, and answers what is said.
func errorsOf(t *testing.T, what string, diags []*tfprotov6.Diagnostic) string {
	t.Helper()
	if !hasError(diags) {
		t.Errorf("%s is no error", what)
	}
	return show(diags)
}

// TestBackupAction backs up by an action, has a drill of that, and leaves nothing but the recovery points.
func TestBackupAction(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	tf, plan := backedUp(t, env)
	drilled := func() any { return env.Body(t, "lvrtc", "backup-plans/nightly")["last_drill"] }

	told, diags := tf.invoke(t, "vdam_restore_drill", object{"plan_id": plan, "encryption_key_wo": backupKey})
	says(t, "a drill before the first backup", errorsOf(t, "a drill before the first backup", diags), "it has no recovery point",
		"invoke the action again")
	says(t, "its progress", told, "Restoring what backup plan nightly protects at iem-ic: 1 volumes.", "it has no recovery point")

	for range 2 { // Each time there is another.
		told, diags = tf.invoke(t, "vdam_backup", object{"plan_id": plan})
		clean(t, "the backup", diags)
		says(t, "the progress of a backup", told, "Backing up what backup plan nightly at lvrtc protects: 1 volumes.", "data (lvrtc/",
			"can be restored to", "bytes were moved.")
		stays(t, env)
	}
	points, diags := tf.readData(t, "vdam_backup_recovery_points", object{"plan_id": plan})
	clean(t, "the recovery points", diags)
	if n := len(elements(fields(points)["recovery_points"])); n != 2 {
		t.Errorf("after two backups there are %d recovery points", n)
	}

	told, diags = tf.invoke(t, "vdam_restore_drill", object{"plan_id": plan, "encryption_key_wo": backupKey, "maximum_age": "1h"})
	clean(t, "the drill", diags)
	says(t, "the progress of a drill", told, "was restored in", "All of it was restored")
	if last, _ := drilled().(map[string]any); last["passed"] != true {
		t.Errorf("the plan's last drill is %v", last)
	}
	other := acctest.NewBackupKey()
	told, diags = tf.invoke(t, "vdam_restore_drill", object{"plan_id": plan, "encryption_key_wo": other})
	said := errorsOf(t, "a drill with another key", diags)
	says(t, "a drill with another key", said, "restoring was refused", "another key")
	if strings.Contains(told+said, other) {
		t.Errorf("the key is shown:\n%s\n%s", told, said)
	}
	if last, _ := drilled().(map[string]any); last["passed"] != false {
		t.Errorf("the plan's last drill is %v", last)
	}
	stays(t, env)
}

// TestBackupActionThatFails tells what the operator says, and that what was good is so still.
func TestBackupActionThatFails(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	tf, plan := backedUp(t, env)
	for name, c := range map[string]struct {
		config object
		words  []string
	}{
		"no id":         {object{"plan_id": "nightly"}, []string{`"nightly" is not the id of a backup plan`}},
		"no backups":    {object{"plan_id": "lnb/plan-1"}, []string{"lnb makes no backups"}},
		"no such plan":  {object{"plan_id": "lvrtc/plan-1"}, []string{"lvrtc does not show backup plan lvrtc/plan-1"}},
		"no key":        {object{"plan_id": plan, "encryption_key_wo": "secret"}, []string{"This is no key for backups"}},
		"no time":       {object{"plan_id": plan, "timeout": "0s"}, []string{"Nothing is over within 0s"}},
		"not of a time": {object{"plan_id": plan, "timeout": "soon"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := tf.invoke(t, "vdam_backup", c.config)
			said := errorsOf(t, name, diags)
			says(t, name, said, c.words...)
			if strings.Contains(said, "secret") {
				t.Errorf("what was given as the key is shown: %s", said)
			}
		})
	}
	stays(t, env)
	_, diags := tf.invoke(t, "vdam_restore_drill", object{"plan_id": plan})
	says(t, "a drill without a key", errorsOf(t, "a drill without a key", diags), "A restore drill needs the key")

	env.Remove(t, "lvrtc", "storage-volumes/data")
	_, diags = tf.invoke(t, "vdam_backup", object{"plan_id": plan})
	says(t, "a backup of nothing", errorsOf(t, "a backup of nothing", diags), `lvrtc did not back up what backup plan "nightly" protects`,
		"It does not exist any more.", "can be restored all the same")
	stays(t, env)
}
