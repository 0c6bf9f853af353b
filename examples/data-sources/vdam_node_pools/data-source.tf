data "vdam_node_pools" "all" {
  operator = "lvrtc"
}

output "nodes" {
  value = { for p in data.vdam_node_pools.all.node_pools : p.name => p.current_size }
}
