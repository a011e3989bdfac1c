"""Names that lead elsewhere from some moment on."""

from random import Random

from sim.worlds.virtual.addresses import Addresses


def test_a_name_that_was_changed_leads_some_to_where_it_led_before() -> None:
    """Whoever keeps what it looked up; until the last of them has forgotten."""
    addresses: Addresses[str] = Addresses(Random(1))
    assert addresses.find("a") is None
    addresses.lead("a", "old")
    assert {addresses.find("a") for _ in range(20)} == {"old"}
    addresses.lead("a", "new")
    assert {addresses.find("a") for _ in range(50)} == {"old", "new"}
    addresses.forget("a", "new")
    assert {addresses.find("a") for _ in range(50)} == {"old", "new"}
    addresses.forget("a", "old")
    assert {addresses.find("a") for _ in range(50)} == {"new"}
