"""How things look, in tables and in the application: a colour beside the word, never instead of it."""

from rich.text import Text

from nodes.clients.objects import Point, Session
from nodes.clients.speech import Speech
from nodes.domain.tariff import cost_minor

_STYLES = {
    "AVAILABLE": "green",
    "RESERVED": "yellow",
    "CHARGING": "cyan",
    "ACTIVE": "cyan",
    "PENDING": "yellow",
    "FULFILLED": "green",
    "COMPLETED": "green",
    "CONFIRMED": "green",
    "ALIVE": "green",
    "SUSPECT": "yellow",
}
_OVER = frozenset({"CANCELED", "NO_SHOW", "REJECTED", "LEFT", "REMOVED", "UNKNOWN"})


def style_of(status: str) -> str:
    """Return the colour of a status: red is what needs somebody."""
    return _STYLES.get(status, "dim" if status in _OVER else "red")


def point_status(point: Point, speech: Speech, now_ms: int, *, is_short: bool = False) -> Text:
    """Return what a point is, and until when; in short with an arrow before that time."""
    text = Text(speech.status(point.status), style_of(point.status))
    free = point.next_free
    if point.status == "AVAILABLE" and free.end_ms is not None:
        when = f" → {speech.soon(free.end_ms, now_ms)}"
        text.append(when if is_short else f" {speech('until', when=speech.moment(free.end_ms, now_ms))}")
    elif point.status in ("RESERVED", "CHARGING"):
        when = f" → {speech.soon(free.start_ms, now_ms)}"
        text.append(when if is_short else f", {speech('next_free')} {speech.moment(free.start_ms, now_ms)}")
    return text.append(" ?", "yellow") if point.stale else text


def point_price(point: Point, speech: Speech) -> str:
    """Return what a kWh costs."""
    return speech("per_kwh", price=speech.money(point.price_per_kwh_minor, point.currency))


def cost_so_far(session: Session) -> int:
    """Return what a charge costs; one that runs, if it ended now, in the currency's minor unit."""
    if session.is_open:
        return cost_minor(session.energy_wh, session.price_per_kwh_minor)
    return session.cost_minor
