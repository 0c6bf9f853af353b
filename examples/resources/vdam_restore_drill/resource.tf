# Every month, what the plan protects is restored at the vault's operator, compared with the backup, and removed again.
resource "vdam_restore_drill" "register" {
  plan_id           = vdam_backup_plan.register.id
  encryption_key_wo = var.backup_key
  maximum_age       = "26h"
  keepers           = { month = formatdate("YYYY-MM", plantimestamp()) }
}

output "recovery_time_seconds" {
  value = vdam_restore_drill.register.rto_seconds
}
