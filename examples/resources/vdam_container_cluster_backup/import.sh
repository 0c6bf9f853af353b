# The id is <operator>/<id>, with the operator's name as in the provider block.
terraform import vdam_container_cluster_backup.before_release iem-ic/cluster-7c1f0c2e-4b8e-4c52~register-0a1b2c3d-4e5f6a7b
