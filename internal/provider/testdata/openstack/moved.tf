terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

provider "vdam" {
  default_operator = "lnb"
  operators        = { lnb = { cloud = "{{.cloud}}", clouds_file = "{{.file}}" } }
}

data "vdam_image" "linux" {
  os_family = "testbed"
}

resource "vdam_network" "app" {
  name = "{{.name}}-net"
  cidr = "10.20.0.0/24"
}

resource "vdam_security_group" "web" {
  name        = "{{.name}}-web"
  description = "HTTPS from everywhere"
  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443, remote_cidr = "0.0.0.0/0" },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_storage_volume" "data" {
  count               = 2
  name                = "{{.name}}-data-${count.index}"
  size_gib            = 1
  deletion_protection = false
}

resource "vdam_virtual_machine" "db" {
  name       = "{{.name}}-db"
  labels     = { tier = "db" }
  vcpus      = 1
  memory_mib = 512
  image      = data.vdam_image.linux.id
  boot_disk  = { size_gib = 1, on_destroy = "retain" }
  network_interfaces = [{
    network_id = vdam_network.app.id, security_group_ids = [vdam_security_group.web.id]
  }]
}

resource "vdam_volume_attachment" "db" {
  virtual_machine_id = vdam_virtual_machine.db.id
  volume_id          = vdam_storage_volume.data[0].id
}
