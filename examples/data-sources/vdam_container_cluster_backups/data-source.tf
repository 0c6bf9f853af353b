data "vdam_container_cluster_backups" "all" {
  operator = "iem-ic"
}
