list "vdam_container_cluster_backup_plan" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "registry" }
  }
}
