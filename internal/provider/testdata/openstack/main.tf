provider "vdam" {
  default_operator = "lnb"
  deployment_id    = "acctest"
  default_labels   = { suite = "acctest" }
  operators        = { lnb = { cloud = "{{.cloud}}", clouds_file = "{{.file}}" } }
}

data "vdam_image" "linux" {
  os_family = "testbed"
}

resource "vdam_network" "app" {
  name        = "{{.name}}-net"
  cidr        = "10.77.0.0/24"
  dns_servers = ["192.0.2.53"]
}

resource "vdam_security_group" "web" {
  name = "{{.name}}-web"
  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443 },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_storage_volume" "data" {
  name                = "{{.name}}-data"
  size_gib            = {{.volume_gib}}
  deletion_protection = false
}

resource "vdam_virtual_machine" "web" {
  name        = "{{.name}}-{{.machine}}"
  description = "Reģistra tīmekļa serveris\nŠeit ir vēl viena rinda."
  labels      = { zone = "Rīga" }
  vcpus       = 1
  memory_mib  = {{.memory_mib}}
  image       = data.vdam_image.linux.id
  boot_disk   = { size_gib = {{.boot_gib}}, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.app.id, security_group_ids = [vdam_security_group.web.id] },
    {{.second_interface}}
  ]
  ssh_authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEn7t9tk2w7vRw1Fyz0ZJcJrkQ1yvWc0bNf3n1pGq2aT test"]
  power_state         = "{{.power_state}}"
}

resource "vdam_volume_attachment" "data" {
  volume_id          = vdam_storage_volume.data.id
  virtual_machine_id = vdam_virtual_machine.web.id
}
