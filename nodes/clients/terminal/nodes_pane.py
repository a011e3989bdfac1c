"""How the nodes are."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from nodes.clients.appearance import style_of
from nodes.clients.moments import now_ms
from nodes.clients.objects import KnownNode
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.rows import Cells, Rows

_ROOMY = 110
"""Columns from which on the reasons fit into the table, too."""


class NodesPane(Horizontal):
    """As the node that is asked sees them, and beside them all that it tells of the one under the cursor."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="nodes-pane")
        self._board = board
        self._speech = speech

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Rows("nodes")
        yield VerticalScroll(Static("", id="node-sheet", markup=False), classes="beside", can_focus=False)

    def show(self, at_ms: int) -> None:
        """Show what the board holds now."""
        is_roomy = self.app.size.width >= _ROOMY
        heads = ("node", "state", "owned", "lag", "since", "reason") if is_roomy else ("node", "state", "owned", "lag")
        cells = {node.id: self._cells(node, at_ms)[: len(heads)] for node in self._board.nodes}
        self.query_one(Rows).fill([*map(self._speech, heads)], cells)
        self.show_sheet(at_ms)

    def on_data_table_row_highlighted(self) -> None:
        """Another node is looked at."""
        self.show_sheet(now_ms())

    def show_sheet(self, at_ms: int) -> None:
        """Show the node under the cursor, and how long ago it was heard."""
        chosen = self.query_one(Rows).chosen
        node = next((node for node in self._board.nodes if node.id == chosen), None)
        self.query_one("#node-sheet", Static).update("" if node is None else self._sheet(node, at_ms))

    def _cells(self, node: KnownNode, at_ms: int) -> Cells:
        speech = self._speech
        return (
            Text(plain(node.id), "bold" if node.self else ""),
            Text(speech.status(node.state), style_of(node.state)),
            Text(str(node.points), justify="right"),
            Text(str(node.lag.events), justify="right"),
            Text(self._since(node, at_ms)),
            Text(speech.reason(node)),
        )

    def _sheet(self, node: KnownNode, at_ms: int) -> Text:
        speech = self._speech
        seen = speech("points_seen", n=node.points, seen=node.points_seen)
        heard = "" if node.self else f"\n{speech('heard', span=speech.age(self._age_ms(node, at_ms)))}"
        return Text.assemble(
            (plain(node.id), "bold"),
            f"\n{plain(node.url or '–')}\n",
            (speech.status(node.state), style_of(node.state)),
            f", {speech('since')} {self._since(node, at_ms)}\n{speech.reason(node)}\n{heard}\n",
            f"{speech('epoch', epoch=node.epoch)}\n{seen}\n{speech('events_behind', n=node.lag.events)}",
        )

    def _since(self, node: KnownNode, at_ms: int) -> str:
        return self._speech.moment(node.since_ms, at_ms) if node.since_ms else "–"

    def _age_ms(self, node: KnownNode, at_ms: int) -> int:
        """Return how long ago a node was heard, by the clock of the one that told, and by ours since it did."""
        told_ms = next((each.heard_ms for each in self._board.nodes if each.self), self._board.nodes_ms)
        return told_ms - node.heard_ms + at_ms - self._board.nodes_ms
