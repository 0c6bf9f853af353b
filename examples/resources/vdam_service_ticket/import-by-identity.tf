import {
  to = vdam_service_ticket.capacity
  identity = {
    desk = "varam"
    id   = "4711"
  }
}
