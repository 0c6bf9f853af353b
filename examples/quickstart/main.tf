# A register in two tiers at two operators: the application and its database at lvrtc, a standby database at iem-ic.
# `make demo` applies this to a sandbox on your own machine.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

# Where the operators are comes from VDAM_DIRECTORY, credentials from VDAM_LVRTC_CLIENT_ID and the like.
provider "vdam" {
  default_operator = "lvrtc"
  deployment_id    = "quickstart"
  default_labels   = { agency = "Paraugu reģistrs", system = "register" }

  operators = {
    lvrtc  = { project = "registry" }
    iem-ic = { project = "registry" }
  }
}

data "vdam_image" "debian" {
  for_each   = toset(["lvrtc", "iem-ic"])
  operator   = each.key
  os_family  = "debian"
  os_version = "13"
}

# At lvrtc, the default operator.

resource "vdam_network" "register" {
  name = "register"
  cidr = "10.20.0.0/24"
}

resource "vdam_security_group" "web" {
  name = "web"
  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443, description = "everyone" },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_security_group" "database" {
  name = "database"
  rules = [
    {
      direction                = "ingress", protocol = "tcp", port_min = 5432, port_max = 5432
      remote_security_group_id = vdam_security_group.web.id
    },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_virtual_machine" "web" {
  name       = "web-1"
  vcpus      = 2
  memory_mib = 4096
  image      = data.vdam_image.debian["lvrtc"].id
  boot_disk  = { size_gib = 20, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.register.id, security_group_ids = [vdam_security_group.web.id] },
  ]
}

resource "vdam_virtual_machine" "database" {
  name       = "database-1"
  vcpus      = 4
  memory_mib = 16384
  image      = data.vdam_image.debian["lvrtc"].id
  boot_disk  = { size_gib = 20, on_destroy = "delete" }
  network_interfaces = [{
    network_id         = vdam_network.register.id
    ip_address         = "10.20.0.10"
    security_group_ids = [vdam_security_group.database.id]
  }]
}

resource "vdam_storage_volume" "database" {
  name     = "database-data"
  size_gib = 100
  class    = "fast"
}

resource "vdam_volume_attachment" "database" {
  volume_id          = vdam_storage_volume.database.id
  virtual_machine_id = vdam_virtual_machine.database.id
}

# At iem-ic, in case lvrtc fails.

resource "vdam_network" "standby" {
  operator = "iem-ic"
  name     = "standby"
  cidr     = "10.21.0.0/24"
}

resource "vdam_security_group" "standby" {
  operator = "iem-ic"
  name     = "standby"
  rules = [
    {
      direction   = "ingress", protocol = "tcp", port_min = 5432, port_max = 5432
      remote_cidr = vdam_network.register.cidr, description = "replication"
    },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_virtual_machine" "standby" {
  operator   = "iem-ic"
  name       = "database-2"
  vcpus      = 4
  memory_mib = 16384
  image      = data.vdam_image.debian["iem-ic"].id
  boot_disk  = { size_gib = 16, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.standby.id, security_group_ids = [vdam_security_group.standby.id] },
  ]
}

resource "vdam_storage_volume" "standby" {
  operator = "iem-ic"
  name     = "standby-data"
  size_gib = 104
}

resource "vdam_volume_attachment" "standby" {
  volume_id          = vdam_storage_volume.standby.id
  virtual_machine_id = vdam_virtual_machine.standby.id
}

output "web_address" {
  description = "Address of the application."
  value       = vdam_virtual_machine.web.addresses[0]
}
