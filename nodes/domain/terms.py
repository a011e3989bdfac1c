"""The terms under which a point is reserved and used."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Terms:
    """What a driver agrees to. All durations are whole seconds.

    Raises ``ValueError`` naming the field when a value is out of its range.
    """

    cancel_until_s: int = 0
    """A reservation may be cancelled until this long before its start. 0: until it starts."""
    early_start_s: int = 900
    """A driver may plug in this long before the window, when the point is free until then."""
    no_show_s: int = 900
    """A window nobody plugged in for is released this long after its start, or at its end if that is sooner."""
    late_stop_s: int = 600
    """A session may run this long past its window, as far as nobody else has reserved that time."""
    min_window_s: int = 300
    """The shortest window. With the horizon it bounds how many reservations a point can hold."""
    max_window_s: int = 86_400
    """The longest window; a day, which is what clients of the seed contract expect to get."""
    horizon_s: int = 7_776_000
    """How far ahead a window may start; 90 days."""

    def __post_init__(self) -> None:
        for field, (low, high) in TERMS_RANGES.items():
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ValueError(f"{field}: expected a whole number of seconds from {low} to {high}, got {value!r}")
        if self.min_window_s > self.max_window_s:
            raise ValueError(f"min_window_s: {self.min_window_s} is more than max_window_s {self.max_window_s}")


_DAY_S = 86_400
TERMS_RANGES: dict[str, tuple[int, int]] = {
    "cancel_until_s": (0, 30 * _DAY_S),
    "early_start_s": (0, _DAY_S),
    "no_show_s": (0, 7 * _DAY_S),
    "late_stop_s": (0, _DAY_S),
    "min_window_s": (1, 7 * _DAY_S),
    "max_window_s": (1, 30 * _DAY_S),
    "horizon_s": (0, 366 * _DAY_S),
}
"""Least and greatest value of each term, in seconds."""

assert [field.name for field in fields(Terms)] == list(TERMS_RANGES)
