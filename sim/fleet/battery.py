"""How much energy has flowed into a battery after some time."""

import math
from dataclasses import dataclass

_LAST_POWER = 0.1
"""Power of a full battery, as a share of full power."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge: full power up to the state of charge ``taper_from``, then falling linearly to a tenth when full.

    Within the taper power follows the state of charge x (0 at its beginning, 1 when full) as ``P (1 - 0.9 x)``, so that
    ``x(t) = (1 - exp(-0.9 k t)) / 0.9`` with ``k = P / (energy of the taper)``.
    """

    power_w: float
    """Full power: the smaller of the vehicle's and the point's."""
    capacity_wh: float
    soc: float
    """State of charge at the start, 0 to 1."""
    taper_from: float = 0.8
    wanted_wh: float = math.inf
    """The driver leaves with this, if the battery has room for it."""

    @property
    def room_wh(self) -> int:
        """What the battery can take, in whole Wh rounded down."""
        return int(self.capacity_wh * max(0.0, 1 - self.soc))

    @property
    def target_wh(self) -> int:
        """What the driver leaves with, given time, in whole Wh rounded down."""
        return int(min(self.wanted_wh, self.room_wh))

    @property
    def duration_s(self) -> float:
        """How long the charge takes, until the battery is full or holds what is wanted."""
        target_wh, constant_wh = self.target_wh, self._constant_wh
        if target_wh <= constant_wh:
            return target_wh / self.power_w * 3600
        share = min(1.0, (target_wh - constant_wh) / self._taper_wh)
        rate = self.power_w / self._taper_wh / 3600
        return constant_wh / self.power_w * 3600 - math.log(1 - (1 - _LAST_POWER) * share) / ((1 - _LAST_POWER) * rate)

    def energy_wh(self, elapsed_s: float) -> int:
        """Return the energy that has flowed, in whole Wh rounded down."""
        target_wh, constant_wh = self.target_wh, self._constant_wh
        constant_s = constant_wh / self.power_w * 3600
        if elapsed_s <= constant_s:
            return int(min(self.power_w * elapsed_s / 3600, target_wh))
        rate = self.power_w / self._taper_wh / 3600
        share = (1 - math.exp(-(1 - _LAST_POWER) * rate * (elapsed_s - constant_s))) / (1 - _LAST_POWER)
        if share >= 1:
            return target_wh  # the parts' sum may be a hair below the whole, and would be rounded down a watt-hour
        return int(min(constant_wh + self._taper_wh * share, target_wh))

    @property
    def _constant_wh(self) -> float:
        return self.capacity_wh * max(0.0, self.taper_from - self.soc)

    @property
    def _taper_wh(self) -> float:
        return max(1.0, self.capacity_wh * (1 - max(self.taper_from, self.soc)))
