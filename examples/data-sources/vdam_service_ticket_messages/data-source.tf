data "vdam_service_ticket_messages" "capacity" {
  ticket_id = vdam_service_ticket.capacity.id
}

output "desk_said" {
  value = [for m in data.vdam_service_ticket_messages.capacity.messages : m.body if m.staff]
}
