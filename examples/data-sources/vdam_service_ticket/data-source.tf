data "vdam_service_ticket" "approval" {
  id = "varam/4711"
}

output "approved" {
  value = data.vdam_service_ticket.approval.approval == "approved"
}
