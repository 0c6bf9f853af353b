list "vdam_container_cluster" "all" {
  provider = vdam

  config {
    operator = "lvrtc"
    labels   = { system = "registry" }
  }
}
