# terraform apply -invoke=action.vdam_restore_drill.now
action "vdam_restore_drill" "now" {
  config {
    plan_id           = vdam_backup_plan.register.id
    encryption_key_wo = var.backup_key # An ephemeral variable: Terraform writes any other value into the plan.
    maximum_age       = "26h"
  }
}
