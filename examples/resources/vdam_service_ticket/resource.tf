resource "vdam_service_ticket" "capacity" {
  operator    = "lvrtc" # Whose service_desk it goes to.
  type        = "change"
  subject     = "Cadastre: 12 machines from 1 March"
  description = file("capacity.txt")
  severity    = "minor"

  affected_resources      = [vdam_virtual_machine.db.id]
  requested_resolution_at = "2027-02-28T22:00:00Z"
}

# VARAM decides within a month; another year's request is another ticket.
resource "vdam_service_ticket" "approval" {
  desk        = "varam"
  type        = "change"
  subject     = "Approval of the cadastre's capacity"
  description = "The action plan is attached."
  severity    = "minor"
  due_after   = "P1M"
  keepers     = { year = "2027" }
  on_destroy  = "comment"
}
