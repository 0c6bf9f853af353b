provider "vdam" {
  default_operator = "lnb"
  deployment_id    = "acctest"
  operators        = { lnb = { cloud = "{{.cloud}}", clouds_file = "{{.file}}" } }
}

data "vdam_kubernetes_versions" "offered" {}

resource "vdam_container_cluster" "app" {
  name                = "{{.name}}"
  description         = "{{.description}}"
  labels              = { zone = "Rīga" }
  kubernetes_version  = "{{.version}}"
  high_availability   = "none"
  auto_patch          = {{.auto_patch}}
  deletion_protection = {{.protected}}
  node_pools          = { {{.pools}} }
}

output "versions" {
  value = join(" ", data.vdam_kubernetes_versions.offered.kubernetes_versions[*].version)
}
