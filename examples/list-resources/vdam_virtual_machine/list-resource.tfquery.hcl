list "vdam_virtual_machine" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "cadastre" }
  }
}
