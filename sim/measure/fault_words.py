"""What broke, in words for people: each kind of fault by its name, and how badly."""

from collections.abc import Callable, Mapping
from typing import Any

_NAMES = {
    "broker_crash": "crash of the broker",
    "broker_pause": "pause of the broker",
    "partition": "network cut in parts",
    "one_way": "network cut one way",
    "loss": "lost messages",
    "delay": "late messages",
    "duplicate": "doubled messages",
    "reorder": "overtaken messages",
    "disk_slow": "slow disk",
    "disk_full": "full disk",
    "restore": "old backup",
    "clock_jump": "jump of the clock",
    "clock_drift": "drift of the clock",
    "gossip_loss": "lost gossip",
    "gossip_repeat": "repeated gossip",
    "gossip_forge": "forged gossip",
}
"""Those whose name in a scenario is not the word for it."""


def named(kind: str, node: str | None) -> str:
    """Return what broke: ``crash of server2``, ``pause of the broker``, ``lost messages``."""
    name = _NAMES.get(kind, kind.replace("_", " "))
    return name if node is None else f"{name} of {node}"


def details(kind: str, parameters: Mapping[str, Any]) -> str:
    """Return how it was broken: ``20 % of all messages``; nothing where there is no more to say."""
    tell = _DETAILS.get(kind)
    try:
        return "" if tell is None else tell(parameters)
    except (KeyError, TypeError, ValueError):  # another version's history, or one that was changed by hand
        return ""


def _share(parameters: Mapping[str, Any]) -> str:
    return f"{100 * parameters['share']:.3g} %"


def _of_messages(parameters: Mapping[str, Any]) -> str:
    hosts = parameters.get("hosts")
    return f"messages from or to {', '.join(hosts)}" if hosts else "all messages"


def _delayed(parameters: Mapping[str, Any]) -> str:
    """Return a delay: its distribution in a few words."""
    ((kind, numbers), *_) = parameters["delay_ms"].items()
    if kind in {"uniform", "triangular"}:
        return f"by {numbers[0]:,g} to {numbers[-1]:,g} ms"
    about = {"constant": "", "exponential": " on average", "lognormal": " in the median"}[kind]
    return f"by {numbers[0] if kind == 'lognormal' else numbers:,g} ms{about}"


def _jump(parameters: Mapping[str, Any]) -> str:
    by_s = parameters["by_s"]
    return f"{abs(by_s):,g} s {'behind' if by_s < 0 else 'ahead'}"


def _drift(parameters: Mapping[str, Any]) -> str:
    ppm = parameters["ppm"]
    return f"{abs(ppm):,g} millionths too {'slow' if ppm < 0 else 'fast'}"


_DETAILS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "partition": lambda given: " | ".join(", ".join(group) for group in given["groups"]),
    "one_way": lambda given: f"nothing from {', '.join(given['from'])} to {', '.join(given['to'])}",
    "loss": lambda given: f"{_share(given)} of {_of_messages(given)}",
    "delay": lambda given: f"{_of_messages(given)}, {_delayed(given)}",
    "duplicate": lambda given: f"{_share(given)} of {_of_messages(given)}",
    "reorder": lambda given: f"{_share(given)} of {_of_messages(given)}, held back {_delayed(given)}",
    "disk_slow": lambda given: f"{given['factor']:,g} times as slow",
    "restore": lambda given: f"used for {given['old_s']:,g} s",
    "move": lambda given: (
        f"to another machine, its address {given['address']}; the old process {'stopped while cut off' if given['paused'] else 'lives on'}, and is back for {given['old_s']:,g} s"
    ),
    "clock_jump": _jump,
    "clock_drift": _drift,
    "gossip_loss": lambda given: f"{_share(given)} of the deliveries",
    "gossip_repeat": lambda given: f"an old message after {_share(given)} of the deliveries",
    "gossip_forge": lambda given: f"about {given['per_s']:,g} a second",
}
