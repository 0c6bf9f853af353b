# Which families have machines with 4 processors and 16 GiB?
data "vdam_machine_sizes" "db" {
  operator   = "iem-ic"
  vcpus      = 4
  memory_mib = 16384
}

output "families" {
  value = data.vdam_machine_sizes.db.machine_sizes[*].name
}
