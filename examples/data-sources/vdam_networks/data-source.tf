data "vdam_networks" "all" {
  operator = "iem-ic"
  labels   = { system = "cadastre" }
}

output "cidrs" {
  value = { for n in data.vdam_networks.all.networks : n.name => n.cidr }
}
