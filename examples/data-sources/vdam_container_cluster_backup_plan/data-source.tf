data "vdam_container_cluster_backup_plan" "register" {
  operator = "iem-ic"
  name     = "register"
}

output "newest" {
  value = data.vdam_container_cluster_backup_plan.register.last_success_at
}
