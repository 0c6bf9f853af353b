# Machines that are made only when two desks have said yes: the operator, to a change of capacity, and VARAM, which has a
# month to decide. A refusal of either stops the apply with the desk's words. No decision leaves the tickets as they are:
# the next apply goes on waiting.

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "machines" {
  description = "Machines to be approved, by name."
  type        = map(object({ vcpus = number, memory_mib = number }))
  default = {
    app-1 = { vcpus = 2, memory_mib = 4096 }
    app-2 = { vcpus = 2, memory_mib = 4096 }
  }
}

variable "patience" {
  description = "How long one apply waits for the decisions."
  type        = string
  default     = "8h"
}

# Credentials come from VDAM_LVRTC_CLIENT_ID, VDAM_DESK_VARAM_TOKEN and the like.
provider "vdam" {
  default_operator = "lvrtc"
  deployment_id    = "approval-gate"

  operators = {
    lvrtc = { project = "registry", service_desk = "lvrtc" }
  }
  service_desks = {
    lvrtc = { operator = "lvrtc" } # The operator's own desk, with the operator's credentials.
    varam = {}                     # Its kind and endpoint come from VDAM_DESK_VARAM_KIND and VDAM_DESK_VARAM_ENDPOINT.
  }
}

locals {
  order = join("\n", [for name, m in var.machines : "${name}: ${m.vcpus} vCPU, ${m.memory_mib} MiB"])
}

resource "vdam_service_ticket" "capacity" {
  operator    = "lvrtc"
  type        = "change"
  subject     = "Register: ${length(var.machines)} more machines"
  description = local.order
  severity    = "minor"
  keepers     = { order = sha256(local.order) } # Another order is another request, which the first approval is not for.
}

# VARAM approves within a month of the submission: due_at is that day, overdue tells when it has passed.
resource "vdam_service_ticket" "varam" {
  desk        = "varam"
  type        = "change"
  subject     = "Approval: ${length(var.machines)} more machines for the register"
  description = local.order
  severity    = "minor"
  due_after   = "P1M"
  keepers     = { order = sha256(local.order) }
}

resource "vdam_service_ticket_wait" "approved" {
  for_each = {
    operator = vdam_service_ticket.capacity.id
    varam    = vdam_service_ticket.varam.id
  }
  ticket_id = each.value
  for       = "approved"
  timeouts  = { create = var.patience }
}

data "vdam_image" "debian" {
  os_family  = "debian"
  os_version = "13"
}

resource "vdam_virtual_machine" "app" {
  for_each   = var.machines
  depends_on = [vdam_service_ticket_wait.approved]

  name       = each.key
  vcpus      = each.value.vcpus
  memory_mib = each.value.memory_mib
  image      = data.vdam_image.debian.id
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
}

output "approvals" {
  description = "Where each approval stands, whose turn it is, and until when."
  value = {
    for name, t in { operator = vdam_service_ticket.capacity, varam = vdam_service_ticket.varam } :
    name => { number = t.number, approval = t.approval, awaiting = t.awaiting, due_at = t.due_at, overdue = t.overdue }
  }
}
