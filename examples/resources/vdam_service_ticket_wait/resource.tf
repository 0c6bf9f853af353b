resource "vdam_service_ticket_wait" "approved" {
  ticket_id = vdam_service_ticket.capacity.id
  for       = "approved"
  timeouts  = { create = "72h" }
}

# Made only when the ticket is approved; a refusal stops the apply with the desk's words.
resource "vdam_storage_volume" "data" {
  depends_on = [vdam_service_ticket_wait.approved]
  name       = "cadastre-data"
  size_gib   = 2048
}
