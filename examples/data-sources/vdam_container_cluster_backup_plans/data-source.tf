data "vdam_container_cluster_backup_plans" "all" {
  operator = "iem-ic"
}

output "failing" {
  value = {
    for p in data.vdam_container_cluster_backup_plans.all.container_cluster_backup_plans : p.name => p.last_error if p.last_error != null
  }
}
