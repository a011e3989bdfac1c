"""Money and energy, in whole numbers only: watt-hours, watts, and the currency's minor unit (cents, centavos)."""

MS_PER_HOUR = 3_600_000


def cost_minor(energy_wh: int, price_per_kwh_minor: int) -> int:
    """Return the price of that energy in the currency's minor unit, rounded half up. Both arguments are >= 0."""
    assert energy_wh >= 0
    assert price_per_kwh_minor >= 0
    return (energy_wh * price_per_kwh_minor + 500) // 1000


def energy_limit_wh(power_w: int, duration_ms: int) -> int:
    """Return the most energy that the power can deliver in that time, in whole watt-hours, rounded down."""
    assert power_w >= 0
    return power_w * max(0, duration_ms) // MS_PER_HOUR
