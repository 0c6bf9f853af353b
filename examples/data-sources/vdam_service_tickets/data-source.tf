# What is open about anything at lvrtc.
data "vdam_service_tickets" "open" {
  affected_resource = "lvrtc/"
  open              = true
}
