# For tools that speak S3 and run within this apply. The key ends with it.
ephemeral "vdam_backup_vault_credentials" "reader" {
  vault_id = vdam_backup_vault.register.id
  role     = "reader"
  ttl      = "2h"
}
