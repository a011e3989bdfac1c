"""A trip that is being put together."""

from nodes.clients.errors import Refused
from nodes.clients.network import StopWish
from nodes.clients.terminal.draft import Draft

HOUR = 3_600_000


def stop(hour: int, name: str = "a", hours: int = 1) -> StopWish:
    return StopWish(hour * HOUR, (hour + hours) * HOUR, (f"server1.{name}",))


def hours(draft: Draft) -> list[tuple[int, int]]:
    return [(each.start_ms // HOUR, each.end_ms // HOUR) for each in draft.stops]


def test_stops_are_in_order_of_time() -> None:
    """In whatever order they are picked."""
    draft = Draft()
    assert [draft.add(stop(hour)) for hour in (5, 1, 3)] == [0, 0, 1]
    assert hours(draft) == [(1, 2), (3, 4), (5, 6)]
    draft.remove(1)
    assert hours(draft) == [(1, 2), (5, 6)]
    draft.clear()
    assert draft.stops == ()


def test_the_key_is_kept_while_the_stops_are_and_nothing_was_decided() -> None:
    """Whoever heard nothing asks for the same again; whoever changes a stop asks for something else."""
    draft = Draft()
    draft.add(stop(1))
    key = draft.ask()
    assert draft.ask() == key
    draft.add(stop(3))
    second = draft.ask()
    assert second != key
    draft.refused(Refused(409, {"stop": 0}))
    assert draft.ask() not in (key, second)


def test_an_offer_moves_what_follows_as_far_as_it_must() -> None:
    """And no further: a stop that has room stays where it is."""
    draft = Draft()
    for hour in (1, 3, 4, 9):
        draft.add(stop(hour))
    draft.refused(Refused(409, {"stop": 1, "next_free_start_ms": 4 * HOUR, "next_free_end_ms": 5 * HOUR}))
    assert draft.offer == (4 * HOUR, 5 * HOUR)
    assert draft.take_offer()
    assert hours(draft) == [(1, 2), (4, 5), (5, 6), (9, 10)]
    assert not draft.take_offer()
