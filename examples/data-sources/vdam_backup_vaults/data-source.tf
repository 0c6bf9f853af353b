data "vdam_backup_vaults" "all" {
  operator = "lvrtc"
}

output "used" {
  value = { for v in data.vdam_backup_vaults.all.backup_vaults : v.name => v.used_bytes }
}
