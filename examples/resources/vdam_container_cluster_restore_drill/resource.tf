# Every month, the newest backup is restored in a cluster of the vault's operator, and removed again.
resource "vdam_container_cluster_restore_drill" "register" {
  plan_id    = vdam_container_cluster_backup_plan.register.id
  cluster_id = vdam_container_cluster.drills.id

  min_items              = 20
  storage_class_mapping  = { fast = "standard" }
  image_registry_mapping = { "registry.iem-ic.example" = "registry.lvrtc.example" }
  keepers                = { month = formatdate("YYYY-MM", plantimestamp()) }
}

output "recovery_time_seconds" {
  value = vdam_container_cluster_restore_drill.register.rto_seconds
}
