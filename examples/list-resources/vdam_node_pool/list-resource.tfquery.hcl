list "vdam_node_pool" "all" {
  provider = vdam

  config {
    operator = "lvrtc"
    labels   = { system = "registry" }
  }
}
