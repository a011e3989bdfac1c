"""A charging session: one charge, from plug-in to unplug."""

from dataclasses import dataclass
from enum import StrEnum


class SessionStatus(StrEnum):
    """``ACTIVE -> COMPLETED | INVALID``. An invalid session is not billed (its point failed)."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    INVALID = "INVALID"


@dataclass(slots=True)
class Session:
    """One charge. The energy is what the meter last said; the price is the one that was reserved."""

    id: str
    point_id: str
    reservation_id: str
    driver_id: str
    status: SessionStatus
    started_ms: int
    max_power_w: int
    """The point's power limit when the session started."""
    price_per_kwh_minor: int
    currency: str
    epoch: int
    """With ``seq``: the witness of the event that last changed this session."""
    seq: int
    max_energy_wh: int | None = None
    """The room in the vehicle's battery, where the vehicle told."""
    energy_wh: int = 0
    cost_minor: int = 0
    metered_ms: int | None = None
    ended_ms: int | None = None
    reason: str | None = None
    """Why it ended: ``driver``, ``window-over``, ``fault``."""
