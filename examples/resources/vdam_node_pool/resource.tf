# The cluster belongs to another configuration.
data "vdam_container_cluster" "registry" {
  operator = "lvrtc"
  name     = "registry"
}

resource "vdam_node_pool" "reports" {
  cluster_id  = data.vdam_container_cluster.registry.id
  name        = "reports"
  vcpus       = 4
  memory_mib  = 16384
  autoscaling = { min = 1, max = 4 }
  taints      = [{ key = "example.org/team", value = "reports", effect = "NoSchedule" }]
}
