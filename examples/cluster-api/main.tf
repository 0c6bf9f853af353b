# A container cluster at an operator that runs Cluster API.
#
# Give your kubeconfig of its management cluster:  terraform apply -var kubeconfig=~/.kube/lnb

terraform {
  required_version = ">= 1.11"
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "kubeconfig" {
  description = "Path of the kubeconfig; its context names the agency's namespace."
  type        = string
}

variable "kubernetes_version" {
  description = "data.vdam_kubernetes_versions lists them."
  type        = string
  default     = "1.34"
}

variable "workers" {
  description = "Number of nodes."
  type        = number
  default     = 2
}

provider "vdam" {
  default_operator = "lnb-clusters"
  deployment_id    = "register"
  default_labels   = { agency = "Paraugu reģistrs", system = "register" }

  operators = {
    lnb-clusters = {
      kind = "clusterapi"
      cluster_api = {
        kubeconfig = var.kubeconfig

        # What the operator calls its sizes of nodes, and by which variable of its ClusterClass they are chosen.
        machine_size_variable = "workerFlavor"
        machine_sizes = {
          small = { vcpus = 2, memory_mib = 4096 }
          large = { vcpus = 4, memory_mib = 8192 }
        }
      }
    }
  }
}

resource "vdam_container_cluster" "register" {
  name               = "register"
  kubernetes_version = var.kubernetes_version
  node_pools = {
    std = { vcpus = 2, memory_mib = 4096, size = var.workers }
  }
  deletion_protection = false # So that the example can be destroyed. Leave it out for what matters.
}

resource "vdam_node_pool" "batch" {
  cluster_id = vdam_container_cluster.register.id
  name       = "batch"
  vcpus      = 4
  memory_mib = 8192
  size       = 1
  labels     = { purpose = "batch" }
}

output "api" {
  description = "Address of the cluster's API; vdam_container_cluster_access has credentials for it."
  value       = vdam_container_cluster.register.api_endpoint
}
