data "vdam_security_groups" "all" {
  operator = "iem-ic"
  labels   = { system = "cadastre" }
}

output "security_groups" {
  value = data.vdam_security_groups.all.security_groups[*].name
}
