list "vdam_network" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
    labels   = { system = "cadastre" }
  }
}
