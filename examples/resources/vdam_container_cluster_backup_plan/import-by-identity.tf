import {
  to = vdam_container_cluster_backup_plan.register
  identity = {
    operator = "iem-ic"
    id       = "cluster-7c1f0c2e-4b8e-4c52~register-0a1b2c3d"
  }
}
