# The id is <desk>/<number>, with the desk's name as in the provider block; or the key that it was filed with.
terraform import vdam_service_ticket.capacity varam/4711
terraform import vdam_service_ticket.capacity varam/key:cadastre-capacity-2027
