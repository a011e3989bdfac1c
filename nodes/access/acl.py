"""Mosquitto's access control list (mosquitto.conf(5), acl_file)."""

import re
from collections.abc import Collection, Mapping

from nodes.domain.ids import is_point_id, owner_of
from nodes.gossip.topics import NODE_KINDS, POINT_KINDS, node_topic, point_topic, subscriptions

UPTIME_TOPIC = "$SYS/broker/uptime"
"""What a health check may ask for, whoever it is."""

_WRITES_POINT = re.compile(r"^topic write pontos/([^/+#]+)/\+$", re.MULTILINE)


def acl_text(cluster: str, points: Mapping[str, Collection[str]]) -> str:
    """Return the list for nodes that own these points (ids, by node id). What no line allows is denied.

    The three ``pontos/…`` topics are the public feed, which says nothing of who drives: everybody may read them.
    """
    lines = ["# everybody, without a name too", f"topic read {UPTIME_TOPIC}"]
    lines += [f"topic read {point_topic('+', kind)}" for kind in POINT_KINDS]
    for node_id, own in sorted(points.items()):
        lines += ["", f"user {node_id}"]
        lines += [f"topic read {topic}" for topic in subscriptions(cluster)]
        lines += [f"topic write {node_topic(cluster, node_id, kind)}" for kind in NODE_KINDS]
        lines += [f"topic write pontos/{point_id}/+" for point_id in sorted(own) if is_own(node_id, point_id)]
    return "\n".join(lines) + "\n"


def is_own(node_id: str, point_id: str) -> bool:
    """Whether that is a point's id, and the point the node's own. Nothing else may get into the list."""
    return is_point_id(point_id) and owner_of(point_id) == node_id


def points_in(text: str) -> dict[str, set[str]]:
    """Return the points that a list names, by node id: what was known when it was written."""
    found: dict[str, set[str]] = {}
    for point_id in _WRITES_POINT.findall(text):
        if is_point_id(point_id):
            found.setdefault(owner_of(point_id), set()).add(point_id)
    return found
