variable "release" {
  description = "Version of the register that is to be installed."
  type        = string
}

# A backup before each release, beside the nightly ones.
resource "vdam_backup" "before_release" {
  plan_id = vdam_backup_plan.register.id
  name    = "before-release"
  keepers = { release = var.release }
}
