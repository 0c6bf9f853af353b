data "vdam_container_cluster_backup" "before_release" {
  operator = "iem-ic"
  name     = "before-release"
}
