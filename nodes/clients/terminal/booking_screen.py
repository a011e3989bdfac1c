"""Asks for a window on a point, and goes on asking the network for it until it is had or given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from nodes.clients.errors import OUTCOME_UNKNOWN, BadInput, ClientError, Problem, Unreachable
from nodes.clients.moments import duration_ms, local, moment_ms, now_ms
from nodes.clients.network import new_key
from nodes.clients.speech import Speech

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WindowWish:
    """A window that is wished for, and the key of that wish. ``start_ms`` None: from now on."""

    start_ms: int | None
    length_ms: int
    key: str


class BookingScreen(ModalScreen[T | None], Generic[T]):
    """Ends with what ``ask`` returned; None: it was given up. ``words``: what is on the button that asks."""

    BINDINGS = [("escape", "leave", "")]
    AUTO_FOCUS = "#from"

    def __init__(
        self,
        question: str,
        words: str,
        speech: Speech,
        start: str,
        length: str,
        ask: Callable[[WindowWish], Awaitable[T]],
    ) -> None:
        super().__init__()
        self._question, self._words = question, words
        self._speech = speech
        self._start, self._length = start, length
        self._ask = ask
        self._offer: tuple[int, int] | None = None
        self._wish: tuple[tuple[str, str], WindowWish] | None = None

    def compose(self) -> ComposeResult:
        """Lay it out."""
        speech = self._speech
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="question")
            yield Label(speech("ask.from"), markup=False)
            yield Input(self._start, id="from", compact=True)
            yield Label(speech("ask.for"), markup=False)
            yield Input(self._length, id="for", compact=True)
            yield Static("", id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self._words, id="ask", compact=True, variant="primary")
                yield Button(speech("key.take"), id="take", compact=True, variant="success")
                yield Button(speech("key.back"), id="leave", compact=True)

    def on_mount(self) -> None:
        """There is no offer yet."""
        self.query_one("#take").display = False

    def on_input_submitted(self) -> None:
        """Enter asks."""
        self._ask_for_it()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Ask, take the offer, or leave."""
        if event.button.id == "take" and self._offer is not None:
            start_ms, end_ms = self._offer
            self.query_one("#from", Input).value = f"{local(start_ms):%Y-%m-%dT%H:%M:%S.%f%z}"
            self._ask_network(WindowWish(start_ms, end_ms - start_ms, new_key()))
        elif event.button.id == "ask":
            self._ask_for_it()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Give it up."""
        self.dismiss(None)

    def _ask_for_it(self) -> None:
        said = (self.query_one("#from", Input).value, self.query_one("#for", Input).value)
        if self._wish is None or self._wish[0] != said:  # else the same wish again, which may have been granted
            try:
                self._wish = said, _wish_from(*said)
            except BadInput as error:
                self._say(str(error), "error")
                return
        self._ask_network(self._wish[1])

    @work(exclusive=True)
    async def _ask_network(self, wish: WindowWish) -> None:
        self._say(self._speech("asking"))
        try:
            self.dismiss(await self._ask(wish))
        except ClientError as error:
            is_unknown = isinstance(error, (Problem, Unreachable)) and error.outcome == OUTCOME_UNKNOWN
            self._wish = self._wish if is_unknown else None
            self._refused(error)

    def _refused(self, error: ClientError) -> None:
        now, take = now_ms(), self.query_one("#take", Button)
        self._offer = error.alternative if isinstance(error, Problem) else None
        text = self._speech.explain(error, now)
        if self._offer is not None:
            text += "\n" + self._speech("offer", window=self._speech.span(*self._offer, now))
        self._say(text, "error")
        take.display = self._offer is not None
        if self._offer is not None:
            take.focus()

    def _say(self, text: str, kind: str = "") -> None:
        said = self.query_one("#said", Static)
        said.set_class(kind == "error", "error")
        said.update(text)


def _wish_from(start: str, length: str) -> WindowWish:
    at_ms = now_ms()
    start_ms = moment_ms(start or "now", at_ms)
    return WindowWish(None if start_ms == at_ms else start_ms, duration_ms(length), new_key())
