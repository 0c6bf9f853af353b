list "vdam_service_ticket" "open" {
  provider = vdam
  config {
    desk = "varam"
    open = true
  }
}
