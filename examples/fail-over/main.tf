# A register that runs at one of two operators, and is backed up at the other one. `active` says at which:
#
#     terraform apply -var active=recovery
#
# makes the volume at lvrtc anew from the newest recovery point of the one at iem-ic, and a machine that uses it. With
# active=primary the register goes back, with what has become of it at lvrtc. What was written after the newest backup
# stays behind. As long as both operators are well, back up first what is to move:
#
#     terraform apply -replace=vdam_backup.primary
#
# The guide "Mutual backup" tells what to do when iem-ic does not answer at all, or has lost its data.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

# Where the operators are comes from VDAM_DIRECTORY, credentials from VDAM_LVRTC_CLIENT_ID and the like.
provider "vdam" {
  deployment_id = "fail-over"

  operators = {
    iem-ic = { project = "registry" }
    lvrtc  = { project = "registry" }
  }
}

variable "active" {
  description = "Where the register runs: primary, which is iem-ic, or recovery, which is lvrtc."
  type        = string
  default     = "primary"

  validation {
    condition     = contains(["primary", "recovery"], var.active)
    error_message = "Set active to primary or recovery."
  }
}

variable "primary_lost" {
  description = "Whether iem-ic came back without its volume: then the one at lvrtc stays as it is, until the register goes back."
  type        = bool
  default     = false
}

# Made once with `age-keygen`, and kept where it outlives both operators: whoever loses it loses the backups.
variable "backup_key" {
  description = "The line of `age-keygen` that begins with AGE-SECRET-KEY-1."
  type        = string
  sensitive   = true
  ephemeral   = true
}

locals {
  at_primary  = var.active == "primary" ? 1 : 0
  at_recovery = var.active == "recovery" ? 1 : 0
}

# What each of the operators keeps of the other one.

resource "vdam_backup_vault" "at_recovery" {
  operator       = "lvrtc"
  name           = "register"
  immutability   = { mode = "governance", days = 7 }
  retention_days = 31
}

resource "vdam_backup_vault" "at_primary" {
  operator       = "iem-ic"
  name           = "register"
  immutability   = { mode = "governance", days = 7 }
  retention_days = 31
}

# The volumes. The one that becomes active is made anew, so it cannot be protected from deletion before; what is in the
# vaults is. Nothing of iem-ic changes when the register leaves it, so that it need not answer: the volume there could not
# be made to give way then, and is not protected at any time.

resource "vdam_storage_volume" "primary" {
  operator            = "iem-ic"
  name                = "register"
  size_gib            = 8
  deletion_protection = false

  restore_from = length(local.to_bring_back) == 0 ? null : {
    vault_id          = vdam_backup_vault.at_primary.id
    encryption_key_wo = var.backup_key
    source_id         = local.to_bring_back[0]
  }
}

resource "vdam_storage_volume" "recovery" {
  operator            = "lvrtc"
  name                = "register"
  labels              = { role = "register-recovery" }
  size_gib            = 8
  deletion_protection = var.active == "recovery"

  restore_from = var.active == "primary" || var.primary_lost ? null : {
    vault_id          = vdam_backup_vault.at_recovery.id
    encryption_key_wo = var.backup_key
    source_id         = vdam_storage_volume.primary.id
  }
}

# Whether the register has been at lvrtc is looked up there: the two volumes cannot refer to each other.
data "vdam_storage_volumes" "recovery" {
  count    = local.at_primary
  operator = "lvrtc"
  labels   = { role = "register-recovery" }
}

locals {
  to_bring_back = flatten([
    for d in data.vdam_storage_volumes.recovery : [for v in d.storage_volumes : v.id if v.restored != null]
  ])
}

# The backups, one by one when the volume is new, then by the hour.

resource "vdam_backup_plan" "primary" {
  operator          = "iem-ic"
  name              = "register"
  sources           = [vdam_storage_volume.primary.id]
  vault_id          = vdam_backup_vault.at_recovery.id
  schedule          = "0 * * * *"
  rpo               = "90m"
  retention         = "720h"
  encryption_key_wo = var.backup_key
}

resource "vdam_backup_plan" "recovery" {
  operator          = "lvrtc"
  name              = "register"
  sources           = [vdam_storage_volume.recovery.id]
  vault_id          = vdam_backup_vault.at_primary.id
  schedule          = "0 * * * *"
  rpo               = "90m"
  retention         = "720h"
  paused            = var.active != "recovery"
  encryption_key_wo = var.backup_key
}

resource "vdam_backup" "primary" {
  plan_id = vdam_backup_plan.primary.id
  name    = "register-now"
  keepers = { volume = vdam_storage_volume.primary.id }
}

resource "vdam_backup" "recovery" {
  count   = local.at_recovery
  plan_id = vdam_backup_plan.recovery.id
  name    = "register-now"
  keepers = { volume = vdam_storage_volume.recovery.id }
}

# The machines, of which there is one at a time.

data "vdam_image" "debian" {
  operator   = var.active == "primary" ? "iem-ic" : "lvrtc"
  os_family  = "debian"
  os_version = "13"
}

resource "vdam_virtual_machine" "primary" {
  count      = local.at_primary
  operator   = "iem-ic"
  name       = "register"
  vcpus      = 2
  memory_mib = 4096
  image      = data.vdam_image.debian.id
  boot_disk  = { size_gib = 16, on_destroy = "delete" }
  zone       = vdam_storage_volume.primary.zone
}

resource "vdam_volume_attachment" "primary" {
  count              = local.at_primary
  volume_id          = vdam_storage_volume.primary.id
  virtual_machine_id = vdam_virtual_machine.primary[0].id
}

resource "vdam_virtual_machine" "recovery" {
  count      = local.at_recovery
  operator   = "lvrtc"
  name       = "register"
  vcpus      = 2
  memory_mib = 4096
  image      = data.vdam_image.debian.id
  boot_disk  = { size_gib = 16, on_destroy = "delete" }
  zone       = vdam_storage_volume.recovery.zone
}

resource "vdam_volume_attachment" "recovery" {
  count              = local.at_recovery
  volume_id          = vdam_storage_volume.recovery.id
  virtual_machine_id = vdam_virtual_machine.recovery[0].id
}

output "register" {
  description = "Where the register runs, and from when its data are if they were restored."
  value = {
    machine_id    = one(concat(vdam_virtual_machine.primary[*].id, vdam_virtual_machine.recovery[*].id))
    restored_from = try((var.active == "primary" ? vdam_storage_volume.primary : vdam_storage_volume.recovery).restored.taken_at, null)
  }
}
