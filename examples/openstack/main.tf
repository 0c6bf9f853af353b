# The quickstart's register at a cloud that runs OpenStack. The resources are the same; only the operator's entry differs.
#
# Name your cloud's entry of clouds.yaml:  terraform apply -var cloud=lnb-register

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "cloud" {
  description = "Entry of clouds.yaml, in OS_CLIENT_CONFIG_FILE or one of the usual places."
  type        = string
}

variable "os_family" {
  description = "The image's os_distro, as Glance has it."
  type        = string
  default     = "debian"
}

variable "size" {
  description = "A flavor's vCPU and memory; data.vdam_machine_sizes lists them."
  type        = object({ vcpus = number, memory_mib = number })
  default     = { vcpus = 2, memory_mib = 4096 }
}

provider "vdam" {
  default_operator = "lnb"
  deployment_id    = "register"
  default_labels   = { agency = "Paraugu reģistrs", system = "register" }

  operators = {
    lnb = { kind = "openstack", cloud = var.cloud }
  }
}

data "vdam_image" "linux" {
  os_family = var.os_family
}

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

# A Neutron port and a Cinder volume come and go with the machine.
resource "vdam_virtual_machine" "web" {
  name       = "web-1"
  vcpus      = var.size.vcpus
  memory_mib = var.size.memory_mib
  image      = data.vdam_image.linux.id
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.register.id, security_group_ids = [vdam_security_group.web.id] },
  ]
}

resource "vdam_storage_volume" "data" {
  name     = "register-data"
  size_gib = 20
}

resource "vdam_volume_attachment" "data" {
  volume_id          = vdam_storage_volume.data.id
  virtual_machine_id = vdam_virtual_machine.web.id
}

output "web_address" {
  description = "Address of the application."
  value       = vdam_virtual_machine.web.addresses[0]
}
