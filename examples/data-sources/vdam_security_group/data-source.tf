# By name, or by id = "<operator>/<id>".
data "vdam_security_group" "web" {
  operator = "iem-ic"
  name     = "web"
}

output "rules" {
  value = data.vdam_security_group.web.rules
}
