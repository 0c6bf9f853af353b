import {
  to = vdam_backup.before_release
  identity = {
    operator = "iem-ic"
    id       = "backup-7c1f0c2e-4b8e-4c52"
  }
}
