"""neutron's own router plug-in, plus what an L3 agent would report: a floating IP is ACTIVE while it is associated, and
ports of routers are ACTIVE.
"""
from neutron.services.l3_router import l3_router_plugin
from neutron_lib import constants
from neutron_lib.plugins import directory


class RouterPlugin(l3_router_plugin.L3RouterPlugin):

    def _report_floating_ip(self, context, fip):
        associated = fip.get('router_id') and fip.get('port_id')
        status = constants.FLOATINGIP_STATUS_ACTIVE if associated else constants.FLOATINGIP_STATUS_DOWN
        if fip.get('status') != status:
            self.update_floatingip_status(context.elevated(), fip['id'], status)
            fip['status'] = status
        return fip

    def create_floatingip(self, context, floatingip, **kwargs):
        return self._report_floating_ip(context, super().create_floatingip(context, floatingip, **kwargs))

    def update_floatingip(self, context, id, floatingip):
        return self._report_floating_ip(context, super().update_floatingip(context, id, floatingip))

    def disassociate_floatingips(self, context, port_id, do_notify=True):
        admin = context.elevated()
        fips = self.get_floatingips(admin, filters={'port_id': [port_id]})
        routers = super().disassociate_floatingips(context, port_id, do_notify)
        for fip in fips:
            self.update_floatingip_status(admin, fip['id'], constants.FLOATINGIP_STATUS_DOWN)
        return routers

    def _report_ports(self, context, router_id):
        core, admin = directory.get_plugin(), context.elevated()
        for port in core.get_ports(admin, filters={'device_id': [router_id]}, fields=['id', 'status']):
            if port['status'] != constants.PORT_STATUS_ACTIVE:
                core.update_port_status(admin, port['id'], constants.PORT_STATUS_ACTIVE)

    def create_router(self, context, router):
        made = super().create_router(context, router)
        self._report_ports(context, made['id'])
        return made

    def update_router(self, context, id, router):
        changed = super().update_router(context, id, router)
        self._report_ports(context, id)
        return changed

    def add_router_interface(self, context, router_id, interface_info=None):
        added = super().add_router_interface(context, router_id, interface_info)
        self._report_ports(context, router_id)
        return added
