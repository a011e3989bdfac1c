"""The form for a new point: its id follows its name until it is typed."""

from textual.widgets import Input

from nodes.clients.terminal.form_screen import FormScreen
from nodes.clients.terminal.point_form import code_from


class NewPointScreen(FormScreen):
    """See ``FormScreen``."""

    def on_input_changed(self, event: Input.Changed) -> None:
        """A field is typed into."""
        code = self.query_one("#field-id", Input)
        follows = code.value == code_from(self._values["name"])
        super().on_input_changed(event)
        if event.input.id == "field-name" and follows:
            code.value = code_from(event.value)
