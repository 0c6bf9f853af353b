"""A Magnum driver without Heat: a cluster is what Magnum's database says of it. Trusts, certificates, node groups and
their states are real; servers, and a Kubernetes, are not there.
"""
import eventlet
from oslo_log import log as logging

from magnum.common import clients
from magnum.common import context as magnum_context
from magnum.common import exception
from magnum.conductor.handlers.common import cert_manager
from magnum.conductor.handlers.common import trust_manager
from magnum.drivers.common import driver
from magnum import objects
from magnum.objects.fields import ClusterStatus

LOG = logging.getLogger(__name__)

# Of RFC 5737: nothing answers there.
API_ADDRESS = 'https://192.0.2.10:6443'

# How long everything takes. Magnum itself looks only every ten seconds, which is left for what this has missed.
MOMENT_SECONDS = 1


def completed(status):
    return status.replace('_IN_PROGRESS', '_COMPLETE')


class TestbedDriver(driver.Driver):

    @property
    def provides(self):
        return [{'server_type': 'vm', 'os': 'testbed', 'coe': 'kubernetes'}]

    def create_cluster(self, context, cluster, cluster_create_timeout):
        cluster.stack_id = cluster.uuid
        self._soon(context, cluster)

    def update_cluster(self, context, cluster, scale_manager=None, rollback=False):
        self._soon(context, cluster)

    def resize_cluster(self, context, cluster, resize_manager, node_count, nodes_to_remove, nodegroup=None):
        self._soon(context, cluster)

    def upgrade_cluster(self, context, cluster, cluster_template, max_batch_size, nodegroup, scale_manager=None,
                        rollback=False):
        """Keeps labels as the drivers of Heat do: those of the cluster stay, but for the version."""
        labels = dict(nodegroup.labels, kube_tag=cluster_template.labels['kube_tag'])
        nodegroup.labels = labels
        if nodegroup.is_default:
            cluster.cluster_template_id = cluster_template.uuid
            cluster.labels = labels
        self._soon(context, cluster)

    def delete_cluster(self, context, cluster):
        for group in cluster.nodegroups:
            group.status = ClusterStatus.DELETE_IN_PROGRESS
            group.save()
        self._soon(context, cluster)

    def create_nodegroup(self, context, cluster, nodegroup):
        self._soon(context, cluster)

    def update_nodegroup(self, context, cluster, nodegroup):
        self._soon(context, cluster)

    def delete_nodegroup(self, context, cluster, nodegroup):
        nodegroup.save()  # Magnum has set its status, and leaves keeping it to drivers.
        self._soon(context, cluster)

    def create_federation(self, context, federation):
        raise NotImplementedError()

    def update_federation(self, context, federation):
        raise NotImplementedError()

    def delete_federation(self, context, federation):
        raise NotImplementedError()

    def _soon(self, context, cluster):
        eventlet.spawn_after(MOMENT_SECONDS, self._settle, context, cluster.uuid)

    def _settle(self, context, uuid):
        admin = magnum_context.make_admin_context(all_tenants=True)
        try:
            cluster = objects.Cluster.get_by_uuid(admin, uuid)
            self.update_cluster_status(context, cluster)
            if cluster.status == ClusterStatus.DELETE_COMPLETE:
                for group in cluster.nodegroups:
                    group.destroy()
                cluster.destroy()
        except exception.ClusterNotFound:
            pass
        except Exception:
            LOG.exception('cluster %s is left to the next look', uuid)

    def update_cluster_status(self, context, cluster, use_admin_ctx=False):
        """Lets what is in progress be complete. Magnum destroys what is DELETE_COMPLETE."""
        if cluster.status == ClusterStatus.DELETE_IN_PROGRESS:
            trust_manager.delete_trustee_and_trust(clients.OpenStackClients(context), context, cluster)
            cert_manager.delete_certificates_from_cluster(cluster, context=context)
            cluster.status = ClusterStatus.DELETE_COMPLETE
            cluster.save()
            return
        if cluster.stack_id is None:
            return  # It is still being created, or never will be.
        for group in cluster.nodegroups:
            if group.status == ClusterStatus.DELETE_IN_PROGRESS:
                group.destroy()
                continue
            group.status = completed(group.status)
            group.save()
        cluster.status = completed(cluster.status)
        cluster.api_address = API_ADDRESS
        cluster.coe_version = cluster.labels.get('kube_tag')
        cluster.save()
