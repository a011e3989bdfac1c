"""A day of a point's calendar, drawn with characters: ten minutes each."""

from collections.abc import Sequence

from rich.text import Text

from nodes.clients.moments import local, midnight_ms

CELL_MS = 600_000
_CELLS_AN_HOUR = 6
_HOUR_MS = _CELLS_AN_HOUR * CELL_MS
_FREE, _TAKEN, _YOURS, _PAST = ("·", "green"), ("█", "red"), ("█", "cyan"), ("·", "bright_black")
Windows = Sequence[tuple[int, int]]


def day_span(now_ms: int, days: int) -> tuple[int, int]:
    """Return the hours that are drawn: the next 24 from this one on, or a local day later."""
    if days == 0:
        start_ms = now_ms - now_ms % _HOUR_MS
        return start_ms, start_ms + 24 * _HOUR_MS
    return midnight_ms(now_ms, days), midnight_ms(now_ms, days + 1)


def day_strip(span: tuple[int, int], now_ms: int, busy: Windows, yours: Windows, width: int) -> Text:
    """Return these hours in rows of as many as ``width`` characters hold."""
    hours = next((count for count in (12, 8, 6, 4, 3) if 3 + count * (_CELLS_AN_HOUR + 1) - 1 <= width), 2)
    text = Text(no_wrap=True)
    start_ms, end_ms = span
    while start_ms < end_ms:
        if start_ms > span[0]:
            text.append("\n")
        text.append(f"{local(start_ms):%H}", "bright_black")
        for _ in range(hours):
            text.append(" ")
            for _ in range(_CELLS_AN_HOUR):
                if start_ms < end_ms:
                    text.append(*_cell(start_ms, now_ms, busy, yours))
                start_ms += CELL_MS
    return text


def _cell(start_ms: int, now_ms: int, busy: Windows, yours: Windows) -> tuple[str, str]:
    if _meets(yours, start_ms):
        return _YOURS
    if _meets(busy, start_ms):
        return _TAKEN
    return _PAST if start_ms + CELL_MS <= now_ms else _FREE


def _meets(windows: Windows, start_ms: int) -> bool:
    return any(start < start_ms + CELL_MS and end > start_ms for start, end in windows)
