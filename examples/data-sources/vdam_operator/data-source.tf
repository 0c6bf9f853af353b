data "vdam_operator" "iem_ic" {
  name = "iem-ic"
}

# One machine in each zone of the operator.
output "zones" {
  value = data.vdam_operator.iem_ic.zones[*].name
}
