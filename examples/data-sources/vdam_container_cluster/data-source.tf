data "vdam_container_cluster" "registry" {
  operator = "lvrtc"
  name     = "registry"
}

output "runs" {
  value = data.vdam_container_cluster.registry.running_version
}
