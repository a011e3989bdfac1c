"""A form with several fields; goes on asking the network for what it says until it is done or given up."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Select, Static

from nodes.clients.errors import OUTCOME_UNKNOWN, BadInput, ClientError, Problem, Unreachable
from nodes.clients.moments import now_ms
from nodes.clients.network import new_key
from nodes.clients.objects import Point
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech

Values = dict[str, str]
"""What is typed, by field."""


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a form. ``choices``: the values to choose from, with their words; none: it is typed."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()


class Unclear(BadInput):
    """What is in a field cannot be meant."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not clear")
        self.field = field


class FormScreen(ModalScreen[Point | None]):
    """Ends with what ``ask`` returned, given a key; None: it was given up.

    ``values`` is what the fields begin with, and at any time what is in them: whoever keeps it loses nothing that was typed.
    ``ask`` raises ``Unclear`` for a field that it cannot read. ``words``: what is on the button that asks.
    """

    BINDINGS = [("escape", "leave", ""), ("down", "app.focus_next", ""), ("up", "app.focus_previous", "")]

    def __init__(
        self,
        question: str,
        words: str,
        speech: Speech,
        fields: Sequence[Field],
        values: Values,
        ask: Callable[[str], Awaitable[Point]],
    ) -> None:
        super().__init__()
        self._question, self._words = question, words
        self._speech = speech
        self._fields = fields
        self._values = values
        self._ask = ask
        self._asked: tuple[Values, str] | None = None
        """What was asked last, and under which key, if it may have been done."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="dialog form"):
            yield Static(self._question, markup=False, classes="question")
            for field in self._fields:
                yield Horizontal(Label(field.label, markup=False), self._input(field), classes="line")
            yield Static("", id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self._words, id="ask", compact=True, variant="primary")
                yield Button(self._speech("key.back"), id="leave", compact=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A field is typed into."""
        self._values[_name(event.input)] = event.value

    @on(Select.Changed)
    def chosen(self, event: Select.Changed) -> None:
        """Something else is chosen."""
        self._values[_name(event.select)] = str(event.value)

    def on_input_submitted(self) -> None:
        """Enter asks."""
        self._ask_network()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Ask, or leave."""
        if event.button.id == "ask":
            self._ask_network()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Give it up."""
        self.dismiss(None)

    @work(exclusive=True)
    async def _ask_network(self) -> None:
        values = dict(self._values)
        key = self._asked[1] if self._asked is not None and self._asked[0] == values else new_key()
        self._say(self._speech("asking"))
        try:
            self.dismiss(await self._ask(key))
        except Unclear as error:
            label = next(field.label for field in self._fields if field.name == error.field)
            self._say(self._speech("unclear", field=label, text=plain(values[error.field]) or "–"), is_bad=True)
            self.query_one(f"#field-{error.field}").focus()
        except ClientError as error:
            is_unknown = isinstance(error, (Problem, Unreachable)) and error.outcome == OUTCOME_UNKNOWN
            self._asked = (values, key) if is_unknown else None
            self._say(self._speech.explain(error, now_ms()), is_bad=True)

    def _input(self, field: Field) -> Widget:
        name, value = f"field-{field.name}", self._values[field.name]
        if not field.choices:
            return Input(value, id=name, compact=True)
        options = [(Text(plain(words)), choice) for choice, words in field.choices]  # a text is never markup
        return Select(options, value=value, id=name, compact=True, allow_blank=False)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.display = True
        said.set_class(is_bad, "error")
        said.update(text)


def _name(widget: Widget) -> str:
    return (widget.id or "").removeprefix("field-")
