data "vdam_backup" "before_release" {
  operator = "iem-ic"
  name     = "before-release"
}
