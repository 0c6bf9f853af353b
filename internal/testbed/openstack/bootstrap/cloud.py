"""The cloud at hand, as lib/common.sh describes it in the environment, and who its tenants are."""
import collections
import os

import openstack

NAME = os.environ['CLOUD']
DIR = os.environ['DIR']
REGION = os.environ['REGION']
AUTH_URL = os.environ['AUTH_URL']
PASSWORD = os.environ['PASSWORD']
# As lib/magnum.sh has it.
HAS_MAGNUM = NAME == 'b'
# Where Magnum makes the users that its clusters act as.
MAGNUM_DOMAIN = 'magnum'

Tenant = collections.namedtuple('Tenant', 'user project domain')

ACME = Tenant('acme', 'acme', 'Default')
GLOBEX = Tenant('globex', 'globex', 'partners')
# Of the same name as another agency's project, in another domain: neither may ever see the other.
ACME_PARTNERS = Tenant('acme-partners', 'acme', 'partners')
# Soon out of quota.
TIGHT = Tenant('tight', 'tight', 'Default')

TENANTS = [ACME, GLOBEX, ACME_PARTNERS, TIGHT]
ADMIN = Tenant('admin', 'admin', 'Default')


def password_login(tenant, password=PASSWORD):
    return {'auth_url': AUTH_URL, 'username': tenant.user, 'password': password, 'project_name': tenant.project,
            'user_domain_name': tenant.domain, 'project_domain_name': tenant.domain}


def connect(tenant=ADMIN):
    return openstack.connect(auth=password_login(tenant), region_name=REGION, identity_api_version='3',
                             load_envvars=False, load_yaml_config=False)


def first(objects, **wanted):
    return next((o for o in objects if all(getattr(o, k) == v for k, v in wanted.items())), None)
