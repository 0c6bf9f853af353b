data "vdam_node_pool" "reports" {
  operator = "lvrtc"
  name     = "reports"
}
