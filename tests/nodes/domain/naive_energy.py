"""The naive model's charge: energy and money by exact fractions, rounded once and in one place."""

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Charge:
    """A session, running or over."""

    id: str
    reservation_id: str
    driver_id: str
    started_ms: int
    max_power_w: int
    max_energy_wh: int | None
    price_per_kwh_minor: int
    currency: str
    epoch: int
    seq: int
    status: str = "ACTIVE"
    energy_wh: int = 0
    cost_minor: int = 0
    metered_ms: int | None = None
    ended_ms: int | None = None
    reason: str | None = None


def limit_wh(charge: Charge, now_ms: int) -> int:
    """Return the most whole watt-hours the session can have taken: power times time, and no more than there was room."""
    hours = Fraction(now_ms - charge.started_ms, 60 * 60 * 1000)
    flowed_wh = math.floor(charge.max_power_w * hours)
    return flowed_wh if charge.max_energy_wh is None else min(flowed_wh, charge.max_energy_wh)


def price_of(energy_wh: int, price_per_kwh_minor: int) -> int:
    """Return the exact price rounded half up."""
    return math.floor(Fraction(energy_wh, 1000) * price_per_kwh_minor + Fraction(1, 2))
