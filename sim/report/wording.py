"""Numbers, times and money as people write them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from nodes.domain.currency import minor_digits

NOTHING = "\N{EN DASH}"
"""In place of a figure that there is not."""


_CONTROLS = [code for code in range(160) if not 32 <= code < 127 and chr(code) not in "\t\n"]
_TURNS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_HIDDEN = dict.fromkeys([*_CONTROLS, *_TURNS], "\N{REPLACEMENT CHARACTER}")


def visible(text: str) -> str:
    """Return the text without characters that would steer a terminal or turn the direction of what follows."""
    return text.translate(_HIDDEN)


def whole(number: float | None) -> str:
    """``5,553``."""
    return NOTHING if number is None else f"{number:,.0f}"


def count(number: int, noun: str) -> str:
    """``1 point``, ``60 points``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def request_name(f: str) -> str:
    """``cancel trip``: a kind of request, as the history calls it, in words."""
    return f.replace("_", " ")


def times(number: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def decimal(number: float | None, digits: int = 1) -> str:
    """``4.7``."""
    return NOTHING if number is None else f"{number:,.{digits}f}"


def share(part: float, all_of: float) -> str:
    """``8.5 %``; never 0 % of something that there is, and never 100 % of less than all."""
    if not all_of:
        return NOTHING
    percent = 100 * part / all_of
    if 0 < percent < 0.05:
        return "< 0.1 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.0f} %" if percent in (0, 100) else f"{percent:.1f} %"


def figure(value: float | None) -> str:
    """``0.982``, ``17.4``, ``6,454``: three digits that count, or all of a whole number."""
    if value is None:
        return NOTHING
    if value == int(value) or abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.0005 else f"{value:.1e}"


def margin(value: float | None) -> str:
    """``+28.4``, with a sign: above 0, the limit holds."""
    if value is None:
        return NOTHING
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{figure(abs(value))}"


def staleness(value_ms: float | None) -> str:
    """``0``, ``196 ms``, ``1.2 s``."""
    if value_ms is None:
        return NOTHING
    return "0" if value_ms == 0 else f"{milliseconds(value_ms)} ms" if value_ms < 1_000 else duration(value_ms / 1000)


def size(number: float | None) -> str:
    """``0.4 MB``, ``12.3 MB``."""
    return NOTHING if number is None else f"{number / 1e6:,.1f} MB"


def milliseconds(value: float | None) -> str:
    """``0.42``, ``7.99``, ``98.5``, ``1,234``: three digits that count."""
    if value is None:
        return NOTHING
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def duration(seconds: float | None) -> str:
    """``0.8 s``, ``72 s``, ``9 min 1 s``, ``3 h``, ``2 d 4 h``."""
    if seconds is None:
        return NOTHING
    if seconds < 0:
        return f"\N{MINUS SIGN}{duration(-seconds)}"
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole_s = round(seconds)
    if whole_s < 100:
        return f"{whole_s} s"
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    at = next(at for at, (size, _) in enumerate(units) if whole_s >= size)
    big, rest = divmod(whole_s, units[at][0])
    small = rest // units[at + 1][0]
    return f"{big} {units[at][1]}" + (f" {small} {units[at + 1][1]}" if small else "")


def energy(energy_wh: float | None) -> str:
    """``3,664.7 kWh``."""
    return NOTHING if energy_wh is None else f"{energy_wh / 1000:,.1f} kWh"


def power(power_w: float | None) -> str:
    """``22 kW``, ``7.4 kW``."""
    return NOTHING if power_w is None else f"{power_w / 1000:,.1f}".removesuffix(".0") + " kW"


def money(amounts_minor: Mapping[str, int]) -> str:
    """``BRL 5,990.25``; several currencies are not added up."""
    parts = []
    for currency, minor in amounts_minor.items():
        digits = minor_digits(currency)
        parts.append(f"{currency} {minor / 10**digits:,.{digits}f}")
    return " + ".join(parts) or NOTHING


def clock(civil_ms: int, zone: tzinfo, *, seconds: bool = False, date: bool = False) -> str:
    """``17:45``, ``17:45:27``, or ``04 May 17:45``, in the scenario's time zone."""
    return moment(civil_ms, zone).strftime(("%d %b " if date else "") + ("%H:%M:%S" if seconds else "%H:%M"))


def moment(civil_ms: int, zone: tzinfo) -> datetime:
    """Return a time of the scenario in its time zone."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=civil_ms)).astimezone(zone)


def listed(parts: Iterable[str]) -> str:
    """``a, b and c``."""
    found: Sequence[str] = [part for part in parts if part]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""


def sentence(text: str) -> str:
    """Return the text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
