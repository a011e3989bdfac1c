"""One attempt of a vehicle: what it asked, and what it was told."""

from dataclasses import dataclass, field
from typing import Any

from sim.audit.rows import Witness

TOLD: dict[str, dict[str, type]] = {
    "reserve": {"id": str, "driver_id": str, "start_ms": int, "end_ms": int, "price_per_kwh_minor": int},
    "cancel": {"id": str, "status": str},
    "start": {"id": str, "reservation_id": str, "started_ms": int},
    "meter": {"id": str, "energy_wh": int},
    "stop": {"id": str, "energy_wh": int, "cost_minor": int, "ended_ms": int},
}
"""What an ``ok`` must say."""


@dataclass(slots=True)
class Operation:
    """One attempt of one process. Without a completion its outcome is ``info``: nobody knows."""

    index: int
    """Line of the invocation."""
    time_ns: int
    process: int
    f: str
    asked: dict[str, Any]
    node: str | None
    """Which was asked."""
    point: str | None
    key: str | None
    outcome: str = "info"
    end_index: int | None = None
    """Line of the completion; None: it never completed."""
    end_ns: int | None = None
    told: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    status: int | None = None
    witness: Witness | None = None
    flaw: str | None = None
    """What an ``ok`` fails to say."""
    trip: str | None = None
    retry_after_s: Any = None
    """When to ask again, as the answer said; whatever that was."""

    @property
    def is_ok(self) -> bool:
        """Whether it was acknowledged, and the acknowledgement says what."""
        return self.outcome == "ok" and self.flaw is None

    @property
    def may_have_acted(self) -> bool:
        """Whether it may have taken effect."""
        return self.outcome != "fail"

    @property
    def is_view(self) -> bool:
        """Whether it asks a node what it believes of another node's point."""
        return self.f == "read" and self.asked.get("what") == "view"

    @property
    def subject(self) -> str | None:
        """The reservation or session it was asked for; None where it was to make one."""
        found = self.asked.get("reservation_id") if self.f == "start" else self.asked.get("id")
        return found if isinstance(found, str) else None
