# A volume in one OpenStack, backed up in a bucket that the agency has at another one. No operator makes these backups: the machine
# that runs Terraform does, while it runs. A pipeline applies this every night.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

# Credentials of the clouds are in clouds.yaml, those of the bucket in VDAM_SOUTH_BUCKET_REGISTER_ACCESS_KEY_ID and
# VDAM_SOUTH_BUCKET_REGISTER_SECRET_ACCESS_KEY. They may put, get and list, and not delete.
provider "vdam" {
  deployment_id = "backup-openstack"

  operators = {
    north = { kind = "openstack", cloud = "north-register" }
    south = {
      kind  = "openstack"
      cloud = "south-register"
      # It has versioning, Object Lock with a default retention, and a lifecycle that keeps what was written for 35 days.
      backup_buckets = {
        register = { endpoint = "https://s3.south.example", bucket = "register-backups", retention_days = 35 }
      }
    }
  }
}

variable "backup_key" {
  description = "The line of `age-keygen` that begins with AGE-SECRET-KEY-1."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "day" {
  description = "What makes another backup when it changes, such as the date."
  type        = string
}

resource "vdam_storage_volume" "register" {
  operator = "north"
  name     = "register"
  size_gib = 64
}

resource "vdam_backup_plan" "register" {
  operator          = "north"
  name              = "register"
  sources           = [vdam_storage_volume.register.id]
  vault_id          = "south/register"
  rpo               = "26h"
  retention         = "720h"
  encryption_key_wo = var.backup_key
}

# Nobody but this run has the key, so each backup is given it.
resource "vdam_backup" "nightly" {
  plan_id           = vdam_backup_plan.register.id
  name              = "nightly"
  keepers           = { day = var.day }
  encryption_key_wo = var.backup_key
}

# Once a month, all of it is restored at the other cloud, compared, and removed again.
resource "vdam_restore_drill" "monthly" {
  plan_id           = vdam_backup_plan.register.id
  encryption_key_wo = var.backup_key
  keepers           = { month = substr(var.day, 0, 7) }

  depends_on = [vdam_backup.nightly]
}
