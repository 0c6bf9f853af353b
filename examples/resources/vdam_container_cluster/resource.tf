resource "vdam_container_cluster" "registry" {
  operator           = "lvrtc"
  name               = "registry"
  kubernetes_version = "1.34" # the operator chooses and keeps the patch
  high_availability  = "zone" # can be raised in place, and never lowered
  network_id         = vdam_network.nodes.id
  pod_cidr           = "10.42.0.0/16"
  service_cidr       = "10.43.0.0/16"
  api_allowed_cidrs  = ["10.0.0.0/8"]

  node_pools = {
    std = {
      vcpus      = 4
      memory_mib = 16384
      size       = 3
    }
    batch = {
      vcpus       = 8
      memory_mib  = 32768
      zone        = "riga-2"
      autoscaling = { min = 0, max = 6 }
      node_labels = { "example.org/use" = "batch" }
      taints      = [{ key = "example.org/dedicated", value = "batch", effect = "NoSchedule" }]
    }
  }

  # The default. To destroy the cluster, set it to false and apply first.
  deletion_protection = true
}

resource "vdam_network" "nodes" {
  operator = "lvrtc"
  name     = "registry-nodes"
  cidr     = "10.20.0.0/24"
}
