"""Amounts as people type them, with a point or a comma: ``1.89`` of a currency, ``7,4`` kW, degrees. Nothing is rounded."""

import re
from decimal import Decimal

from nodes.clients.errors import BadInput
from nodes.domain.currency import CURRENCY_PATTERN, minor_digits

_AMOUNT = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_PLACE = re.compile(r"-?\d{1,3}(?:[.,]\d{1,15})?", re.ASCII)
_POWER_DECIMALS = 2
"""Of kW: as the web client has it."""
_CURRENCY = re.compile(CURRENCY_PATTERN)


def currency_from(text: str) -> str:
    """Return a currency's code. Raises ``BadInput``."""
    if not _CURRENCY.fullmatch(text.strip().upper()):
        raise BadInput(f"expected a currency such as BRL, got {text[:40]!r}")
    return text.strip().upper()


def minor_from(text: str, currency: str) -> int:
    """1.89, BRL -> 189. Raises ``BadInput`` for more decimals than the currency has: 1.500 may be meant as 1500."""
    digits = minor_digits(currency)
    amount = _amount(text, f"a price such as 1.89 in {currency}")
    if _decimals(amount) > digits:
        raise BadInput(f"expected at most {digits} decimals of {currency}, got {text[:40]!r}")
    return int(amount.scaleb(digits))


def minor_text(minor: int, currency: str, separator: str = ".") -> str:
    """189, BRL -> 1.89, as it is typed."""
    return str(Decimal(minor).scaleb(-minor_digits(currency))).replace(".", separator)


def watts_from(text: str) -> int:
    """7.4 kW -> 7400. Raises ``BadInput``; for three decimals too, since 1.000 may be meant as 1000."""
    amount = _amount(text, "a power in kW such as 22 or 7.4")
    if _decimals(amount) > _POWER_DECIMALS or not amount:
        raise BadInput(f"expected a power above 0 with at most {_POWER_DECIMALS} decimals, got {text[:40]!r} kW")
    return int(amount.scaleb(3))


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


def _decimals(amount: Decimal) -> int:
    """Return how many were typed."""
    return -int(amount.as_tuple().exponent)
