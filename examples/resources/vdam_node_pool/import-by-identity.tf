import {
  to = vdam_node_pool.reports
  identity = {
    operator = "lvrtc"
    id       = "pool-7c1f0c2e-4b8e-4c52"
  }
}
