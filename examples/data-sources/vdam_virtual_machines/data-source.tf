data "vdam_virtual_machines" "all" {
  operator = "iem-ic"
  labels   = { system = "cadastre" }
}

output "addresses" {
  value = { for m in data.vdam_virtual_machines.all.virtual_machines : m.name => m.addresses }
}
