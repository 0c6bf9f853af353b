action "vdam_service_ticket_close" "done" {
  config {
    ticket_id = vdam_service_ticket.capacity.id
    comment   = "All machines run. Thank you."
  }
}
