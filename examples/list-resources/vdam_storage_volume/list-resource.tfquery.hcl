list "vdam_storage_volume" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "cadastre" }
  }
}
