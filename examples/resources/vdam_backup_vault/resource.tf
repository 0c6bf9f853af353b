# At lvrtc, for what runs at iem-ic: nobody can delete what was written within two weeks.
resource "vdam_backup_vault" "register" {
  operator       = "lvrtc"
  name           = "register"
  immutability   = { mode = "compliance", days = 14 }
  retention_days = 35
  quota_gib      = 2048
  beneficiary    = "iem-ic"
}
