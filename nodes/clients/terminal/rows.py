"""A table whose rows are told as a whole, and which changes only what differs, so that the cursor stays where it is."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

Cells = Sequence[Text]


class Rows(DataTable[Text]):
    """Rows by key. Cells are texts, never markup."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"{name}-table", cursor_type="row")
        self._shown: dict[str, tuple[Text, ...]] = {}
        self._heads: tuple[str, ...] = ()

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor; None: there is none."""
        if not self._shown or not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(Coordinate(self.cursor_row, 0)).row_key.value

    def head(self, *heads: str) -> None:
        """Name the columns; other ones than before empty the table."""
        if heads == self._heads:
            return
        self.clear(columns=True)
        self._shown, self._heads = {}, heads
        for head in heads:
            self.add_column(Text(head), key=head)

    def fill(self, rows: Mapping[str, Cells]) -> None:
        """Show these rows, in this order."""
        wanted = {key: tuple(cells) for key, cells in rows.items()}
        if list(wanted) == list(self._shown):
            self._change(wanted)
        else:
            self._replace(wanted)
        self._shown = wanted

    def _change(self, wanted: Mapping[str, tuple[Text, ...]]) -> None:
        for key, cells in wanted.items():
            before = self._shown[key]
            for at, head in enumerate(self._heads):
                if cells[at] != before[at]:
                    self.update_cell(key, head, cells[at], update_width=True)

    def _replace(self, wanted: Mapping[str, tuple[Text, ...]]) -> None:
        chosen, row = self.chosen, self.cursor_row
        self.clear()
        for key, cells in wanted.items():
            self.add_row(*cells, key=key)
        keys = list(wanted)
        if keys:
            self.move_cursor(
                row=keys.index(chosen) if chosen is not None and chosen in wanted else min(row, len(keys) - 1)
            )
