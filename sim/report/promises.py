"""What the network promises, and what the audit says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

PASS, FAIL, NO_DATA = "PASS", "FAIL", "NO DATA"


@dataclass(frozen=True, slots=True)
class PromiseText:
    """A promise in words."""

    title: str
    text: str
    kept: str
    """What may be said, in half a sentence, of a run in which it was kept."""


PROMISES: dict[str, PromiseText] = {
    "P1": PromiseText(
        "No double booking",
        "Two reservations in force on one point never overlap, and a point never has two active sessions.",
        "no charger was promised twice",
    ),
    "P2": PromiseText(
        "Acknowledged means durable",
        "What was acknowledged is on disk: no crash loses it.",
        "nothing acknowledged was lost",
    ),
    "P3": PromiseText(
        "Trips are atomic",
        "All stops of a trip are reserved, or none stays reserved.",
        "every trip was all or nothing",
    ),
    "P4": PromiseText(
        "Exactly one effect per request",
        "A retry with the same key has one effect and the same answer, from any node, also after a crash.",
        "every retry had one effect",
    ),
    "P5": PromiseText(
        "Linearizable per point",
        "Each point's history has a real-time order that explains every answer.",
        "one order of events explains every answer",
    ),
    "P6": PromiseText(
        "Owner decides, gossip informs",
        "Only a point's owner changes it; lost, late, repeated or forged gossip never makes a booking wrong.",
        "only owners changed their points",
    ),
    "P7": PromiseText(
        "Views converge",
        "After faults stop, every node's view of every point equals the owner's.",
        "all views agreed in the end",
    ),
    "P8": PromiseText(
        "Nothing leaks",
        "No stop stays in doubt, and no-shows free the point by its terms.",
        "no-shows freed their points",
    ),
    "P9": PromiseText(
        "The books balance",
        "Money and energy are exact; energy never exceeds power times time or the battery's room.",
        "the books balance",
    ),
    "P10": PromiseText(
        "Bounded everything",
        "Every queue, retry, batch and loop has a bound; over it the answer is 429 or 503 with Retry-After.",
        "every queue kept its bound",
    ),
}


class Promise(BaseModel):
    """What the audit says of one promise. ``verdict``: ``PASS``, ``FAIL`` or ``NO DATA``."""

    model_config = ConfigDict(frozen=True)

    verdict: str
    checked: int
    """Facts that were compared."""
    violations: list[Any]
    """As the audit tells them; the first of ``violation_count``."""
    violation_count: int
    note: str | None
    """What was not checked, and why."""


def promises_from(audit: Mapping[str, Any]) -> dict[str, Promise]:
    """Return all ten promises from the audit's JSON; one that it says nothing of has no data."""
    return {name: _promise(audit.get(name)) for name in PROMISES}


def _promise(found: Any) -> Promise:
    said: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    violations = list(said.get("violations") or [])
    verdict = FAIL if violations else str(said.get("verdict", NO_DATA))
    note = said.get("note") or said.get("reason")
    if verdict == NO_DATA and not note:
        note = "nothing in this run could have broken it" if said else "not checked"
    return Promise(
        verdict=verdict,
        checked=int(said.get("checked") or 0),
        violations=violations,
        violation_count=max(len(violations), int(said.get("violation_count") or 0), int(verdict == FAIL)),
        note=None if note is None else str(note),
    )
