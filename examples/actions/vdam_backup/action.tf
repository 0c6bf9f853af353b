# A backup of what is there, before another release is installed on it.
action "vdam_backup" "before_release" {
  config {
    plan_id = vdam_backup_plan.register.id
    timeout = "2h"
  }
}

resource "terraform_data" "release" {
  input = var.release

  lifecycle {
    action_trigger {
      events  = [before_update]
      actions = [action.vdam_backup.before_release]
    }
  }
}
