"""Times as people say them: ``18:00``, ``+20m``, ``now``, RFC 3339. Durations: ``30m``, ``1h30m``."""

import re
from datetime import UTC, datetime, time, timedelta

from nodes.clients.errors import BadInput

_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})(?:m|min))?(?:(\d{1,6})s)?", re.ASCII)
_GRACE = timedelta(minutes=1)
"""A node takes a start that long ago as now."""
_MS = 1000
_PARTS_S = (86_400, 3_600, 60, 1)


def now_ms() -> int:
    """Return the time by this machine's clock, in milliseconds since the Unix epoch."""
    return int(datetime.now(UTC).timestamp() * _MS)


def moment_ms(text: str, from_ms: int) -> int:
    """Return the time meant, in milliseconds since the Unix epoch, when it is ``from_ms``.

    A time of day is the next one in the local time zone; ``+20m`` counts from ``from_ms``. Raises ``BadInput``.
    """
    said = text.strip()
    if said.lower() in ("now", "agora"):
        return from_ms
    if said.startswith("+"):
        return from_ms + duration_ms(said[1:])
    if found := _CLOCK.fullmatch(said):
        return _next(int(found[1]), int(found[2]), from_ms, text)
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        raise _unclear(text) from None
    if len(said) <= 10:  # a date without a time
        raise _unclear(text)
    return int(when.timestamp() * _MS)  # one without a zone is local


def duration_ms(text: str) -> int:
    """Return a duration in milliseconds; a bare number means minutes. Raises ``BadInput``."""
    said = text.strip().lower()
    found = _DURATION.fullmatch(f"{said}m" if said.isascii() and said.isdecimal() else said)
    total_s = (
        0 if found is None else sum(int(part or 0) * unit for part, unit in zip(found.groups(), _PARTS_S, strict=True))
    )
    if total_s == 0:
        raise BadInput(f"expected a duration such as 30m, 1h30m or 45, got {text[:40]!r}")
    return total_s * _MS


def length_s(text: str) -> int:
    """Return a length of time in whole seconds, which may be none: ``0``, ``15m``, ``90d``. Raises ``BadInput``."""
    return 0 if text.strip() == "0" else duration_ms(text) // _MS


def length_text(seconds: int) -> str:
    """Return it as it is typed: 5400 -> 1h30m."""
    text, left = "", seconds
    for unit, part_s in zip("dhms", _PARTS_S, strict=True):
        count, left = divmod(left, part_s)
        text += f"{count}{unit}" if count else ""
    return text or "0"


def local(ms: int) -> datetime:
    """Return a time in the local time zone."""
    return datetime.fromtimestamp(ms / _MS, UTC).astimezone()


def zone(ms: int) -> str:
    """Return the local time zone's name where it may be one that nobody has chosen, as in a container; else nothing."""
    when = local(ms)
    return "" if when.utcoffset() else when.tzname() or "UTC"


def midnight_ms(ms: int, days: int = 0) -> int:
    """Return the beginning of the local day, ``days`` later."""
    day = local(ms).date() + timedelta(days=days)
    return int(datetime.combine(day, time()).timestamp() * _MS)


def _next(hour: int, minute: int, from_ms: int, text: str) -> int:
    if hour > 23 or minute > 59:
        raise _unclear(text)
    start = local(from_ms)
    for days in (0, 1):
        when = datetime.combine(start.date() + timedelta(days=days), time(hour, minute)).astimezone()
        if when >= start - _GRACE:
            return int(when.timestamp() * _MS)
    raise AssertionError("tomorrow is not before today")


def _unclear(text: str) -> BadInput:
    return BadInput(f"expected a time such as 18:00, +20m, now or 2026-11-26T18:00:00-03:00, got {text[:60]!r}")
