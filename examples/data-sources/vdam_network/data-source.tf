# By name, or by id = "<operator>/<id>".
data "vdam_network" "app" {
  operator = "iem-ic"
  name     = "app"
}

output "cidr" {
  value = data.vdam_network.app.cidr
}
