# By name, or by id = "<operator>/<id>".
data "vdam_storage_volume" "data" {
  operator = "iem-ic"
  name     = "db-data"
}

output "size" {
  value = data.vdam_storage_volume.data.size_gib
}
