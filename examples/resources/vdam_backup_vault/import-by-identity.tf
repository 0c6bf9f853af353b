import {
  to = vdam_backup_vault.register
  identity = {
    operator = "lvrtc"
    id       = "vault-7c1f0c2e-4b8e-4c52"
  }
}
