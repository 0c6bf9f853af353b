"""Joins configuration files and fills in the variables that lib/common.sh exports: render.py FILE...

A section may come several times, as oslo.config adds up what it reads.
"""
import os
import string
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# How a service logs in at others. Real clouds have a user per service; nothing that a tenant sees depends on it.
LOGIN = string.Template("""\
auth_type = password
auth_url = $AUTH_URL
username = service
password = $PASSWORD
user_domain_name = Default
project_name = service
project_domain_name = Default
region_name = $REGION""").substitute(os.environ)

for name in sys.argv[1:]:
    with open(os.path.join(HERE, name)) as f:
        print(string.Template(f.read()).substitute(os.environ, LOGIN=LOGIN))
