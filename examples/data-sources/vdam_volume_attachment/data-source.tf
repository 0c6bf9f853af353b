data "vdam_volume_attachment" "data" {
  id = "iem-ic/7c1f0c2e-4b8e-4c52-9d0e-3f6a2b1c8d57"
}

output "device" {
  value = data.vdam_volume_attachment.data.device
}
