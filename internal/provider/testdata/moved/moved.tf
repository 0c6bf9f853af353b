moved {
  from = openstack_networking_network_v2.app
  to   = vdam_network.app
}

moved {
  from = openstack_networking_secgroup_v2.web
  to   = vdam_security_group.web
}

moved {
  from = openstack_blockstorage_volume_v3.data
  to   = vdam_storage_volume.data
}

moved {
  from = openstack_compute_instance_v2.db
  to   = vdam_virtual_machine.db
}

moved {
  from = openstack_compute_volume_attach_v2.db
  to   = vdam_volume_attachment.db
}
