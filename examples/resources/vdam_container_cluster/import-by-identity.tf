import {
  to = vdam_container_cluster.registry
  identity = {
    operator = "lvrtc"
    id       = "cluster-7c1f0c2e-4b8e-4c52"
  }
}
