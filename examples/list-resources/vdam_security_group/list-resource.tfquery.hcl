list "vdam_security_group" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "cadastre" }
  }
}
