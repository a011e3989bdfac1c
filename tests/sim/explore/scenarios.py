"""Small scenarios: a seed of one takes a fraction of a second."""

from typing import Any

TINY: dict[str, Any] = {
    "name": "tiny",
    "seed": 1,
    "time": {"duration_s": 600, "drain_s": 600},
    "network": {"nodes": 2, "points_per_node": 2, "terms": {"min_window_s": 30}},
    "fleet": {
        "vehicles": 12,
        "classes": [{"lead_s": {"uniform": [0, 120]}, "stay_s": {"uniform": [60, 240]}, "cancel_share": 0.2}],
    },
    "virtual": {"shuffle": True, "settle_s": 30},
}
"""Two nodes, twelve vehicles, ten minutes."""
FAULTS: list[dict[str, Any]] = [
    {"at_s": 60, "kind": "crash", "for_s": 10, "node": "server1"},
    {"at_s": 90, "kind": "loss", "for_s": 30, "share": 0.2},
    {"at_s": 200, "kind": "broker_pause", "for_s": 20},
]
