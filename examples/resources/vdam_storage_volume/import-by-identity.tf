import {
  to = vdam_storage_volume.data
  identity = {
    operator = "iem-ic"
    id       = "7c1f0c2e-4b8e-4c52-9d0e-3f6a2b1c8d57"
  }
}
