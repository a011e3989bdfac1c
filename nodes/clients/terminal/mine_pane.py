"""What is the driver's: charges and reservations."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from nodes.clients.appearance import cost_so_far, style_of
from nodes.clients.objects import Reservation, Session
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.rows import Cells, Rows


class MinePane(Vertical):
    """``past``: whether what is over is shown too."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="mine-pane")
        self._board = board
        self._speech = speech
        self.past = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("", id="mine-head", markup=False)
        yield Rows("mine")

    @property
    def chosen(self) -> Reservation | Session | None:
        """What is under the cursor."""
        key = self.query_one(Rows).chosen or ""
        return self._board.sessions.get(key) or self._board.reservations.get(key)

    def show(self, now_ms: int) -> None:
        """Show what the board holds now: what runs first, then in order of time."""
        speech, board, table = self._speech, self._board, self.query_one(Rows)
        heads = (speech("point"), speech("window"), speech("status"), speech("energy"), speech("trip").lower())
        rows: dict[str, Cells] = {}
        for session in sorted(board.sessions.values(), key=lambda each: (not each.is_open, -each.started_ms)):
            if session.is_open or self.past:
                rows[session.id] = self._session(session, now_ms)
        open_first = sorted(board.reservations.values(), key=lambda each: (not each.is_open, each.start_ms, each.id))
        for held in open_first:
            if board.session_of(held.id) is None and (held.is_open or self.past):
                rows[held.id] = self._reservation(held, now_ms)
        table.fill(heads, rows)
        driver = speech("driver") + ": " + plain(board.driver_id or "?")
        self.query_one("#mine-head", Static).update(driver if rows else f"{driver} · {speech('no_mine')}")

    def _session(self, session: Session, now_ms: int) -> Cells:
        speech, held = self._speech, self._board.reservations.get(session.reservation_id)
        end_ms = session.ended_ms or (held.end_ms if held is not None else None)
        start_ms = session.started_ms
        window = speech.moment(start_ms, now_ms) if end_ms is None else speech.span(start_ms, end_ms, now_ms)
        cost = speech.money(cost_so_far(session), session.currency)
        return (
            self._point(session.point_id),
            Text(window),
            Text(speech.status(session.status), style_of(session.status)),
            Text(f"{speech.energy(session.energy_wh)}, {cost}"),
            self._trip(held),
        )

    def _reservation(self, held: Reservation, now_ms: int) -> Cells:
        return (
            self._point(held.point_id),
            Text(self._speech.span(held.start_ms, held.end_ms, now_ms)),
            Text(self._speech.status(held.status), style_of(held.status)),
            Text(""),
            self._trip(held),
        )

    def _point(self, point_id: str) -> Text:
        point = self._board.points.get(point_id)
        name = Text(plain(point_id if point is None else point.name))
        name.truncate(24, overflow="ellipsis")
        return name

    def _trip(self, held: Reservation | None) -> Text:
        return Text("" if held is None or held.trip_id is None else plain(held.trip_id))
