terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

# No secret stands here: each operator's credentials come from the environment.
#   VDAM_LVRTC_CLIENT_ID and VDAM_LVRTC_CLIENT_SECRET
#   VDAM_IEM_IC_TOKEN_FILE
provider "vdam" {
  directory        = "https://directory.example/operators.json"
  default_operator = "lvrtc"
  deployment_id    = "cadastre-prod"
  default_labels   = { agency = "vzd", system = "cadastre" }

  operators = {
    lvrtc  = { project = "cadastre" }
    iem-ic = { project = "cadastre" }
  }
}
