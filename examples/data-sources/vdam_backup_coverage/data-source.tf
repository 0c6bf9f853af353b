# No operator tells where its data centres are: write it down here, such as { lvrtc = "Rīga/A", iem-ic = "Ogre" }.
variable "failure_domains" {
  type    = map(string)
  default = {}
}

# A warning in every plan as long as something is not as it should be. In the check, an operator that is down is a warning, too;
# outside of it no plan would succeed then.
check "everything_is_backed_up" {
  data "vdam_backup_coverage" "all" {
    failure_domains = var.failure_domains
  }

  assert {
    condition     = length(data.vdam_backup_coverage.all.unprotected) == 0
    error_message = "No plan backs up at another operator: ${join(", ", data.vdam_backup_coverage.all.unprotected)}"
  }

  assert {
    condition     = alltrue([for p in data.vdam_backup_coverage.all.protections : p.separation_level == 4])
    error_message = "What destroys one site may take some sources and their backups."
  }

  assert {
    condition     = alltrue([for p in data.vdam_backup_coverage.all.protections : try(p.last_drill.passed, false)])
    error_message = "It is not proven of all sources that their backups can be restored: have a vdam_restore_drill of each plan."
  }

  assert {
    condition     = length(data.vdam_backup_coverage.all.cycles) == 0
    error_message = "Operators protect each other within one failure domain: ${jsonencode(data.vdam_backup_coverage.all.cycles)}"
  }
}
