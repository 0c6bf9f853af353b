action "vdam_service_ticket_comment" "deployed" {
  config {
    ticket_id = vdam_service_ticket.capacity.id
    body      = "Deployed."
  }
}
