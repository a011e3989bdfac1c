"""The points as an operator sees them: what serves, at which price, under which terms."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from nodes.clients.appearance import point_price, style_of
from nodes.clients.moments import now_ms
from nodes.clients.objects import Point
from nodes.clients.plain_text import plain
from nodes.clients.point_sheet import point_sheet
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.point_filter import filter_from
from nodes.clients.terminal.rows import Rows

_ROOMY = 110
"""Columns from which on names and power fit beside the ids, which is what an operator knows points by."""


class OperatorPane(Vertical):
    """All points that the filter admits, and beside them all that is said of the one under the cursor."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="operator-pane")
        self._board = board
        self._speech = speech
        self.is_faulty = False
        """Whether something has failed at the point under the cursor."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Horizontal(
            Input(placeholder=self._speech("filter"), compact=True, id="operator-filter"),
            Static("", id="operator-count", markup=False),
            classes="filter-line",
        )
        yield Horizontal(
            Rows("operator"), VerticalScroll(Static("", id="sheet", markup=False), classes="beside", can_focus=False)
        )

    @property
    def chosen(self) -> Point | None:
        """The point under the cursor."""
        key = self.query_one(Rows).chosen
        return None if key is None else self._board.points.get(key)

    def show(self, at_ms: int) -> None:
        """Show what the board holds now."""
        speech, is_roomy = self._speech, self.app.size.width >= _ROOMY
        points = self._board.matching(filter_from(self.query_one("#operator-filter", Input).value))
        keys = ("point", "name", "status", "power", "price") if is_roomy else ("point", "status", "price")
        rows = {point.id: self._cells(point, is_roomy=is_roomy) for point in points}
        self.query_one(Rows).fill([*map(speech, keys)], rows)
        count = speech("count_points", shown=len(points), all=len(self._board.points))
        self.query_one("#operator-count", Static).update(count)
        self.show_sheet(at_ms)

    def on_data_table_row_highlighted(self) -> None:
        """Another point is looked at."""
        self.show_sheet(now_ms())

    def show_sheet(self, at_ms: int) -> None:
        """Show the point under the cursor, and the keys that do something with it."""
        point = self.chosen
        is_faulty = point is not None and bool(point.fault)
        if is_faulty != self.is_faulty:
            self.is_faulty = is_faulty
            self.app.refresh_bindings()
        sheet = point_sheet(point, self._speech, at_ms) if point is not None else self._speech("no_points")
        self.query_one("#sheet", Static).update(sheet)

    def _cells(self, point: Point, *, is_roomy: bool) -> list[Text]:
        speech, identifier, name = self._speech, Text(plain(point.id)), Text(plain(point.name))
        identifier.truncate(40 if is_roomy else 20, overflow="ellipsis")
        name.truncate(24, overflow="ellipsis")
        status = Text(speech.status(point.status), style_of(point.status))
        if point.stale:
            status.append(" ?", "yellow")
        price = Text(point_price(point, speech), justify="right")
        if not is_roomy:
            return [identifier, status, price]
        return [identifier, name, status, Text(speech.power(point.max_power_w), justify="right"), price]
