data "vdam_container_clusters" "all" {
  operator = "lvrtc"
  labels   = { system = "registry" }
}

output "versions" {
  value = { for c in data.vdam_container_clusters.all.container_clusters : c.name => c.running_version }
}
