# Two operators that protect each other: what runs at one is backed up at the other, in both directions.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

locals {
  other = { (var.first.operator) = var.second.operator, (var.second.operator) = var.first.operator }
  sides = { for side in [var.first, var.second] : side.operator => side }
}

# By the operator whose backups it keeps, at the other one.
resource "vdam_backup_vault" "of" {
  for_each = local.sides

  operator            = local.other[each.key]
  name                = "${var.name}-of-${each.key}"
  immutability        = { mode = var.immutability_mode, days = var.immutability_days }
  retention_days      = var.retention_days + 1
  deletion_protection = var.deletion_protection
}

resource "vdam_backup_plan" "of" {
  for_each = local.sides

  operator = each.key
  name     = var.name
  sources  = each.value.sources
  vault_id = vdam_backup_vault.of[each.key].id

  schedule  = each.value.schedule
  rpo       = var.rpo
  retention = "${var.retention_days * 24}h"

  encryption_key_wo         = var.encryption_key
  encryption_key_wo_version = var.encryption_key_version
}

# The first one is not left to the night, and neither is the first with another key: a drill restores what the key opens.
resource "vdam_backup" "first" {
  for_each = local.sides

  plan_id = vdam_backup_plan.of[each.key].id
  name    = "${var.name}-first"
  keepers = { key = tostring(var.encryption_key_version) }
}

resource "vdam_restore_drill" "of" {
  for_each   = var.drill == null ? {} : local.sides
  depends_on = [vdam_backup.first]

  plan_id           = vdam_backup_plan.of[each.key].id
  encryption_key_wo = var.encryption_key
  keepers           = { drill = var.drill }
}
