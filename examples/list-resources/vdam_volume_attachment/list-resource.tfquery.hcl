list "vdam_volume_attachment" "all" {
  provider = vdam

  config {
    operator = "iem-ic"
  }
}
