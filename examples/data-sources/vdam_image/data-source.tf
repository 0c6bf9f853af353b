# The newest Debian 13 that the default operator has.
data "vdam_image" "debian" {
  os_family  = "debian"
  os_version = "13"
}

output "smallest_boot_disk" {
  value = data.vdam_image.debian.min_disk_gib
}
