# A warning in every plan as long as something has no backup at another operator. In the check, an operator that is down is a
# warning, too; outside of it no plan would succeed then.
check "everything_is_backed_up" {
  data "vdam_backup_coverage" "all" {}

  assert {
    condition     = length(data.vdam_backup_coverage.all.unprotected) == 0
    error_message = "No plan backs up at another operator: ${join(", ", data.vdam_backup_coverage.all.unprotected)}"
  }
}
