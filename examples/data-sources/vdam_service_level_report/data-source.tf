data "vdam_service_level_report" "march" {
  operator     = "lvrtc"
  period_start = "2027-03-01T00:00:00Z"
  period_end   = "2027-04-01T00:00:00Z"

  targets = {
    critical = { first_response_minutes = 15, resolution_minutes = 240 }
    major    = { first_response_minutes = 60, resolution_minutes = 1440 }
    minor    = { first_response_minutes = 480 }
  }
  planned_maintenance = [
    { start = "2027-03-13T22:00:00Z", end = "2027-03-14T04:00:00Z" },
  ]
}

check "service_level" {
  assert {
    condition     = length(data.vdam_service_level_report.march.breaches) == 0
    error_message = "Missed targets: ${jsonencode(data.vdam_service_level_report.march.breaches)}"
  }
}
