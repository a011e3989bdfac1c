"""How the nodes are."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from nodes.clients.appearance import style_of
from nodes.clients.objects import KnownNode
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.rows import Cells, Rows


class NodesPane(Vertical):
    """As the node that is asked sees them."""

    def __init__(self, board: Board, speech: Speech) -> None:
        super().__init__(id="nodes-pane")
        self._board = board
        self._speech = speech

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Rows("nodes")

    def show(self, now_ms: int) -> None:
        """Show what the board holds now."""
        heads = ("node", "state", "owned", "seen", "lag", "since", "reason")
        cells = {node.id: self._cells(node, now_ms) for node in self._board.nodes}
        self.query_one(Rows).fill([*map(self._speech, heads)], cells)

    def _cells(self, node: KnownNode, now_ms: int) -> Cells:
        speech = self._speech
        return (
            Text(plain(node.id), "bold" if node.self else ""),
            Text(speech.status(node.state), style_of(node.state)),
            Text(str(node.points), justify="right"),
            Text(str(node.points_seen), justify="right"),
            Text(str(node.lag.events), justify="right"),
            Text(speech.moment(node.since_ms, now_ms) if node.since_ms else "–"),
            Text(plain(node.reason)),
        )
