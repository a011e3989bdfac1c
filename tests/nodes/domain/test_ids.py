"""Identifiers: safe in a URL path, an MQTT topic and a file name, and readable back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.domain import ids

HOSTILE = [
    "",
    " ",
    "a b",
    "a/b",
    "../etc",
    "a+",
    "+",
    "#",
    "a#",
    "$SYS",
    "a%2fb",
    "a\\b",
    "a\0",
    "abc\n",
    "\nabc",
    "abc\r\n",
    "ABC",
    "á",
    "a\u0301",
    "\u0661",
    "a\u0661",
    "\uff41",
    "\u212a",
    "ß",
    "🔌",
    "a_b",
    "a.b.c.d",
    "-a",
    "a-",
    "-",
    "a" * 10_000,
    "a\u200b",
    "a:b",
    "*",
    "?",
]
NODES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)
SLUGS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", fullmatch=True)
NUMBERS = st.integers(0, 10**10 - 1)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_string_is_no_id(text: str) -> None:
    """An id goes into topics, paths and file names unescaped: '+' there would subscribe to every point."""
    assert not ids.is_node_id(text)
    assert not ids.is_slug(text)
    assert not ids.is_point_id(text)
    assert not ids.is_point_id(f"server1.{text}")
    assert not ids.is_point_id(f"{text}.centro-01")
    assert not ids.is_reservation_id(f"server1.{text}.r1-1")
    assert not ids.is_session_id(f"{text}.centro-01.s1-1")


@pytest.mark.parametrize(
    "suffix", ["r1-\u0661", "r1-", "r-1", "r1-1\n", "r1", "R1-1", "r1-1-1", "r+1-1", "r12345678901-1"]
)
def test_a_hostile_witness_is_no_id(suffix: str) -> None:
    """The epoch and the sequence are ASCII digits, of bounded length."""
    assert not ids.is_reservation_id(f"server1.centro-01.{suffix}")
    assert not ids.is_session_id(f"server1.centro-01.{suffix.replace('r', 's')}")


def test_reservations_and_sessions_do_not_answer_for_each_other() -> None:
    """Both stand in URLs; the letter tells which table holds them."""
    assert ids.is_reservation_id("server1.centro-01.r2-17")
    assert ids.is_session_id("server1.centro-01.s2-18")
    assert not ids.is_reservation_id("server1.centro-01.s2-18")
    assert not ids.is_session_id("server1.centro-01.r2-17")


@pytest.mark.parametrize(("length", "node", "slug"), [(1, True, True), (32, True, True), (33, False, True)])
def test_a_nodes_id_is_shorter_than_a_slug(length: int, node: bool, slug: bool) -> None:
    """The documented lengths: 1 to 32 and 1 to 64, so that every id fits a file name."""
    assert ids.is_node_id("a" * length) is node
    assert ids.is_slug("a" * length) is slug


def test_the_longest_slug_is_64_characters() -> None:
    """One more and the id of a session may outgrow the column that holds it."""
    assert ids.is_slug("a" * 64)
    assert not ids.is_slug("a" * 65)
    assert ids.is_point_id(f"{'a' * 32}.{'b' * 64}")


@settings(deadline=None)
@given(NODES, SLUGS, NUMBERS, NUMBERS)
def test_every_id_names_its_point_and_its_owner(node: str, slug: str, epoch: int, seq: int) -> None:
    """Any node routes any request by the id alone (P6)."""
    point = ids.point_id(node, slug)
    reservation, session = ids.reservation_id(point, epoch, seq), ids.session_id(point, epoch, seq)
    assert ids.is_point_id(point)
    assert ids.is_reservation_id(reservation)
    assert ids.is_session_id(session)
    assert ids.owner_of(point) == ids.owner_of(reservation) == ids.owner_of(session) == node
    assert ids.point_of(reservation) == ids.point_of(session) == point


@settings(deadline=None)
@given(st.tuples(SLUGS, NUMBERS, NUMBERS), st.tuples(SLUGS, NUMBERS, NUMBERS))
def test_different_witnesses_make_different_ids(one: tuple[str, int, int], other: tuple[str, int, int]) -> None:
    """Slugs and numbers are joined by characters that neither holds, so no two of them read the same."""
    makers = [ids.reservation_id(f"n.{slug}", epoch, seq) for slug, epoch, seq in (one, other)]
    assert (makers[0] == makers[1]) is (one == other)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_every_name_gives_a_slug(name: str) -> None:
    """The seed contract creates points by name, and any text may be a name."""
    assert ids.is_slug(ids.slug_from(name))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_the_slug_of_a_slug_is_the_same(name: str) -> None:
    """A client that learned the slug and sends it as the name must find the same point."""
    assert ids.slug_from(ids.slug_from(name)) == ids.slug_from(name)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Posto Centro 01", "posto-centro-01"),
        ("São João - Praça", "sao-joao-praca"),
        ("  --Ação!!  ", "acao"),
        ("a" * 63 + " b", "a" * 63),
        ("a" * 10_000, "a" * 64),
        ("Ⅳ", "iv"),
        ("", "ponto"),
        ("🔌⚡", "ponto"),
        ("充电站", "ponto"),
        ("---", "ponto"),
    ],
)
def test_a_human_name_becomes_a_readable_slug(name: str, slug: str) -> None:
    """Accents are dropped and not the letters under them; what leaves nothing gets a name all the same."""
    assert ids.slug_from(name) == slug


@pytest.mark.parametrize(
    "name", ["Centro\u2014Norte", "Centro🔌Norte", "Centro·Norte", "Centro\u2028Norte", "Centro…Norte"]
)
def test_what_is_no_letter_becomes_a_dash_outside_ascii_too(name: str) -> None:
    """Words that a sign kept apart must not run together: 'centronorte' is another name."""
    assert ids.slug_from(name) == "centro-norte"
