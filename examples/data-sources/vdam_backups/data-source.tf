data "vdam_backups" "all" {
  operator = "iem-ic"
}
