# The vault belongs to another configuration.
data "vdam_backup_vault" "register" {
  operator = "lvrtc"
  name     = "register"
}
