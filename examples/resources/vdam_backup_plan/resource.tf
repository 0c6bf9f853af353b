variable "backup_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

# The machine with all its volumes, every night at one (UTC), into a vault at another operator.
resource "vdam_backup_plan" "register" {
  operator = "iem-ic"
  name     = "register"
  sources  = [vdam_virtual_machine.register.id]
  vault_id = vdam_backup_vault.register.id

  schedule  = "0 1 * * *"
  rpo       = "26h"
  retention = "720h"

  encryption_key_wo         = var.backup_key
  encryption_key_wo_version = 1
}
