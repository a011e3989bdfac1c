"""The filter line."""

import pytest

from nodes.clients.terminal.point_filter import filter_from
from tests.nodes.clients.terminal.examples import point


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("", True),
        ("praca se", True),
        ("PRAÇA", True),
        ("direita", True),
        ("chademo", True),
        ("server1.a", True),
        ("norte", False),
        ("praca norte", False),
        (">50kW", True),
        (">=50", True),
        ("> 50", False),
        (">50,5kw", False),
        ("free", True),
        ("livre", True),
        ("node:server1", True),
        ("servidor:server2", False),
    ],
)
def test_every_word_must_be_found(text: str, is_shown: bool) -> None:
    """Without regard to accents and capitals."""
    assert filter_from(text).admits(point()) is is_shown


def test_free_is_what_is_free_now() -> None:
    """Typed, or by its key."""
    taken = point(status="CHARGING")
    assert filter_from("").admits(taken)
    assert not filter_from("free").admits(taken)
    assert not filter_from("", free_only=True).admits(taken)
