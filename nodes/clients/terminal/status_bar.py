"""The first line: who drives, and whether what is shown follows what happens."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from nodes.clients.errors import NotAllowed
from nodes.clients.moments import now_ms, zone
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.live import Live


class StatusBar(Horizontal):
    """Told anew each second, for its clock."""

    def __init__(self, speech: Speech) -> None:
        super().__init__(id="bar")
        self._speech = speech

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("", id="who", markup=False)
        yield Static("", id="link", markup=False)

    def show(self, live: Live, board: Board) -> None:
        """Show how the connection is."""
        speech, at_ms = self._speech, now_ms()
        self.query_one("#who", Static).update(Text.assemble((" Recarga ", "bold"), f" {plain(board.user)}"))
        if isinstance(live.error, NotAllowed):
            said = Text(speech.explain(live.error, at_ms), "red")
        elif live.error is not None:
            said = Text(f"○ {speech('away')}", "yellow")
        elif live.is_live:
            said = Text.assemble((f"● {speech('live')} ", "green"), plain((live.url or "").partition("//")[2]))
        else:
            said = Text(f"○ {speech('connecting')}", "yellow")
        clock = f"{speech.clock(at_ms)} {zone(at_ms)}".rstrip()
        self.query_one("#link", Static).update(said.append(f"  {clock} ", "default"))
