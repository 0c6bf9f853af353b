data "vdam_service_desk" "varam" {
  name = "varam"
}

output "queues" {
  value = data.vdam_service_desk.varam.queues[*].name
}
