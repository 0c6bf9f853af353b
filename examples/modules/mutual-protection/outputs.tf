output "vault_ids" {
  description = "Where the backups are, by the operator whose they are."
  value       = { for operator, vault in vdam_backup_vault.of : operator => vault.id }
}

output "plan_ids" {
  description = "What is backed up, by operator."
  value       = { for operator, plan in vdam_backup_plan.of : operator => plan.id }
}

output "recovery_time_seconds" {
  description = "How long the last drills took, by the operator whose backups were restored."
  value       = { for operator, drill in vdam_restore_drill.of : operator => drill.rto_seconds }
}
