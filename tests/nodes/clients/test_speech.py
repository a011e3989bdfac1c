"""Words and figures in two languages."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from nodes import web
from nodes.clients.errors import Refused, Unreachable, problem_from
from nodes.clients.objects import KnownNode
from nodes.clients.problem_words import PROBLEM_WORDS
from nodes.clients.speech import LANGUAGES, Speech, language_of_user
from nodes.clients.words import WORDS
from nodes.gossip.reason import Reason, ReasonCode
from nodes.problems import PROBLEMS
from tests.nodes.clients.test_moments import NOON, ms

HOUR = 3_600_000


def test_every_text_has_the_same_places_in_both_languages() -> None:
    """A value left out would be seen by people only."""
    for key, texts in (WORDS | PROBLEM_WORDS).items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name is not None} for text in texts]
        assert places[0] == places[1], key
        assert all(texts)


@pytest.mark.parametrize(
    ("language", "money", "energy", "power"),
    [("en", "R$ 1,234.56", "7.20 kWh", "7.4 kW"), ("pt", "R$ 1.234,56", "7,20 kWh", "7,4 kW")],
)
def test_figures(language: str, money: str, energy: str, power: str) -> None:
    """As people write them; currencies have the decimals that ISO 4217 gives them."""
    speech = Speech(language)
    assert speech.money(123_456, "BRL") == money
    assert speech.energy(7_200) == energy
    assert speech.power(7_400) == power
    assert speech.power(22_000) == "22 kW"
    assert Speech("en").money(500, "JPY") == "JPY 500"
    assert Speech("en").money(1_500, "KWD") == "KWD 1.500"
    assert Speech("en").money(5, "\x1b[1") == "�[1 0.05"


def test_times() -> None:
    """The day is said where it is not today."""
    speech = Speech("en")
    assert speech.span(NOON, NOON + HOUR, NOON) == "12:00–13:00"
    assert speech.span(NOON + 24 * HOUR, NOON + 25 * HOUR, NOON) == "tomorrow 12:00–13:00"
    assert speech.span(NOON + 11 * HOUR, NOON + 13 * HOUR, NOON) == "23:00–tomorrow 01:00"
    assert speech.span(NOON + 11 * HOUR, NOON + 12 * HOUR, NOON) == "23:00–00:00"
    assert speech.moment(ms("2026-12-24T18:00:00"), NOON) == "Thu 24 Dec 18:00"
    assert Speech("pt").moment(ms("2026-12-24T18:00:00"), NOON) == "qui 24 dez 18:00"
    assert [speech.duration(minutes * 60_000) for minutes in (0, 59, 60, 90, 2880)] == [
        "0 min",
        "59 min",
        "1 h",
        "1 h 30 min",
        "2 days",
    ]


def test_problems_are_explained_in_the_drivers_words() -> None:
    """And what is news to us, in the node's, made harmless."""
    body = {"type": "urn:recarga:problem:window-taken", "taken_start_ms": NOON, "taken_end_ms": NOON + HOUR}
    assert Speech("pt").explain(problem_from(409, body, None), NOON) == "esse horário está ocupado (12:00–13:00)"
    body = {"type": "urn:recarga:problem:window-too-short", "min_window_s": 300}
    assert Speech("en").explain(problem_from(422, body, None), NOON) == "too short: at least 5 min"
    assert Speech("en").explain(Refused(409, {"type": "x", "detail": "new\x1b"}), NOON) == "new�"
    assert (
        Speech("en").explain(Refused(409, {"type": "urn:recarga:problem:window-taken"}), NOON)
        == "that time is taken (?)"
    )
    assert "no server answers" in Speech("en").explain(Unreachable("x"), NOON)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_that_a_node_states_has_words(language: str) -> None:
    """A type without words would show the node's English to all; words without a type are of no use."""
    assert len(PROBLEMS) > 50
    assert {kind.slug for kind in PROBLEMS} == set(PROBLEM_WORDS)
    for kind in PROBLEMS:
        body = {"type": kind.uri, "title": kind.title, "status": kind.status, "detail": "price: too high"}
        said = Speech(language).explain(problem_from(kind.status, body, None), NOON)
        assert said not in ("price: too high", kind.title), kind.slug
        assert ("price: too high" in said) == (kind.slug in ("invalid-request", "point-invalid")), kind.slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_node_is_what_it_is_has_words(language: str) -> None:
    """Whatever a node may say; a code that is news to us, or none, is said in the node's English, made harmless."""
    speech = Speech(language)
    for code in ReasonCode:
        reason = Reason(code, by="server3", probes=3, indirect=2, detail="too old")
        told = speech.reason(known_node(**reason.told()))
        assert told == speech(f"reason.{code}", by="server3", probes=3, indirect=2, detail="too old")
        assert "?" not in told
    assert speech.reason(known_node(reason="new\x1b", reason_code="NEW", reason_values={"by": None})) == "new�"
    assert speech.reason(known_node(reason="old")) == "old"
    assert "?" in speech.reason(known_node(reason="x", reason_code="TOLD"))


def known_node(**more: Any) -> KnownNode:
    told = {"id": "server2", "self": False, "state": "ALIVE", "epoch": 1, "url": None, "points": 0, "points_seen": 0}
    return KnownNode.read(told | {"since_ms": 0, "heard_ms": 0, "stale": False, "lag": {"events": 0}} | more)


def test_no_two_languages_say_a_problem_alike() -> None:
    """What was left untranslated is found."""
    assert [slug for slug, (english, portuguese) in PROBLEM_WORDS.items() if english == portuguese] == []


def test_the_language_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """English where it asks for neither."""
    monkeypatch.setenv("LANG", "pt_BR.UTF-8")
    assert language_of_user() == "pt"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert language_of_user() == "en"


def test_a_status_that_is_news_is_said_as_it_is() -> None:
    """Newer nodes may know more of them."""
    assert Speech("pt").status("AVAILABLE") == "livre"
    assert Speech("pt").status("MELTING\x1b") == "MELTING�"


@pytest.mark.parametrize(("language", "file"), [("en", "en.js"), ("pt", "pt.js")])
def test_both_clients_call_a_status_the_same(language: str, file: str) -> None:
    """A driver at the web client and in a terminal reads the same words (a point and a reservation differ in gender)."""
    text = (Path(web.__file__).parent / "static" / "js" / file).read_text(encoding="utf-8")
    theirs = dict(re.findall(r'"(?:status|reservation|node)\.([A-Z_]+)": "([^"]+)"', text))
    del theirs["RESERVED"]
    assert len(theirs) > 10
    assert {status: Speech(language).status(status) for status in theirs} == {
        status: words.lower() for status, words in theirs.items()
    }
