data "vdam_backup_recovery_points" "register" {
  plan_id = vdam_backup_plan.register.id
}

# The newest one of yesterday or before.
output "before_today" {
  value = try([
    for p in data.vdam_backup_recovery_points.register.recovery_points : p.id if timecmp(p.taken_at, "2026-11-25T00:00:00Z") < 0
  ][0], null)
}
