"""Bugs that break P9: money or energy is not exact, or more than can have flowed."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_TARIFF = "nodes.domain.tariff"

BOOKS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="cost-off-by-one",
        promise="P9",
        budget_seeds=20,
        story="Every session costs one cent too much: cost.",
        edits=(Edit(_TARIFF, "+ 500) // 1000", "+ 500) // 1000 + 1"),),
    ),
    PlantedBug(
        name="cost-rounded-half-to-even",
        promise="P9",
        budget_seeds=20,
        story=(
            "The price is rounded as Python rounds, half to even and not half up, so that of the sessions that come to "
            "exactly half a cent every second one costs a cent too little: cost."
        ),
        edits=(
            Edit(
                _TARIFF,
                "return (energy_wh * price_per_kwh_minor + 500) // 1000",
                "return round(energy_wh * price_per_kwh_minor / 1000)",
            ),
        ),
    ),
    PlantedBug(
        name="billed-at-todays-price",
        promise="P9",
        budget_seeds=20,
        story=(
            "A session under a reservation costs what the point costs when it starts, and not what was announced when it "
            "was reserved: price-differs."
        ),
        edits=(
            Edit(
                "nodes.domain.charging",
                "price, currency = reservation.price_per_kwh_minor, reservation.currency",
                "price, currency = point.spec.price_per_kwh_minor, point.spec.currency",
            ),
        ),
        scenario=("operator_acts_per_hour",),
    ),
    PlantedBug(
        name="energy-with-tolerance",
        promise="P9",
        budget_seeds=20,
        story=(
            "Meters whose clock differs are given a minute's tolerance, so that more energy is booked than power times "
            "time: energy."
        ),
        edits=(
            Edit(
                "nodes.domain.charging",
                "energy_limit_wh(session.max_power_w, now_ms - session.started_ms)",
                "energy_limit_wh(session.max_power_w, now_ms + 60_000 - session.started_ms)",
            ),
        ),
        scenario=("clock_jump", "clock_drift"),
    ),
    PlantedBug(
        name="reading-not-recovered",
        promise="P9",
        budget_seeds=20,
        story=(
            "After a start a running session's meter stands at nothing, so that one which ends with its window before "
            "the next reading is billed for no energy: meter-back."
        ),
        edits=(Edit("nodes.store.load", "        energy_wh=row.energy_wh,\n", ""),),
        scenario=("crash",),
    ),
)
