"""When the nodes' views came to agree with the owners, once nothing was broken and nobody asked for anything any more.

The laboratory looks into the nodes themselves: asking would be traffic of its own. What counts is the first moment at which
a view has the owner's version and does not call itself stale; what the last views then say, the audit compares.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from nodes.config import Limits
from sim.worlds.virtual.host import Host

_STEP_S = 0.1
_VIEWS_MAX = 2_000
"""In a network with more views than that nobody looks."""
_SPREAD = 1.25
"""How much longer than ``anti_entropy_ms`` a node may wait before it asks."""


def two_rounds_ms(limits: Limits) -> int:
    """Return how long two rounds of anti-entropy may take: twice a wait, and a question that takes its time."""
    return int(2 * (limits.anti_entropy_ms * _SPREAD + limits.pull_timeout_ms))


async def agreement(hosts: Mapping[str, Host], within_s: float) -> dict[str, Any]:
    """Watch for ``within_s``; return ``within_ms``, after how many ms each view agreed (rising), and which were late.

    ``after_ms`` null: it did not. Nothing is returned of networks with too many views.
    """
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    waiting = [
        (host, point.id)
        for owner in hosts.values()
        if owner.node is not None
        for point in owner.node.server.points()
        for host in hosts.values()
        if host is not owner
    ]
    if not waiting or len(waiting) > _VIEWS_MAX:
        await asyncio.sleep(within_s)
        return {}
    within_ms = two_rounds_ms(next(host for host, _ in waiting).limits)
    agreed_ms: list[int] = []
    late: list[dict[str, Any]] = []
    while waiting and loop.time() < begun_s + within_s:
        now_ms, still = round((loop.time() - begun_s) * 1000), []
        for host, point_id in waiting:
            if not _agrees(hosts, host, point_id):
                still.append((host, point_id))
                continue
            agreed_ms.append(now_ms)
            if now_ms > within_ms:
                late.append({"node": host.id, "point": point_id, "after_ms": now_ms})
        waiting = still
        await asyncio.sleep(_STEP_S if waiting else max(0.0, begun_s + within_s - loop.time()))
    late += [{"node": host.id, "point": point_id, "after_ms": None} for host, point_id in waiting]
    return {"within_ms": within_ms, "after_ms": agreed_ms, "late": late}


def _agrees(hosts: Mapping[str, Host], host: Host, point_id: str) -> bool:
    owner = hosts[point_id.partition(".")[0]].node
    point = None if owner is None else owner.server.point(point_id)
    told = None if host.node is None else host.node.catalogue.foreign(point_id)
    if point is None or told is None:
        return False
    return told["witness"] == (point.epoch, point.seq) and not told["stale"]
