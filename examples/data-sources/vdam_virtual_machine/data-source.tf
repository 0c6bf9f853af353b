# By name, or by id = "<operator>/<id>".
data "vdam_virtual_machine" "db" {
  operator = "iem-ic"
  name     = "db-1"
}

output "addresses" {
  value = data.vdam_virtual_machine.db.addresses
}
