# Before each release, beside the schedule.
resource "vdam_container_cluster_backup" "before_release" {
  plan_id = vdam_container_cluster_backup_plan.register.id
  name    = "before-release"
  keepers = { release = var.release }
}

variable "release" {
  type = string
}
