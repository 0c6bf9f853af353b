"""Runs a service of OpenStack as the program in its own Debian package would, with our plug-ins beside it:
launch.py MODULE NAME ARGUMENT...
"""
import importlib
import os
import sys

module, sys.argv = sys.argv[1], sys.argv[2:]
service = importlib.import_module(module)  # First, as it patches the standard library.
if module == 'nova.cmd.compute':
    import nova.virt
    # nova loads drivers from there only.
    nova.virt.__path__.append(os.path.join(sys.path[0], 'vdam_testbed', 'nova_virt'))
sys.exit(service.main())
