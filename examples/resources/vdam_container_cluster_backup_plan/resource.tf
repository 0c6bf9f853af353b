# What is in the namespaces of the register, every night at one (UTC), into a vault at another operator. Velero runs in the
# cluster already.
resource "vdam_container_cluster_backup_plan" "register" {
  name       = "register"
  cluster_id = vdam_container_cluster.register.id
  vault_id   = vdam_backup_vault.register.id

  schedule  = "0 1 * * *"
  rpo       = "26h"
  retention = "720h"

  included_namespaces = ["register", "register-reports"]
  secrets             = "exclude" # They come to the other cluster from a store of secrets.

  hooks = [{
    namespace      = "register"
    label_selector = { app = "database" }
    pre            = ["/bin/sh", "-c", "psql -c CHECKPOINT"]
    timeout        = "1m"
  }]
}
