# The id is <operator>/<id>, with the operator's name as in the provider block.
terraform import vdam_container_cluster.registry lvrtc/cluster-7c1f0c2e-4b8e-4c52
