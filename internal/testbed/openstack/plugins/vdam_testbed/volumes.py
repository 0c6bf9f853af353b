"""A cinder driver that keeps each volume in a sparse file, for kernels without device-mapper, iSCSI and NFS. The data is
real: os-brick hands the file to cinder's own code, so backups, clones, snapshots and images move bytes.
"""
import os
import subprocess

from cinder import exception
from cinder import interface
from cinder.image import image_utils
from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_config import cfg
from oslo_utils import units

OPTIONS = [cfg.StrOpt('testbed_volume_dir', help='The folder of the volumes.')]

CAPACITY_GB = 1000000


@interface.volumedriver
class FileDriver(driver.VolumeDriver):
    VERSION = '1.0.0'
    CI_WIKI_NAME = 'none'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.dir = self.configuration.testbed_volume_dir
        self._stats = {}

    @staticmethod
    def get_driver_options():
        return OPTIONS

    def do_setup(self, context):
        os.makedirs(self.dir, exist_ok=True)

    def check_for_setup_error(self):
        if not os.access(self.dir, os.W_OK):
            raise exception.VolumeBackendAPIException(data=self.dir)

    def _path(self, name):
        return os.path.join(self.dir, name)

    def local_path(self, volume):
        return self._path(volume['name'])

    @staticmethod
    def _grow(path, size):
        with open(path, 'ab') as f:
            f.truncate(size * units.Gi)

    @staticmethod
    def _copy(source, target):
        subprocess.run(['cp', '--sparse=always', '--reflink=auto', source, target], check=True)

    @staticmethod
    def _remove(path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass

    def _copy_to_volume(self, source, volume):
        self._copy(source, self.local_path(volume))
        self._grow(self.local_path(volume), volume['size'])

    def create_volume(self, volume):
        self._remove(self.local_path(volume))
        self._grow(self.local_path(volume), volume['size'])

    def delete_volume(self, volume):
        self._remove(self.local_path(volume))

    def extend_volume(self, volume, new_size):
        self._grow(self.local_path(volume), new_size)

    def create_cloned_volume(self, volume, src_vref):
        self._copy_to_volume(self.local_path(src_vref), volume)

    def create_snapshot(self, snapshot):
        self._copy(self._path(snapshot['volume_name']), self._path(snapshot['name']))

    def delete_snapshot(self, snapshot):
        self._remove(self._path(snapshot['name']))

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy_to_volume(self._path(snapshot['name']), volume)

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy_to_volume(self._path(snapshot['name']), volume)

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        image_utils.fetch_to_raw(context, image_service, image_id, self.local_path(volume),
                                 self.configuration.volume_dd_blocksize, size=volume['size'], run_as_root=False)
        self._grow(self.local_path(volume), volume['size'])

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(context, image_service, image_meta, self.local_path(volume), volume,
                                   run_as_root=False)

    # Nothing is exported: who uses a volume is on the same machine.

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def create_export_snapshot(self, context, snapshot, connector):
        pass

    def remove_export_snapshot(self, context, snapshot):
        pass

    def initialize_connection(self, volume, connector):
        return {'driver_volume_type': 'local', 'data': {'device_path': self.local_path(volume), 'access_mode': 'rw'}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def initialize_connection_snapshot(self, snapshot, connector):
        return {'driver_volume_type': 'local',
                'data': {'device_path': self._path(snapshot['name']), 'access_mode': 'ro'}}

    def terminate_connection_snapshot(self, snapshot, connector, **kwargs):
        pass

    def retype(self, context, volume, new_type, diff, host):
        return True

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.configuration.safe_get('volume_backend_name'),
            'vendor_name': 'vdam-testbed',
            'driver_version': self.VERSION,
            'storage_protocol': 'file',
            'pools': [{
                'pool_name': 'pool',
                'total_capacity_gb': CAPACITY_GB,
                'free_capacity_gb': CAPACITY_GB,
                'provisioned_capacity_gb': 0,
                'reserved_percentage': 0,
                'QoS_support': False,
                'multiattach': True,
                'thin_provisioning_support': True,
                'thick_provisioning_support': False,
                'max_over_subscription_ratio': '20.0',
            }],
        }
