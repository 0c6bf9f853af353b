package provider_test

// What the tests of backups of clusters have Terraform make, one file after the other.
const twoClusters = `
terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

resource "vdam_container_cluster" "x" {
  operator            = "lvrtc"
  name                = "x"
  kubernetes_version  = "1.34"
  deletion_protection = false
  node_pools          = { std = { vcpus = 2, memory_mib = 4096, size = 2 } }
}

resource "vdam_container_cluster" "y" {
  operator            = "iem-ic"
  name                = "y"
  kubernetes_version  = "1.34"
  deletion_protection = false
  node_pools          = { std = { vcpus = 2, memory_mib = 4096, size = 2 } }
}

resource "vdam_backup_vault" "y" {
  operator            = "iem-ic"
  name                = "registry"
  immutability        = { mode = "compliance", days = 1 }
  retention_days      = 31
  deletion_protection = false
}
`

const clusterPlan = `
resource "vdam_container_cluster_backup_plan" "x" {
  name                = "nightly"
  description         = "What people see of the register"
  cluster_id          = vdam_container_cluster.x.id
  vault_id            = vdam_backup_vault.y.id
  schedule            = "0 2 * * *"
  retention           = "240h"
  rpo                 = "26h"
  secrets             = "include"
  included_namespaces = ["shop"]
}
`

const clusterBackup = `
resource "vdam_container_cluster_backup" "now" {
  plan_id = vdam_container_cluster_backup_plan.x.id
  name    = "now"
}
`

const clusterRestore = `
resource "vdam_container_cluster_restore" "y" {
  cluster_id             = vdam_container_cluster.y.id
  vault_id               = vdam_backup_vault.y.id
  folder                 = vdam_container_cluster_backup_plan.x.folder
  backup_name            = vdam_container_cluster_backup.now.backup_name
  namespace_mapping      = { shop = "shop-again" }
  image_registry_mapping = { "registry.x.example" = "registry.y.example" }
}
`

const clusterDrill = `
resource "vdam_container_cluster_restore_drill" "x" {
  plan_id     = vdam_container_cluster_backup_plan.x.id
  cluster_id  = vdam_container_cluster.y.id
  min_items   = 4
  maximum_age = "1h"
  keepers     = { run = "%s" }
}
`

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: green}
---
apiVersion: v1
kind: Secret
metadata: {name: password, namespace: shop}
stringData: {password: vista}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: registry.x.example/shop:1}]}
`

// queues is a kind of its own, in no namespace, and an object of it.
const queues = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: queues.vdam.example}
spec:
  group: vdam.example
  scope: Namespaced
  names: {kind: Queue, plural: queues, singular: queue, listKind: QueueList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {depth: {type: integer}}}}}}
`

const orders = `
apiVersion: vdam.example/v1
kind: Queue
metadata: {name: orders, namespace: shop}
spec: {depth: 7}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: orders}
rules: [{apiGroups: [vdam.example], resources: [queues], verbs: [get]}]
`
