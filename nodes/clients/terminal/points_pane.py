"""The list of points, the filter above it, and the point under the cursor beside it."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from nodes.clients.appearance import point_price, point_status
from nodes.clients.objects import Point
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.day_strip import day_span, day_strip
from nodes.clients.terminal.point_filter import filter_from
from nodes.clients.terminal.rows import Rows

WIDE = 136
"""Columns from which on there is room for more than the least."""


class PointsPane(Vertical):
    """``day``: which day of the calendar is shown, 0 is today."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="points-pane")
        self._board = board
        self._speech = speech
        self.day = 0
        self.free_only = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Horizontal(
            Input(placeholder=self._speech("filter"), compact=True, id="filter"),
            Static("", id="count", markup=False),
            classes="filter-line",
        )
        yield Horizontal(
            Rows("points"),
            VerticalScroll(
                Static("", id="facts", markup=False),
                Static("", id="day", markup=False),
                id="detail",
                classes="beside",
                can_focus=False,
            ),
        )

    @property
    def chosen(self) -> Point | None:
        """The point under the cursor."""
        key = self.query_one(Rows).chosen
        return None if key is None else self._board.points.get(key)

    def show(self, now_ms: int) -> None:
        """Show what the board holds now."""
        speech, is_wide = self._speech, self.app.size.width >= WIDE
        wanted = filter_from(self.query_one("#filter", Input).value, free_only=self.free_only)
        points = self._board.matching(wanted)
        heads = [speech("name"), speech("status"), speech("power")]
        heads += [speech("connector"), speech("price")] if is_wide else []
        self.query_one(Rows).fill(heads, {point.id: self._cells(point, now_ms, is_wide=is_wide) for point in points})
        count = speech("count_points", shown=len(points), all=len(self._board.points))
        self.query_one("#count", Static).update(f"{speech('key.free')} · {count}" if self.free_only else count)
        self.show_detail(now_ms)

    def show_detail(self, now_ms: int) -> None:
        """Show the point under the cursor."""
        point, facts, day = self.chosen, self.query_one("#facts", Static), self.query_one("#day", Static)
        if point is None:
            facts.update("")
            day.update(self._speech("no_points") if self._board.points else "")
            return
        facts.update(self._facts(point, now_ms))
        width = self.query_one("#detail").content_size.width or 28
        day.update(self._calendar(point, now_ms, width))

    def _cells(self, point: Point, now_ms: int, *, is_wide: bool) -> list[Text]:
        speech, name = self._speech, Text(plain(point.name))
        name.truncate(34 if is_wide else 17, overflow="ellipsis")
        status = point_status(point, speech, now_ms, is_short=True)
        cells = [name, status, Text(speech.power(point.max_power_w), justify="right")]
        if is_wide:
            cells += [Text(speech.connector(point.connector, point.connector_label)), Text(point_price(point, speech))]
        return cells

    def _facts(self, point: Point, now_ms: int) -> Text:
        speech = self._speech
        text = Text(plain(point.name), "bold")
        text.append(f"\n{plain(point.id)}", "bright_black")
        if point.location.address:
            text.append(f"\n{plain(point.location.address)}", "not bold")
        status = point_status(point, speech, now_ms)
        plug = speech.connector(point.connector, point.connector_label)
        text = Text.assemble(
            text, "\n", status, f"\n{speech.power(point.max_power_w)} · {plug}\n", point_price(point, speech)
        )
        if point.fault:
            text.append(f"\n{speech('fault')}: {plain(point.fault)}", "red")
        elif point.maintenance:
            text.append(f"\n{speech('maintenance')}", "red")
        if point.stale:
            text.append(f"\n{speech('stale', when=speech.moment(point.as_of_ms, now_ms))}", "yellow")
        return text

    def _calendar(self, point: Point, now_ms: int, width: int) -> Text:
        speech, span = self._speech, day_span(now_ms, self.day)
        calendar = self._board.calendar
        busy = calendar.busy if calendar is not None and calendar.point_id == point.id else []
        head = speech("next_hours") if self.day == 0 else speech.day(span[0], now_ms)
        strip = day_strip(span, now_ms, busy, self._board.my_windows(point.id), width)
        words = (("·", "green", "free_here"), ("█", "red", "taken_here"), ("█", "cyan", "yours_here"))
        legend = Text("   ").join(Text.assemble((sign, style), f" {speech(key)}") for sign, style, key in words)
        return Text.assemble((f"\n{head}\n", "bold"), strip, "\n\n", legend, (self._terms(point), "bright_black"))

    def _terms(self, point: Point) -> str:
        """Return what a driver agrees to, where there is room."""
        terms, speech = point.terms, self._speech
        if self.app.size.width < WIDE or not {"cancel_until_s", "early_start_s", "no_show_s"} <= terms.keys():
            return ""
        cancel_s, early_s, late_s = terms["cancel_until_s"], terms["early_start_s"], terms["no_show_s"]
        lines = (
            speech("term.cancel", span=speech.duration(1000 * cancel_s)) if cancel_s else speech("term.cancel_start"),
            speech("term.early", span=speech.duration(1000 * early_s)),
            speech("term.no_show", span=speech.duration(1000 * late_s)),
        )
        return "\n\n" + "\n".join(lines)
