resource "vdam_service_ticket_message" "addresses" {
  ticket_id = vdam_service_ticket.capacity.id
  body      = "The machines have the addresses ${join(", ", local.addresses)}."
}
