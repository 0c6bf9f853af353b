list "vdam_backup_plan" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "registry" }
  }
}
