"""Amounts as people type them, with a point or a comma: ``1.89`` of a currency, ``7,4`` kW, degrees. Nothing is rounded."""

import re
from decimal import Decimal

from nodes.clients.errors import BadInput
from nodes.domain.currency import minor_digits

_AMOUNT = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_PLACE = re.compile(r"-?\d{1,3}(?:[.,]\d{1,15})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def currency_from(text: str) -> str:
    """Return a currency's code. Raises ``BadInput``."""
    if not _CURRENCY.fullmatch(text.strip().upper()):
        raise BadInput(f"expected a currency such as BRL, got {text[:40]!r}")
    return text.strip().upper()


def minor_from(text: str, currency: str) -> int:
    """1.89, BRL -> 189. Raises ``BadInput`` where the currency has no such amount."""
    minor = _amount(text, f"a price such as 1.89 in {currency}").scaleb(minor_digits(currency))
    if minor != int(minor):
        raise BadInput(f"expected at most {minor_digits(currency)} decimals of {currency}, got {text[:40]!r}")
    return int(minor)


def minor_text(minor: int, currency: str, separator: str = ".") -> str:
    """189, BRL -> 1.89, as it is typed."""
    return str(Decimal(minor).scaleb(-minor_digits(currency))).replace(".", separator)


def watts_from(text: str) -> int:
    """7.4 kW -> 7400. Raises ``BadInput``."""
    watts = _amount(text, "a power in kW such as 22 or 7.4").scaleb(3)
    if watts != int(watts) or watts == 0:
        raise BadInput(f"expected a power of at least a watt, in whole watts, got {text[:40]!r} kW")
    return int(watts)


def degrees_from(text: str, most: int) -> float:
    """Return degrees from ``-most`` to ``most``. Raises ``BadInput``."""
    said = text.strip()
    if not _PLACE.fullmatch(said) or abs(degrees := float(said.replace(",", "."))) > most:
        raise BadInput(f"expected degrees from -{most} to {most}, got {text[:40]!r}")
    return degrees


def _amount(text: str, what: str) -> Decimal:
    if not _AMOUNT.fullmatch(text.strip()):
        raise BadInput(f"expected {what}, got {text[:40]!r}")
    return Decimal(text.strip().replace(",", "."))
