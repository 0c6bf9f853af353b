"""Binds every port at once. There are no guests, so there is nothing to plug; what lies above the wire (addresses,
security groups, quotas, what nova is told) is neutron's own.
"""
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class BindAtOnce(api.MechanismDriver):

    def initialize(self):
        self.details = {portbindings.CAP_PORT_FILTER: True, portbindings.OVS_HYBRID_PLUG: False}

    @property
    def connectivity(self):
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        kind = context.current.get(portbindings.VNIC_TYPE, portbindings.VNIC_NORMAL)
        if kind != portbindings.VNIC_NORMAL or not context.segments_to_bind:
            return
        context.set_binding(context.segments_to_bind[0][api.ID], portbindings.VIF_TYPE_OVS, dict(self.details),
                            status=constants.PORT_STATUS_ACTIVE)
