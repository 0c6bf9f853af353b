terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "endpoints" { type = map(string) }
variable "project" {}
variable "client_id" {}
variable "client_secret" {}

provider "vdam" {
  default_operator = "iem-ic"
  operators = { for name, endpoint in var.endpoints : name => {
    endpoint = endpoint, project = var.project, client_id = var.client_id, client_secret = var.client_secret
  } }
}

resource "vdam_network" "app" {
  name = "app"
  cidr = "10.20.0.0/24"
}

resource "vdam_security_group" "web" {
  name        = "web"
  description = "HTTPS from everywhere"
  rules = [{
    direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443, remote_cidr = "0.0.0.0/0"
  }]
}

resource "vdam_storage_volume" "data" {
  count               = 2
  name                = "data-${count.index}"
  size_gib            = 20
  deletion_protection = false
}

resource "vdam_virtual_machine" "db" {
  name       = "db"
  labels     = { tier = "db" }
  vcpus      = 2
  memory_mib = 4096
  image      = "lvrtc/debian-13-20260601"
  boot_disk  = { size_gib = 20, on_destroy = "delete" }
  network_interfaces = [{
    network_id = vdam_network.app.id, security_group_ids = [vdam_security_group.web.id]
  }]
}

resource "vdam_volume_attachment" "db" {
  virtual_machine_id = vdam_virtual_machine.db.id
  volume_id          = vdam_storage_volume.data[0].id
}
