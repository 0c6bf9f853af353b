"""nova's own fake driver, made to last: guests survive a restart of nova-compute, an image of a server has bytes and so
becomes active, and an interface can be detached after a resize.
"""
import io

from nova import context as nova_context
from nova import objects
from nova.compute import power_state
from nova.compute import task_states
from nova.image import glance
from nova.scheduler.client import report
from nova.virt import fake

# At each claim Zed asks for the allocation of every server of the host, one request each, which is quadratic in the
# servers of a fake host. The answers matter for PCI devices and a move of inventory only, and there are neither.
report.SchedulerReportClient.get_allocations_for_provider_tree = lambda self, context, nodename: {}

# In these states a server is on no host.
NOWHERE = ('building', 'error', 'shelved_offloaded', 'deleted')

SNAPSHOT_SIZE = 64 << 10


class TestbedDriver(fake.FakeDriver):

    capabilities = dict(fake.FakeDriver.capabilities, supports_image_type_qcow2=True, supports_migrate_to_same_host=True)

    def init_host(self, host):
        super().init_host(host)
        servers = objects.InstanceList.get_by_host(nova_context.get_admin_context(), host, expected_attrs=['flavor'])
        for server in servers:
            if server.vm_state in NOWHERE:
                continue
            # power_state.NOSTATE is zero.
            self.instances[server.uuid] = fake.FakeInstance(
                server.name, server.power_state or power_state.RUNNING, server.uuid)
            self.resources.claim(vcpus=server.flavor.vcpus, mem=server.flavor.memory_mb, disk=server.flavor.root_gb)

    def pause(self, instance):
        self.instances[instance.uuid].state = power_state.PAUSED

    def unpause(self, instance):
        self.instances[instance.uuid].state = power_state.RUNNING

    def suspend(self, context, instance):
        self.instances[instance.uuid].state = power_state.SUSPENDED

    def resume(self, context, instance, network_info, block_device_info=None):
        self.instances[instance.uuid].state = power_state.RUNNING

    def attach_interface(self, context, instance, image_meta, vif):
        self._interfaces[vif['id']] = vif

    def detach_interface(self, context, instance, vif):
        self._interfaces.pop(vif['id'], None)

    def finish_migration(self, context, migration, instance, disk_info, network_info, *args, **kwargs):
        super().finish_migration(context, migration, instance, disk_info, network_info, *args, **kwargs)
        for vif in network_info or []:
            self._interfaces[vif['id']] = vif

    def snapshot(self, context, instance, image_id, update_task_state):
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        images = glance.API()
        meta = {'name': images.get(context, image_id)['name'], 'status': 'active', 'disk_format': 'raw',
                'container_format': 'bare', 'properties': {}}
        data = instance.uuid.encode().ljust(SNAPSHOT_SIZE, b'\0')
        images.update(context, image_id, meta, data=io.BytesIO(data), purge_props=False)
