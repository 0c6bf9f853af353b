data "vdam_kubernetes_versions" "lvrtc" {
  operator = "lvrtc"
}

output "default" {
  value = data.vdam_kubernetes_versions.lvrtc.default_version
}
