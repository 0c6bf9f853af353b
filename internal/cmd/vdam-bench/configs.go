package main

// secretsConfig has every kind of secret. What Terraform itself would write into a plan is handed over as ephemeral.
const secretsConfig = `variable "client_secret" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "proxy_url" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "directory" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "user_data_wo" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "backup_key" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "user_data" {
  type      = string
  sensitive = true
}

provider "vdam" {
  directory        = var.directory
  default_operator = "lvrtc"
  operators = {
    lvrtc  = { project = "registry", client_id = "sandbox", client_secret = var.client_secret, proxy_url = var.proxy_url }
    iem-ic = { project = "registry", token = var.token, proxy_url = var.proxy_url }
  }
}

resource "vdam_virtual_machine" "kept" {
  name       = "kept-%[1]s"
  vcpus      = 2
  memory_mib = 4096
  image      = "lvrtc/debian-13-20261102"
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
  user_data  = var.user_data
}

resource "vdam_virtual_machine" "passing" {
  name                 = "passing-%[1]s"
  vcpus                = 2
  memory_mib           = 4096
  image                = "lvrtc/debian-13-20261102"
  boot_disk            = { size_gib = 10, on_destroy = "delete" }
  user_data_wo         = var.user_data_wo
  user_data_wo_version = 1
}

resource "vdam_storage_volume" "other" {
  operator = "iem-ic"
  name     = "other-%[1]s"
  size_gib = 104
}

resource "vdam_backup_vault" "other" {
  operator       = "iem-ic"
  name           = "other-%[1]s"
  immutability   = { mode = "governance", days = 1 }
  retention_days = 8
}

resource "vdam_backup_plan" "passing" {
  name                      = "passing-%[1]s"
  sources                   = [vdam_virtual_machine.passing.id]
  vault_id                  = vdam_backup_vault.other.id
  retention                 = "24h"
  encryption_key_wo         = var.backup_key
  encryption_key_wo_version = 1
}

resource "vdam_backup" "passing" {
  plan_id = vdam_backup_plan.passing.id
  name    = "passing-%[1]s"
}

resource "vdam_storage_volume" "restored" {
  operator     = "iem-ic"
  name         = "restored-%[1]s"
  size_gib     = 16
  restore_from = {
    vault_id          = vdam_backup_vault.other.id
    encryption_key_wo = var.backup_key
    recovery_point_id = vdam_backup.passing.recovery_points[0].id
  }
}
`

// crashConfig declares 50 resources of all kinds.
const crashConfig = `resource "vdam_network" "n" {
  name = "n"
  cidr = "10.0.0.0/16"
}

resource "vdam_security_group" "g" {
  name  = "g"
  rules = [{ direction = "egress", protocol = "any" }]
}

resource "vdam_storage_volume" "v" {
  count    = 16
  name     = "v-${count.index}"
  size_gib = 10
}

resource "vdam_virtual_machine" "m" {
  count      = 16
  name       = "m-${count.index}"
  vcpus      = 2
  memory_mib = 4096
  image      = "lvrtc/debian-13-20261102"
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.n.id, security_group_ids = [vdam_security_group.g.id] },
  ]
}

resource "vdam_volume_attachment" "a" {
  count              = 16
  volume_id          = vdam_storage_volume.v[count.index].id
  virtual_machine_id = vdam_virtual_machine.m[count.index].id
}
`
