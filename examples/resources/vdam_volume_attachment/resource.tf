resource "vdam_storage_volume" "data" {
  operator = "iem-ic"
  name     = "db-data"
  size_gib = 512
  zone     = "a"
}

data "vdam_virtual_machine" "db" {
  operator = "iem-ic"
  name     = "db-1"
}

# The operator is that of the two, and they have to be in one zone.
resource "vdam_volume_attachment" "data" {
  volume_id          = vdam_storage_volume.data.id
  virtual_machine_id = data.vdam_virtual_machine.db.id
}

output "device" {
  value = vdam_volume_attachment.data.device
}
