"""How clients speak to people: words, figures and times in one of two languages. Wire units in, text out."""

import os
from typing import Any

from nodes.clients.errors import ClientError, Problem, Unreachable
from nodes.clients.moments import local, midnight_ms
from nodes.clients.objects import KnownNode
from nodes.clients.plain_text import plain
from nodes.clients.problem_words import PROBLEM_WORDS, UNREACHABLE
from nodes.clients.words import key_words
from nodes.domain.currency import minor_digits

LANGUAGES = ("en", "pt")
_CURRENCY_SIGNS = {"BRL": "R$", "EUR": "€", "GBP": "£", "USD": "$"}
CONNECTORS = {
    "IEC_62196_T2": "Type 2",
    "IEC_62196_T2_COMBO": "CCS2",
    "IEC_62196_T1": "Type 1",
    "IEC_62196_T1_COMBO": "CCS1",
    "CHADEMO": "CHAdeMO",
    "GBT_AC": "GB/T AC",
    "GBT_DC": "GB/T DC",
    "SAE_J3400": "NACS",
    "MCS": "MCS",
}
_DAY_MS = 86_400_000


def language_of_user() -> str:
    """Return the language that the environment asks for; English where it asks for neither."""
    names = ("RECARGA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    told = next((value for name in names if (value := os.environ.get(name))), "")
    return "pt" if told.lower().startswith("pt") else "en"


class Speech:
    """One language."""

    def __init__(self, language: str) -> None:
        assert language in LANGUAGES
        self.language = language

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the words of a key."""
        words = key_words(key)
        assert words is not None, key
        return self._own(words).format(**values)

    def status(self, status: str) -> str:
        """Return what a status is called; one that is news to us, as it is."""
        return self(f"is.{status}") if key_words(f"is.{status}") is not None else plain(status)

    def reason(self, node: KnownNode) -> str:
        """Return why a node is believed to be what it is; where we have no words of our own, in the node's."""
        key = f"reason.{node.reason_code}"
        if key_words(key) is None:
            return plain(node.reason)
        values = {name: "?" if value is None else plain(value) for name, value in node.reason_values}
        return self(key, **values, detail=plain(node.reason))

    def explain(self, error: ClientError, now_ms: int) -> str:
        """Return what went wrong in one sentence; a problem that is news to us, in the node's."""
        if isinstance(error, Unreachable):
            return f"{self._own(UNREACHABLE)} ({plain(error)})"
        words = PROBLEM_WORDS.get(error.kind) if isinstance(error, Problem) else None
        if words is None or not isinstance(error, Problem):
            return plain(error)
        body = error.body
        moments = (body.get(name) for name in ("start_from_ms", "cancel_until_ms", "latest_start_ms"))
        when = next((self.moment(ms, now_ms) for ms in moments if isinstance(ms, int)), "?")
        lengths = (body.get(name) for name in ("min_window_s", "max_window_s"))
        span = next((self.duration(1000 * length) for length in lengths if isinstance(length, int)), "?")
        start, end = body.get("taken_start_ms"), body.get("taken_end_ms")
        taken = self.span(start, end, now_ms) if isinstance(start, int) and isinstance(end, int) else "?"
        return self._own(words).format(when=when, span=span, taken=taken, detail=plain(error))

    def connector(self, connector: str | None, label: str | None = None) -> str:
        """Return what people call a connector."""
        if connector is None:
            return plain(label or "–")
        return CONNECTORS.get(connector, plain(connector))

    def number(self, value: float, digits: int) -> str:
        """Return a number with that many decimals."""
        text = f"{value:,.{digits}f}"
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    @property
    def separator(self) -> str:
        """What stands before decimals."""
        return "." if self.language == "en" else ","

    def money(self, minor: int, currency: str) -> str:
        """189, BRL -> R$ 1.89."""
        digits = minor_digits(currency)
        return f"{_CURRENCY_SIGNS.get(currency, plain(currency))} {self.number(minor / 10**digits, digits)}"

    def power(self, watts: int) -> str:
        """22000 -> 22 kW."""
        return f"{self.number(watts / 1000, 0 if watts % 1000 == 0 else 1)} kW"

    def energy(self, wh: int) -> str:
        """7200 -> 7.20 kWh."""
        return f"{self.number(wh / 1000, 2)} kWh"

    def clock(self, ms: int) -> str:
        """14:30."""
        return f"{local(ms):%H:%M}"

    def day(self, ms: int, now_ms: int) -> str:
        """Today, tomorrow, or a date."""
        days = round((midnight_ms(ms) - midnight_ms(now_ms)) / _DAY_MS)
        if -1 <= days <= 1:
            return self(("yesterday", "today", "tomorrow")[days + 1])
        when = local(ms)
        return f"{self('weekdays').split()[when.weekday()]} {when.day} {self('months').split()[when.month - 1]}"

    def moment(self, ms: int, now_ms: int) -> str:
        """14:30, or tomorrow 14:30."""
        is_today = midnight_ms(ms) == midnight_ms(now_ms)
        return self.clock(ms) if is_today else f"{self.day(ms, now_ms)} {self.clock(ms)}"

    def soon(self, ms: int, now_ms: int) -> str:
        """14:30 within a day, which says all; else the day."""
        return self.clock(ms) if ms < now_ms + _DAY_MS else self.day(ms, now_ms)

    def span(self, start_ms: int, end_ms: int, now_ms: int) -> str:
        """14:30–15:30, or tomorrow 14:30–15:30."""
        is_one_day = end_ms <= midnight_ms(start_ms, 1)
        end = self.clock(end_ms) if is_one_day else f"{self.day(end_ms, now_ms)} {self.clock(end_ms)}"
        return f"{self.moment(start_ms, now_ms)}–{end}"

    def age(self, ms: int) -> str:
        """4000 -> 4 s; from two minutes on as a duration."""
        return f"{max(0, ms // 1000)} s" if ms < 120_000 else self.duration(ms)

    def duration(self, ms: int) -> str:
        """5400000 -> 1 h 30 min."""
        minutes = max(0, round(ms / 60_000))
        hours, rest = divmod(minutes, 60)
        if hours == 0:
            return f"{minutes} min"
        if hours >= 48:
            return self("days", n=round(hours / 24))
        return f"{hours} h" if rest == 0 else f"{hours} h {rest} min"

    def _own(self, words: tuple[str, str]) -> str:
        return words[LANGUAGES.index(self.language)]
