# The id is <operator>/<id>, with the operator's name as in the provider block.
terraform import vdam_backup_vault.register lvrtc/vault-7c1f0c2e-4b8e-4c52
