list "vdam_container_cluster_backup" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "registry" }
  }
}
