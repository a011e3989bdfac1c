"""Plants a bug in every node process that is started with this folder on ``PYTHONPATH``.

Python imports a module of this name at every start. ``RECARGA_PLANTED`` names the bug; other processes than nodes, the
laboratory among them, are left alone.
"""

import os
import sys

_planted = os.environ.get("RECARGA_PLANTED")
if _planted and sys.orig_argv[1:4] == ["-m", "nodes", "node"]:
    from live_bugs import live_bug

    from sim.audit.planted_bugs import plant

    plant(live_bug(_planted))
