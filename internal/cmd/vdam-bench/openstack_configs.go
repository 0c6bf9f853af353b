package main

import "fmt"

// siteCrashConfig is of all kinds. Its keys make the driver lend Nova a key pair for each machine.
const (
	siteCrashConfig = `resource "vdam_network" "n" {
  name = "${local.prefix}-n"
  cidr = "10.0.0.0/24"
}

resource "vdam_security_group" "g" {
  name  = "${local.prefix}-g"
  rules = [{ direction = "egress", protocol = "any" }]
}

resource "vdam_storage_volume" "v" {
  count               = 4
  name                = "${local.prefix}-v-${count.index}"
  size_gib            = 1
  deletion_protection = false
}

resource "vdam_virtual_machine" "m" {
  count      = 4
  name       = "${local.prefix}-m-${count.index}"
  vcpus      = 1
  memory_mib = 512
  image      = local.image
  boot_disk  = { size_gib = 1, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.n.id, security_group_ids = [vdam_security_group.g.id] },
  ]
  ssh_authorized_keys = ["` + siteKey + `"]
}

resource "vdam_volume_attachment" "a" {
  count              = 2
  volume_id          = vdam_storage_volume.v[count.index].id
  virtual_machine_id = vdam_virtual_machine.m[count.index].id
}
`
	siteCrashResources = 12

	// siteKey is a public key that nobody has the private one of.
	siteKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIElPXpbE2AjoDRJDQfIBY5YdBrxxuKlGqK0+2wBFlvpE bench"
)

// siteInterruptResources are fewer than Terraform has in parallel, as a real cloud takes long for the last of many.
const siteInterruptResources = 5

var siteInterruptConfig = fmt.Sprintf(`resource "vdam_virtual_machine" "m" {
  count      = %d
  name       = "${local.prefix}-m-${count.index}"
  vcpus      = 1
  memory_mib = 512
  image      = local.image
  boot_disk  = { size_gib = 1, on_destroy = "delete" }
}
`, siteInterruptResources)

// siteFleetConfig is a number of machines in one network, and of volumes. Each other machine of a cycle boots from a
// local disk.
const siteFleetConfig = `variable "machines" {
  type = number
}
variable "volumes" {
  type = number
}
variable "classes" {
  type    = list(string)
  default = [null]
}

resource "vdam_network" "n" {
  name = "${local.prefix}-n"
  cidr = "10.0.0.0/16"
}

resource "vdam_security_group" "g" {
  name  = "${local.prefix}-g"
  rules = [{ direction = "egress", protocol = "any" }]
}

resource "vdam_virtual_machine" "m" {
  count      = var.machines
  name       = "${local.prefix}-m-${count.index}"
  vcpus      = 1
  memory_mib = 512
  image      = local.image
  boot_disk  = { size_gib = 1, class = var.classes[count.index % length(var.classes)], on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.n.id, security_group_ids = [vdam_security_group.g.id] },
  ]
  ssh_authorized_keys = ["` + siteKey + `"]
}

resource "vdam_storage_volume" "v" {
  count               = var.volumes
  name                = "${local.prefix}-v-${count.index}"
  size_gib            = 1
  deletion_protection = false
}
`

// siteSecretsConfig has every kind of secret, and two ways to authenticate: each is an operator.
const siteSecretsConfig = `variable "password" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "client_secret" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "proxy_url" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "user_data_wo" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "user_data" {
  type      = string
  sensitive = true
}

provider "vdam" {
  deployment_id    = "%[2]ssecrets"
  default_operator = "user"
  operators = {
    user = {
      kind = "openstack", cloud = %[3]q, clouds_file = %[4]q, password = var.password, proxy_url = var.proxy_url
    }
    app = {
      kind = "openstack", endpoint = %[7]q, client_id = %[6]q, client_secret = var.client_secret, proxy_url = var.proxy_url
    }
  }
}

resource "vdam_virtual_machine" "kept" {
  name                = "%[2]skept-%[1]s"
  vcpus               = 1
  memory_mib          = 512
  image               = "user/%[5]s"
  boot_disk           = { size_gib = 1, on_destroy = "delete" }
  user_data           = var.user_data
  ssh_authorized_keys = ["` + siteKey + `"]
}

resource "vdam_virtual_machine" "passing" {
  operator             = "app"
  name                 = "%[2]spassing-%[1]s"
  vcpus                = 1
  memory_mib           = 512
  image                = "app/%[5]s"
  boot_disk            = { size_gib = 1, on_destroy = "delete" }
  user_data_wo         = var.user_data_wo
  user_data_wo_version = 1
  ssh_authorized_keys  = ["` + siteKey + `"]
}
`
