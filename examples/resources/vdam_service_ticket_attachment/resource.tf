resource "vdam_service_ticket_attachment" "plan" {
  ticket_id = vdam_service_ticket.approval.id
  filename  = "action-plan.pdf"
  source    = "${path.module}/action-plan.pdf"
}
