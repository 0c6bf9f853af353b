data "vdam_container_cluster" "registry" {
  operator = "lvrtc"
  name     = "registry"
}

ephemeral "vdam_container_cluster_access" "registry" {
  cluster_id = data.vdam_container_cluster.registry.id
  ttl        = "30m" # longer than the run may take
}

provider "kubernetes" {
  host                   = ephemeral.vdam_container_cluster_access.registry.host
  cluster_ca_certificate = ephemeral.vdam_container_cluster_access.registry.cluster_ca_certificate
  client_certificate     = ephemeral.vdam_container_cluster_access.registry.client_certificate
  client_key             = ephemeral.vdam_container_cluster_access.registry.client_key
}
