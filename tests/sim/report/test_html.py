"""``report.html`` as text: self-contained, escaped, small, with a name for everything."""

import re
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.report import build_report
from sim.report.html import render
from tests.sim.measure.made_run import MadeRun
from tests.sim.report.conftest import Reported
from tests.sim.report.page import read_page
from tests.sim.report.sample_runs import BROKEN, HOSTILE, KEPT, RUNS, hostile_names

SIZE_MAX = 1_500_000


def _html(tmp_path: Path, run: MadeRun, promises: dict[str, Any]) -> str:
    return render(build_report(run.write(tmp_path / "run"), promises))


@pytest.fixture(scope="module", params=RUNS)
def html(request: pytest.FixtureRequest, reported: Reported) -> str:
    return (reported(request.param)[1] / "report.html").read_text()


def test_the_page_refers_to_nothing_outside_itself(html: str) -> None:
    """It is mailed around and opened on trains."""
    page = read_page(html)
    references = [
        value
        for element in page.all()
        for name, value in element.attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "formaction"}
    ]
    assert references
    assert all(value.startswith("#") or value == "data:," for value in references)
    style = "".join(element.text for element in page.all("style"))
    assert not re.search(r"url\(|@import|expression\(", style)
    assert page.all("link")[0].attributes["rel"] == "icon"


def test_links_within_the_page_lead_somewhere(html: str) -> None:
    page = read_page(html)
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    links = {element.attributes["href"] for element in page.all("a")}
    assert links <= {f"#{name}" for name in names}


def test_the_page_is_small(html: str) -> None:
    assert len(html.encode()) < SIZE_MAX


def test_every_figure_says_what_there_is_to_see_or_why_there_is_nothing(html: str) -> None:
    """A figure without a title is a riddle; an empty one is a lie."""
    figures = read_page(html).all("figure")
    assert len(figures) >= 7
    for figure in figures:
        captions = figure.all("figcaption")
        assert len(captions) == 1
        title = captions[0].all("h3")[0].text
        assert len(title) > 10
        drawn = figure.all("svg", "table")
        assert drawn or title.startswith(("No", "Nobody", "Nothing", "There are no")) or "session" in title


def test_every_drawing_has_a_name_for_who_cannot_see_it(html: str) -> None:
    for drawing in read_page(html).all("svg"):
        assert drawing.attributes["role"] == "img"
        assert len(drawing.attributes["aria-label"]) > 10


def test_headings_go_down_one_level_at_a_time(html: str) -> None:
    """Screen readers walk the page by its headings."""
    levels = [int(element.tag[1]) for element in read_page(html).all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_column_of_a_table_has_a_heading(html: str) -> None:
    for table in read_page(html).all("table"):
        headings = [heading for head in table.all("thead") for heading in head.all("th")]
        assert headings
        assert all(heading.attributes.get("scope") in {"col", "colgroup"} for heading in headings)
        assert table.all("tbody")


def test_no_coordinate_is_anything_but_a_number(html: str) -> None:
    """NaN and infinity draw nothing, silently."""
    for drawing in read_page(html).all("svg"):
        for element in drawing.all():
            for name in ("d", "x", "y", "width", "height", "cx", "cy", "r"):
                assert not re.search(r"nan|inf|e[-+]?\d", element.attributes.get(name, "")), element
            assert float(element.attributes.get("width", "0")) >= 0
            assert float(element.attributes.get("height", "0")) >= 0


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Names come from users: none of them may become an element, an attribute or a script."""
    html = _html(tmp_path, hostile_names(), BROKEN)
    page = read_page(html)
    shown = HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    scripts = page.all("script")
    assert [script.attributes.get("type") for script in scripts] == ["application/json", None, None]
    assert not any("alert(" in script.text for script in scripts[1:])
    assert "<" not in scripts[0].text
    assert not [element for element in page.all() if any(name.startswith("on") for name in element.attributes)]
    assert page.text.count(shown) > 10
    assert "<script>alert" not in html
    assert "\u202e" not in html


def test_control_characters_do_not_reach_the_page(tmp_path: Path) -> None:
    run = MadeRun()
    run.fate(1.0, "bell \x07, escape \x1b[31m, turned \u2067x", class_name="null \x00")
    html = _html(tmp_path, run, KEPT)
    assert "turned \N{REPLACEMENT CHARACTER}x" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_figures_in_the_text_are_those_of_the_report(reported: Reported) -> None:
    """The page and report.json are two views of one model."""
    report, _ = reported("ordinary")
    text = read_page(render(report)).text
    assert report.explanation in text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert report.run.command in text
    assert report.run.scenario_hash in text
    for counts in report.operations.values():
        assert f"{counts.total.offered:,}" in text
        assert all(reason.error in text for reason in counts.reasons)


def test_violations_are_told_with_their_stories(reported: Reported) -> None:
    """The least that shows what went wrong, where people look first."""
    text = read_page(render(reported("double_booked")[0])).text
    assert "driver-3 was told: 201 RESERVED" in text
    assert "a reservation is lost" in text
    assert "137 violations; the first 10" in text


def test_more_points_than_a_figure_holds_are_said_to_be_left_out(reported: Reported) -> None:
    """Nobody should take 120 points for all of them."""
    text = " ".join(read_page(render(reported("many_points")[0])).text.split())
    assert "Shown: the 120 busiest of 300 points." in text


def test_text_can_be_read_against_its_background() -> None:
    """WCAG 2.2 AA: a contrast of 4.5 for text and 3 for what is drawn, in the light and in the dark."""
    css = (files("sim.report") / "assets" / "report.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in css.split("@media", 2)[:2])
    for colours in (light, light | dark):
        for name in ("ink", "soft", "faint", "pass", "fail", "invalid"):
            assert _contrast(colours[name], colours["paper"]) >= 4.5, name
        for name in ("pass", "fail", "invalid"):
            assert _contrast(colours[name], colours[f"{name}-tint"]) >= 4.5, name
            assert _contrast(colours["ink"], colours[f"{name}-tint"]) >= 4.5, name
        for name in ("accepted", "refused", "unavailable", "unknown", "charging", "conflict", "fault", "neutral-1"):
            assert _contrast(colours[name], colours["paper"]) >= 3, name


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as WCAG defines it."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_trips_have_rows_and_reasons_of_their_own(tmp_path: Path) -> None:
    """Also in a run in which nobody wanted a single reservation."""
    run = MadeRun()
    run.request(1.0, f="trip", point=None)
    run.request(2.0, f="trip", point=None, kind="fail", error="no-point-fits", status=409)
    run.request(3.0, f="cancel_trip", point=None)
    text = _html(tmp_path, run, KEPT)
    assert '<span class="name">cancel trip</span>' in text
    assert "cancel_trip" not in text
    assert "Outcomes of trips asked for, by reason" in text
    assert "nothing that seemed free was near a stop" in text
    assert "Outcomes of reservations asked for" not in text
