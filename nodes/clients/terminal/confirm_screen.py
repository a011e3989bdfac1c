"""A question with a few answers."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class ConfirmScreen(ModalScreen[str | None]):
    """Ends with the value of the answer that was chosen; None: none was."""

    BINDINGS = [("escape", "leave", "")]
    AUTO_FOCUS = "Button"

    def __init__(self, question: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Lay it out; an answer is its value and its words."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            with Horizontal(classes="buttons"):
                for value, words in self._answers:
                    yield Button(words, id=f"answer-{value}", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """End with the answer."""
        self.dismiss((event.button.id or "").removeprefix("answer-"))

    def action_leave(self) -> None:
        """End without one."""
        self.dismiss(None)
