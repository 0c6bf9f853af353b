# The id is <operator>/<id>, with the operator's name as in the provider block.
terraform import vdam_virtual_machine.db iem-ic/7c1f0c2e-4b8e-4c52-9d0e-3f6a2b1c8d57
