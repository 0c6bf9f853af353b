resource "vdam_storage_volume" "data" {
  operator = "iem-ic"
  name     = "db-data"
  size_gib = 512 # grows in place; shrinking is refused at plan
  class    = "nvme"
  zone     = "a"

  # The default. To destroy the volume, set it to false and apply first.
  deletion_protection = true

  timeouts = {
    create = "30m"
  }
}
