"""Kilowatts to watts, and money to its minor unit: exactly or not at all."""

from decimal import Decimal

from nodes.domain.currency import minor_digits


def watts(power_kw: float) -> int:
    """Return a power given in kilowatts in watts. Raises ``ValueError`` when that is no whole number."""
    scaled = _decimal(power_kw) * 1000
    if scaled != int(scaled):
        raise ValueError(f"expected a power in kW that is a whole number of watts, found {power_kw}")
    return int(scaled)


def minor_units(price: float, currency: str) -> int:
    """Return a price given in the currency's unit (2.5 BRL) in its minor unit (250), by ISO 4217.

    Raises ``ValueError`` when that is no whole number.
    """
    digits = minor_digits(currency)
    scaled = _decimal(price) * 10**digits
    if scaled != int(scaled):
        raise ValueError(f"expected a price with at most {digits} decimals, as {currency} has, found {price}")
    return int(scaled)


def _decimal(number: float) -> Decimal:
    """Return the number as it was written, which is the shortest text that reads back as the same number."""
    return Decimal(repr(number))
