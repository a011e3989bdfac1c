"""The web client's files: how they are served, and what they promise each other."""

import gzip
import re
from pathlib import Path

import pytest

import nodes.web
from nodes.gossip.reason import ReasonCode
from nodes.problems import PROBLEMS
from nodes.web.site import site
from tests.nodes.web.network import Network, ask

STATIC = Path(nodes.web.__file__).parent / "static"
BYTES_MAX = 150_000
"""What a first visit loads at the most, as it goes over the wire."""
_REASON_VALUES = {
    ReasonCode.TOLD: {"by"},
    ReasonCode.UNANSWERED: {"probes", "indirect"},
    ReasonCode.OLD_HISTORY: {"detail"},
}
SCRIPTS = {path.name: path.read_text() for path in sorted((STATIC / "js").glob("*.js"))}


def words(language: str) -> dict[str, str]:
    """The words of a language, by key."""
    texts = SCRIPTS[f"{language}.js"] + SCRIPTS[f"{language}_problems.js"]
    return dict(re.findall(r'^  "?([\w.-]+)"?: "(.*)",$', texts, re.MULTILINE))


def test_both_languages_have_the_same_keys_and_the_same_values_in_them() -> None:
    """A word that only one of them has shows as its key to half of the people."""
    english, portuguese = words("en"), words("pt")
    assert len(english) > 200
    assert english.keys() == portuguese.keys()
    values = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert sorted(values.findall(text)) == sorted(values.findall(portuguese[key])), key


def test_every_key_that_is_asked_for_has_words() -> None:
    """Keys that are put together at run time are left to the browser tests."""
    english = words("en")
    asked = {key for text in SCRIPTS.values() for key in re.findall(r'\bt\("([^"]+)"', text)}
    assert len(asked) > 100
    assert {key for key in asked if key not in english and f"{key}.other" not in english} == set()


@pytest.mark.parametrize("language", ["en", "pt"])
def test_why_a_node_is_what_it_is_is_told_in_the_language_of_the_page(language: str) -> None:
    """With what belongs to it: a place in the words that no node fills shows as it is."""
    own = words(language)
    for code in ReasonCode:
        places = set(re.findall(r"\{(\w+)\}", own[f"reason.{code}"]))
        assert places == _REASON_VALUES.get(code, set())


@pytest.mark.parametrize("language", ["en", "pt"])
def test_every_problem_that_a_node_states_is_told_in_the_language_of_the_page(language: str) -> None:
    """A type without words shows the node's English to all."""
    own = words(language)
    assert len(PROBLEMS) > 50
    assert [kind.slug for kind in PROBLEMS if f"problem.{kind.slug}" not in own] == []


def test_nothing_in_the_scripts_makes_html_of_text_or_looks_elsewhere() -> None:
    """The policy forbids it in a browser that knows trusted types; this, in all others."""
    for name, text in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            name
        )
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
        assert "sessionStorage" not in text, name
    assert [name for name, text in SCRIPTS.items() if "localStorage" in text] == ["settings.js"]


def test_a_first_visit_is_small() -> None:
    """A phone on a slow line is in front of a charger when it opens this."""
    here = site()
    assert (
        len(here.page.packed)
        + sum(len(asset.packed) for name, asset in here.files.items() if not name.startswith("vendor/"))
        < BYTES_MAX
    )
    assert all(gzip.decompress(asset.packed) == asset.body for asset in here.files.values())


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ["node", "web"])
def test_pages_are_asked_for_again_and_files_kept_for_ever(network: Network, place: str) -> None:
    """A new version is seen at the next visit, and nothing is loaded twice."""
    base = f"{network.server1.url}/ui/" if place == "node" else f"{network.client_1.url}/"
    page = ask(base)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-cache"
    assert ask(base, If_None_Match=page.headers["ETag"]).status == 304
    paths = re.findall(r'(?:href|src)="([^"]+)"', page.body.decode())
    assert {path.split("/")[0] for path in paths} == {site().version}
    assert {path.partition("/js/")[2] for path in paths if "/js/" in path} == set(SCRIPTS)
    styles = [path.partition("/")[2] for path in paths if path.endswith(".css")]
    assert sorted(styles) == sorted(path.name for path in STATIC.glob("*.css"))
    for path in paths:
        file = ask(base + path, Accept_Encoding="gzip")
        assert file.status == 200
        assert "immutable" in file.headers["Cache-Control"]
        assert file.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(file.body) == (STATIC / path.partition("/")[2]).read_bytes()
    assert ask(f"{base}0123456789abcdef/app.css").headers["Cache-Control"] == "no-cache"
    assert ask(f"{base}{site().version}/nothing.js").status == 404
    assert ask(f"{base}{site().version}/../../routes.py").status == 404
    assert ask(f"{base}{site().version}/%2e%2e/%2e%2e/routes.py").status == 404


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ["node", "web"])
def test_the_policy_goes_with_the_page_and_every_file(network: Network, place: str) -> None:
    """Nothing but this server's own files runs, and no other site shows the page in a frame."""
    base = f"{network.server1.url}/ui/" if place == "node" else f"{network.client_1.url}/"
    for path in ("", f"{site().version}/app.css"):
        headers = ask(base + path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "nosniff" in headers["X-Content-Type-Options"]


@pytest.mark.system
@pytest.mark.timeout(600)
def test_without_a_slash_one_is_led_to_the_page(network: Network) -> None:
    """People type /ui."""
    assert b"<title>Recarga" in ask(f"{network.server1.url}/ui").body
