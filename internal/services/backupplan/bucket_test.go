package backupplan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// intoBucket protects a volume at lvrtc in the bucket.
const intoBucket = `
resource "vdam_storage_volume" "data" {
  operator            = "lvrtc"
  name                = "data"
  size_gib            = 8
  deletion_protection = false
}

resource "vdam_backup_plan" "nightly" {
  operator          = "lvrtc"
  name              = "nightly"
  description       = "DESCRIPTION"
  sources           = [vdam_storage_volume.data.id]
  vault_id          = "iem-ic/main"
  retention         = "720h"
  encryption_key_wo = "KEY"
}

resource "vdam_backup" "now" {
  name    = "now"
  plan_id = vdam_backup_plan.nightly.id
  keepers = { description = "DESCRIPTION" }
}

data "vdam_backup_vault" "main" {
  operator = "iem-ic"
  name     = "main"
}
`

const outOfBucket = `
resource "vdam_storage_volume" "restored" {
  operator            = "iem-ic"
  name                = "restored"
  size_gib            = 8
  deletion_protection = false
  restore_from = {
    vault_id          = "iem-ic/main"
    encryption_key_wo = "KEY"
    source_id         = vdam_storage_volume.data.id
  }
}
`

// TestAcceptanceBucket backs up into a bucket of the agency's own, also after its keys have changed, and restores from it.
func TestAcceptanceBucket(t *testing.T) {
	t.Parallel()
	env, b := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBucket(t)
	key := acctest.NewBackupKey()
	config := func(accessKey, description, more string) string {
		return b.Config(env, "iem-ic", accessKey, strings.NewReplacer("KEY", key, "DESCRIPTION", description).Replace(intoBucket+more))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				PreConfig: func() { b.Unlocked.Store(true) },
				Config:    config("first", "one", ""),
				ExpectError: acctest.Refusal{
					Address: nightly, At: "vault_id", Summary: `Backup vault "iem-ic/main" cannot be used as it is`,
					Detail: "s3://registry/vdam at " + strings.TrimPrefix(b.URL, "http://") +
						" is not fit for backups: the bucket has no Object Lock. It is configured in operators[\"iem-ic\"].backup_buckets",
				}.Pattern(),
			},
			{
				PreConfig: func() { b.Unlocked.Store(false) },
				Config:    config("first", "one", ""),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some("vdam_backup.now", map[string]knownvalue.Check{"recovery_points": knownvalue.ListSizeExact(1)}),
					acctest.Some("data.vdam_backup_vault.main", map[string]knownvalue.Check{
						"id": text("iem-ic/main"), "status": text("ready"), "retention_days": knownvalue.Int64Exact(31),
						"immutability": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"mode": text("compliance"), "days": knownvalue.Int64Exact(7),
						}),
						"url": text(b.URL + "/registry/vdam"), "used_bytes": knownvalue.Null(), "simulated": knownvalue.Bool(false),
					}),
				},
			},
			{
				PreConfig: func() {
					env.Write(t, "lvrtc", "data", 3<<20, noise(1<<20))
					b.AccessKey.Store("second")
				},
				Config:           config("second", "two", ""),
				ConfigPlanChecks: plans(nightly, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some("vdam_backup.now", map[string]knownvalue.Check{"recovery_points": knownvalue.ListSizeExact(1)}),
				},
			},
			{
				Config: config("second", "two", outOfBucket),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some("vdam_storage_volume.restored", map[string]knownvalue.Check{"restored": knownvalue.ObjectPartial(
						map[string]knownvalue.Check{"vault_id": text("iem-ic/main")})}),
				},
				Check: func(*terraform.State) error {
					if a, b := env.Checksum(t, "lvrtc", "data"), env.Checksum(t, "iem-ic", "restored"); a != b {
						return fmt.Errorf("the volume has %s, and what was restored %s", a, b)
					}
					return nil
				},
			},
		},
	})
	if n := b.Probes.Load(); n == 0 {
		t.Error("nobody tried what the keys may do")
	}
}
