list "vdam_backup_vault" "all" {
  provider = vdam

  config {
    operator = "lvrtc"
    labels   = { system = "registry" }
  }
}
