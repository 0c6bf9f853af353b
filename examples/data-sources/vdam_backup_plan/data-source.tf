data "vdam_backup_plan" "register" {
  operator = "iem-ic"
  name     = "register"
}

output "newest" {
  value = { for v in data.vdam_backup_plan.register.protected : v.name => try(v.newest.taken_at, null) }
}
