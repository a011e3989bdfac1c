"""A trip that is being put together, and what was said of it."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from nodes.clients.network import StopWish
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.rows import Cells, Rows


class TripPane(Vertical):
    """The draft on the board."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="trip-pane")
        self._board = board
        self._speech = speech
        self._said = Text("")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("", id="trip-head", markup=False)
        yield Rows("stops")
        yield Static("", id="trip-said", markup=False)

    @property
    def chosen(self) -> int | None:
        """The number of the stop under the cursor, from 0."""
        key = self.query_one(Rows).chosen
        return None if key is None else int(key)

    def say(self, text: str, style: str = "") -> None:
        """Say something below the stops."""
        self._said = Text(text, style)

    def show(self, now_ms: int) -> None:
        """Show the draft."""
        speech, draft, table = self._speech, self._board.draft, self.query_one(Rows)
        self.query_one("#trip-head", Static).update(speech("draft" if draft.stops else "draft_empty"))
        heads = ("#", speech("point"), speech("window"), "")
        table.fill(heads, {str(at): self._cells(at, stop, now_ms) for at, stop in enumerate(draft.stops)})
        self.query_one("#trip-said", Static).update(self._said)

    def _cells(self, at: int, stop: StopWish, now_ms: int) -> Cells:
        draft, point_id = self._board.draft, stop.points[0]
        point, word = self._board.points.get(point_id), Text("")
        if draft.failed == at:
            word = Text(self._speech("taken_here"), "red")
            if draft.offer is not None:
                word.append(" · ").append(
                    self._speech("offer", window=self._speech.span(*draft.offer, now_ms)), "green"
                )
        name = plain(point_id) if point is None else f"{plain(point.name)} ({plain(point_id)})"
        return Text(str(at + 1)), Text(name), Text(self._speech.span(stop.start_ms, stop.end_ms, now_ms)), word
