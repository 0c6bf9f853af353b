import {
  to = vdam_backup_plan.register
  identity = {
    operator = "iem-ic"
    id       = "plan-7c1f0c2e-4b8e-4c52"
  }
}
