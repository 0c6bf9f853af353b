"""Makes what is missing of domains, projects, users and the catalogue, and writes the cloud's part of clouds.yaml."""
import os
import textwrap

import yaml

import cloud

# Type, name, port's variable, path. Clients of different ages look for block storage by either type.
SERVICES = [
    ('image', 'glance', 'GLANCE_PORT', ''),
    ('placement', 'placement', 'PLACEMENT_PORT', ''),
    ('compute', 'nova', 'NOVA_PORT', '/v2.1'),
    ('network', 'neutron', 'NEUTRON_PORT', ''),
    ('volumev3', 'cinderv3', 'CINDER_PORT', '/v3/%(project_id)s'),
    ('block-storage', 'cinder', 'CINDER_PORT', '/v3/%(project_id)s'),
]
if cloud.HAS_MAGNUM:
    SERVICES.append(('container-infra', 'magnum', 'MAGNUM_PORT', '/v1'))

# The end of the entry's name, and whether the credential may make others.
APPLICATION_CREDENTIALS = {'appcred': True, 'appcred-restricted': False}


def create_accounts(identity):
    roles = {r.name: r for r in identity.roles()}
    for name in ('admin', 'member', 'reader', 'service'):
        if name not in roles:
            roles[name] = identity.create_role(name=name)
    domains = {d.name: d for d in identity.domains()}
    for name in ('partners', cloud.MAGNUM_DOMAIN):
        if name not in domains:
            domains[name] = identity.create_domain(name=name, is_enabled=True)
    users = {(u.domain_id, u.name): u for u in identity.users()}
    projects = {(p.domain_id, p.name): p for p in identity.projects()}

    def account(tenant, *granted):
        domain = domains[tenant.domain].id
        user = users.get((domain, tenant.user)) or identity.create_user(
            name=tenant.user, domain_id=domain, password=cloud.PASSWORD, is_enabled=True)
        project = projects.get((domain, tenant.project)) or identity.create_project(
            name=tenant.project, domain_id=domain, is_enabled=True)
        for role in granted:
            identity.put('/projects/%s/users/%s/roles/%s' % (project.id, user.id, roles[role].id))

    def domain_admin(name, domain):
        user = users.get((domain.id, name)) or identity.create_user(
            name=name, domain_id=domain.id, password=cloud.PASSWORD, is_enabled=True)
        identity.put('/domains/%s/users/%s/roles/%s' % (domain.id, user.id, roles['admin'].id))

    account(cloud.Tenant('service', 'service', 'Default'), 'admin', 'service')
    domain_admin('magnum_domain_admin', domains[cloud.MAGNUM_DOMAIN])
    for tenant in cloud.TENANTS:
        account(tenant, 'member')


def create_catalogue(identity):
    services = {s.name: s for s in identity.services()}
    endpoints = {(e.service_id, e.interface) for e in identity.endpoints()}
    for kind, name, port, path in SERVICES:
        service = services.get(name) or identity.create_service(type=kind, name=name)
        for interface in ('public', 'internal', 'admin'):
            if (service.id, interface) not in endpoints:
                identity.create_endpoint(service_id=service.id, interface=interface, region_id=cloud.REGION,
                                         url='http://127.0.0.1:%s%s' % (os.environ[port], path))


def application_credentials(tenant):
    """Makes what is missing, and returns how to log in with each."""
    connection = cloud.connect(tenant)
    identity, user = connection.identity, connection.current_user_id
    have = {c.name: c for c in identity.application_credentials(user)}
    for name, unrestricted in APPLICATION_CREDENTIALS.items():
        secret = 'testbed-%s-%s-%s' % (cloud.NAME, tenant.user, name)
        credential = have.get(name) or identity.create_application_credential(
            user, name, secret=secret, unrestricted=unrestricted)
        yield name, {'auth_url': cloud.AUTH_URL, 'application_credential_id': credential.id,
                     'application_credential_secret': secret}


def write_entries():
    entries = {}

    def entry(name, auth, **more):
        entries['%s-%s' % (cloud.NAME, name)] = {
            'auth': auth, 'region_name': cloud.REGION, 'identity_api_version': 3, 'interface': 'public', **more}

    for tenant in [cloud.ADMIN] + cloud.TENANTS:
        entry(tenant.user, cloud.password_login(tenant))
    for tenant in (cloud.ACME, cloud.GLOBEX):
        for name, auth in application_credentials(tenant):
            entry('%s-%s' % (tenant.user, name), auth, auth_type='v3applicationcredential')
    entry('wrong', cloud.password_login(cloud.ACME, password='not-the-password'))

    os.umask(0o077)
    with open(os.path.join(cloud.DIR, 'clouds.part'), 'w') as f:
        f.write(textwrap.indent(yaml.safe_dump(entries), '  '))


identity = cloud.connect().identity
create_accounts(identity)
create_catalogue(identity)
write_entries()
