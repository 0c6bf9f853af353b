data "vdam_backup_coverage" "all" {}

# A warning in every plan as long as something has no backup at another operator.
check "everything_is_backed_up" {
  assert {
    condition     = length(data.vdam_backup_coverage.all.unprotected) == 0
    error_message = "No plan backs up at another operator: ${join(", ", data.vdam_backup_coverage.all.unprotected)}"
  }
}
