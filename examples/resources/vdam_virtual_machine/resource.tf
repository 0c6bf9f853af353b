variable "ops_public_key" {
  type        = string
  description = "SSH public key of the people who run the machines."
}

data "vdam_image" "debian" {
  operator   = "iem-ic"
  os_family  = "debian"
  os_version = "13"
}

resource "vdam_network" "db" {
  operator = "iem-ic"
  name     = "db"
  cidr     = "10.21.0.0/24"
}

resource "vdam_security_group" "db" {
  operator = "iem-ic"
  name     = "db"

  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 5432, port_max = 5432, remote_cidr = "10.20.0.0/24" },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_virtual_machine" "db" {
  operator   = "iem-ic"
  name       = "db-1"
  zone       = "a"
  vcpus      = 4     # changed in place
  memory_mib = 16384 # changed in place

  image     = data.vdam_image.debian.id
  boot_disk = { size_gib = 40, class = "nvme", on_destroy = "delete" }

  network_interfaces = [{
    network_id         = vdam_network.db.id
    ip_address         = "10.21.0.10"
    security_group_ids = [vdam_security_group.db.id]
  }]

  ssh_authorized_keys = [var.ops_public_key]

  # Never stored in plan or state; handed over again when the version changes.
  user_data_wo         = <<-EOT
    #cloud-config
    packages: [postgresql]
  EOT
  user_data_wo_version = 1

  deletion_protection = true

  lifecycle {
    # A newer image is for new machines.
    ignore_changes = [image]
  }
}
