list "vdam_backup" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "registry" }
  }
}
