data "vdam_volume_attachments" "all" {
  operator = "iem-ic"
}

output "devices" {
  value = { for a in data.vdam_volume_attachments.all.volume_attachments : a.volume_id => a.device }
}
