"""Makes what is missing of what an operator offers: flavours, an image, volume types, quotas and networks."""
import os
import subprocess
import sys
import time

import cloud

# Name: vCPUs, MiB of memory, GB of disk. One without a disk can only boot from a volume.
FLAVOURS = {'m1.tiny': (1, 512, 1), 'm1.small': (1, 2048, 20), 'm1.medium': (2, 4096, 40), 'm1.large': (4, 8192, 80),
            'm1.xlarge': (8, 16384, 160), 'm1.nano': (1, 64, 0), 'm1.memory': (4, 16384, 80)}

# Image: what it says of its system. The second one is called what the examples look for.
IMAGES = {'testbed-linux': {'os_distro': 'testbed', 'os_version': '1'}, 'debian-13': {'os_distro': 'debian', 'os_version': '13'}}

# Versions of Kubernetes that there are cluster templates of: two patches of one minor, and the minor after it.
KUBERNETES = ('1.34.2', '1.34.4', '1.35.4')

VOLUME_TYPES = {'standard': {}, 'fast': {}, 'multiattach': {'multiattach': '<is> True'}}


def create_flavours(compute):
    have = {f.name for f in compute.flavors()}
    for number, (name, (vcpus, ram, disk)) in enumerate(FLAVOURS.items(), 1):
        if name not in have:
            compute.create_flavor(name=name, vcpus=vcpus, ram=ram, disk=disk, id=str(number))


def create_images(image):
    """Nothing ever boots, so they are empty disks."""
    disk = os.path.join(cloud.DIR, 'empty.qcow2')
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', disk, '64M'], check=True)
    for name, system in IMAGES.items():
        have = cloud.first(image.images(name=name))
        if have and have.status == 'active':
            continue
        if have:
            image.delete_image(have.id)
        image.create_image(name=name, filename=disk, disk_format='qcow2', container_format='bare',
                           visibility='public', min_disk=0, min_ram=0, os_type='linux', wait=True, **system)


def create_volume_types(block_storage):
    have = {t.name for t in block_storage.types()}
    for name, specs in VOLUME_TYPES.items():
        if name not in have:
            block_storage.create_type(name=name, extra_specs={'volume_backend_name': 'files', **specs})


def wait_for_pools(block_storage, seconds=180):
    """cinder-volume tells the scheduler of its pools once a minute; until then no volume finds a place, and fails."""
    end = time.monotonic() + seconds
    while not any(pool.capabilities.get('volume_backend_name') == 'files' for pool in block_storage.backend_pools()):
        if time.monotonic() > end:
            sys.exit('cinder-scheduler knows no pool after %d s' % seconds)
        time.sleep(1)


def create_public_network(network):
    public = cloud.first(network.networks(name='public')) or network.create_network(
        name='public', is_router_external=True, provider_network_type='flat', provider_physical_network='physnet1')
    if not cloud.first(network.subnets(network_id=public.id)):
        network.create_subnet(name='public-subnet', network_id=public.id, ip_version=4,
                              cidr=os.environ['PUBLIC_NET'], is_dhcp_enabled=False)
    return public


def create_tenant_network(tenant, number, public):
    network = cloud.connect(tenant).network
    net = cloud.first(network.networks(name=tenant.project + '-net')) or network.create_network(
        name=tenant.project + '-net')
    subnet = cloud.first(network.subnets(network_id=net.id)) or network.create_subnet(
        name=tenant.project + '-subnet', network_id=net.id, ip_version=4,
        cidr='%s.%d.0/20' % (os.environ['TENANT_NET'], 16 * number))
    if tenant is cloud.TIGHT:
        return  # A router's interface would take one of its few ports.
    router = cloud.first(network.routers(name=tenant.project + '-router')) or network.create_router(
        name=tenant.project + '-router', external_gateway_info={'network_id': public.id})
    if not cloud.first(network.ports(device_id=router.id, network_id=net.id)):
        network.add_interface_to_router(router, subnet_id=subnet.id)


def create_cluster_templates(connection):
    containers = connection.container_infrastructure_management
    have = {t['name'] for t in containers.get('/clustertemplates').json()['clustertemplates']}
    for version in KUBERNETES:
        if 'kubernetes-' + version not in have:
            containers.post('/clustertemplates', json={
                'name': 'kubernetes-' + version, 'public': True, 'coe': 'kubernetes', 'image_id': 'testbed-linux',
                'external_network_id': 'public', 'flavor_id': 'm1.small', 'master_flavor_id': 'm1.small',
                'network_driver': 'calico', 'floating_ip_enabled': False, 'labels': {'kube_tag': 'v' + version},
            }).raise_for_status()


def tighten_magnum(connection):
    project = cloud.connect(cloud.TIGHT).current_project_id
    containers = connection.container_infrastructure_management
    quota = {'project_id': project, 'resource': 'Cluster', 'hard_limit': 1}
    answer = containers.post('/quotas', json=quota)
    if answer.status_code != 409:  # It has been there already.
        answer.raise_for_status()


def tighten(connection):
    project = cloud.connect(cloud.TIGHT).current_project_id
    for service, path, quota in [
            (connection.compute, '/os-quota-sets/', {'quota_set': {'instances': 2, 'cores': 2}}),
            (connection.block_storage, '/os-quota-sets/', {'quota_set': {'volumes': 2, 'gigabytes': 10}}),
            (connection.network, '/quotas/', {'quota': {'port': 3}})]:
        service.put(path + project, json=quota).raise_for_status()


connection = cloud.connect()
create_flavours(connection.compute)
create_images(connection.image)
create_volume_types(connection.block_storage)
tighten(connection)
public = create_public_network(connection.network)
for number, tenant in enumerate(cloud.TENANTS):
    create_tenant_network(tenant, number, public)
if cloud.HAS_MAGNUM:
    create_cluster_templates(connection)
    tighten_magnum(connection)
wait_for_pools(connection.block_storage)
