"""Milliseconds since the Unix epoch, for people."""

from datetime import UTC, datetime


def civil(time_ms: int) -> str:
    """Return a time as date and time in UTC; what is no date as the number it is."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    except (OverflowError, OSError, ValueError):
        return f"{time_ms} ms"


def span(start_ms: int, end_ms: int) -> str:
    """Return a window as text; the end's date only where it is another."""
    start, end = civil(start_ms), civil(end_ms)
    day, _, time = end.partition(" ")
    return f"[{start}, {time if start.startswith(day) else end})"
