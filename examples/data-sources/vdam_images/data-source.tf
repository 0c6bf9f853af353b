data "vdam_images" "debian" {
  operator  = "iem-ic"
  os_family = "debian"
}

output "images" {
  value = { for i in data.vdam_images.debian.images : i.id => i.title }
}
