"""``sweep.html``: one file that needs no network and no JavaScript, in the style of a run's report."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sim.experiments.figures import Series, interval_words, sweep_figure
from sim.experiments.grid import written
from sim.experiments.markers import key
from sim.experiments.measures import MEASURES, Measure
from sim.experiments.model import CellRow, Interval, SweepReport
from sim.experiments.summary import label_of
from sim.report import wording

SERIES_MAX = 6
"""Curves in a figure; more cannot be told apart, and are in the table."""
_KNEE = ("waiting_mean_s", "waiting_p90_s", "reserve_p99_ms")
_CURVES = (
    "served_share",
    "granted_per_h",
    "refused_share",
    "unanswered_share",
    "busy_share",
    "charging_share",
    "served_per_h",
)
_TABLE = (
    "offered_per_h",
    "served_share",
    "waiting_mean_s",
    "waiting_p90_s",
    "refused_share",
    "reserve_p99_ms",
    "busy_share",
)
_STYLE_OF_RUNS, _OURS = files("sim.report") / "assets", files("sim.experiments") / "assets"


def render(report: SweepReport) -> str:
    """Return the page."""
    environment = Environment(
        loader=FunctionLoader(lambda name: (_OURS / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "whole": wording.whole,
        "duration": wording.duration,
        "count": wording.count,
        "written": written,
    }
    return wording.visible(environment.get_template("sweep.html").render(_context(report)))


def _context(report: SweepReport) -> Mapping[str, object]:
    series = _series(report)
    return {
        "report": report,
        "style": _text(_STYLE_OF_RUNS / "report.css") + _text(_OURS / "sweep.css"),
        "script": _text(_STYLE_OF_RUNS / "report.js"),
        "knee": _panels(report, series, _KNEE),
        "curves": _panels(report, series, _CURVES),
        "series": [(key(at), one.name) for at, one in enumerate(series) if one.name],
        "series_left_out": max(0, _series_count(report) - SERIES_MAX),
        "measures": [MEASURES[name] for name in _TABLE if any(name in cell.estimates for cell in report.cells)],
        "all_measures": list(MEASURES.values()),
        "said": _said,
        "difference": _difference,
        "unsettled": [cell for cell in report.cells if cell.settled < len(cell.runs)],
        "imprecise": [cell for cell in report.cells if cell.precise is False],
        "replications": _replications(report),
    }


def _text(path: Traversable) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


def _replications(report: SweepReport) -> str:
    counts = [len(cell.runs) for cell in report.cells]
    low, high = min(counts), max(counts)
    return f"{low}" if low == high else f"{low} to {high}"


def _others(report: SweepReport, cell: CellRow) -> str:
    first = report.axes[0].path
    return label_of({path: value for path, value in cell.settings.items() if path != first})


def _series_count(report: SweepReport) -> int:
    return len({_others(report, cell) for cell in report.cells}) if report.axes else 0


def _series(report: SweepReport) -> list[Series]:
    """Return the curves: cells that differ only on the first axis."""
    if not report.axes:
        return []
    found: dict[str, list[CellRow]] = {}
    for cell in report.cells:
        found.setdefault(_others(report, cell), []).append(cell)
    return [Series(name, cells) for name, cells in list(found.items())[:SERIES_MAX]]


def _panels(report: SweepReport, series: Sequence[Series], names: Sequence[str]) -> list[tuple[Measure, Markup]]:
    panels: list[tuple[Measure, Markup]] = []
    for name in names:
        measure = MEASURES[name]
        if any(name in cell.estimates for one in series for cell in one.cells) and not _is_nothing(series, name):
            label = (
                f"{measure.title} over {report.axes[0].path}, with 95 % intervals; the table below holds the figures"
            )
            panels.append((measure, sweep_figure(measure, report.axes[0].path, series, label)))
    return panels


def _is_nothing(series: Sequence[Series], name: str) -> bool:
    """Whether a figure is 0 everywhere: a flat line at the bottom shows less than the sentence that says so."""
    return all(cell.estimates[name].value == 0 for one in series for cell in one.cells if name in cell.estimates)


def _said(cell: CellRow, measure: Measure) -> str:
    return interval_words(measure, cell.estimates[measure.name]) if measure.name in cell.estimates else wording.NOTHING


def _difference(cell: CellRow, measure: Measure) -> tuple[str, bool]:
    """Return a difference in words, and whether its interval excludes 0."""
    found = cell.differences.get(measure.name)
    if found is None:
        return wording.NOTHING, False
    size = Interval(abs(found.value), None, None, found.half_width, found.count)
    sign = "+" if found.value > 0 else "\N{MINUS SIGN}" if found.value < 0 else ""
    clear = found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)
    return f"{sign}{interval_words(measure, size)}", clear
