# The id is <operator>/<id>, with the operator's name as in the provider block.
terraform import vdam_backup_plan.register iem-ic/plan-7c1f0c2e-4b8e-4c52
