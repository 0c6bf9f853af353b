# A register at iem-ic, backed up every night at lvrtc. A failure of one operator as a whole leaves the other's copy.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

# Where the operators are comes from VDAM_DIRECTORY, credentials from VDAM_LVRTC_CLIENT_ID and the like.
provider "vdam" {
  deployment_id = "backup"

  operators = {
    iem-ic = { project = "registry" }
    lvrtc  = { project = "registry" }
  }
}

# Made once with `age-keygen`, and kept where it outlives both operators: whoever loses it loses the backups.
variable "backup_key" {
  description = "The line of `age-keygen` that begins with AGE-SECRET-KEY-1."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "vdam_storage_volume" "register" {
  operator = "iem-ic"
  name     = "register"
  size_gib = 64
}

resource "vdam_backup_vault" "register" {
  operator       = "lvrtc"
  name           = "register"
  immutability   = { mode = "compliance", days = 14 }
  retention_days = 35
}

resource "vdam_backup_plan" "register" {
  operator = "iem-ic"
  name     = "register"
  sources  = [vdam_storage_volume.register.id]
  vault_id = vdam_backup_vault.register.id

  schedule  = "0 1 * * *"
  rpo       = "26h"
  retention = "720h"

  encryption_key_wo         = var.backup_key
  encryption_key_wo_version = 1
}

# The first one is not left to the night.
resource "vdam_backup" "first" {
  plan_id = vdam_backup_plan.register.id
  name    = "first"
}

# A warning in every plan as long as something is not as it should be, or an operator does not tell.
check "everything_is_backed_up" {
  data "vdam_backup_coverage" "all" {
    depends_on = [vdam_backup.first]
  }

  assert {
    condition     = length(data.vdam_backup_coverage.all.unprotected) == 0
    error_message = "No plan backs up at another operator: ${join(", ", data.vdam_backup_coverage.all.unprotected)}"
  }

  assert {
    condition     = length(data.vdam_backup_coverage.all.stale) == 0
    error_message = "The backup is missing or too old: ${join(", ", data.vdam_backup_coverage.all.stale)}"
  }

  assert {
    condition     = length(data.vdam_backup_coverage.all.cycles) == 0
    error_message = "Operators protect each other within one failure domain: ${jsonencode(data.vdam_backup_coverage.all.cycles)}"
  }
}
