data "vdam_storage_volumes" "all" {
  operator = "iem-ic"
  labels   = { system = "cadastre" }
}

output "stored_gib" {
  value = sum(concat([0], data.vdam_storage_volumes.all.storage_volumes[*].size_gib))
}
