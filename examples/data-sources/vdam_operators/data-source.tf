data "vdam_operators" "all" {}

output "zones" {
  value = { for o in data.vdam_operators.all.operators : o.name => o.zones[*].name }
}
