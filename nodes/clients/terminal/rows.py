"""A table whose rows are told as a whole, and which changes only what differs, so that the cursor stays where it is."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

Cells = Sequence[Text]


class Rows(DataTable[Text]):
    """Rows by key. Cells are texts, never markup.

    Columns have the width that their cells need, measured here: where the table measures itself it does so later, and what
    it has drawn until then stays on the screen (Textual 8.2).
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=f"{name}-table", cursor_type="row")
        self._shown: dict[str, tuple[Text, ...]] = {}
        self._heads: tuple[str, ...] = ()
        self._widths: tuple[int, ...] = ()

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor; None: there is none."""
        if not self._shown or not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(Coordinate(self.cursor_row, 0)).row_key.value

    def fill(self, heads: Sequence[str], rows: Mapping[str, Cells]) -> None:
        """Show these rows, in this order, under these heads."""
        wanted = {key: tuple(cells) for key, cells in rows.items()}
        columns = zip(*(map(Text, heads), *wanted.values()) if wanted else (map(Text, heads),), strict=True)
        widths = tuple(max(cell.cell_len for cell in column) for column in columns)
        fits = tuple(heads) == self._heads and all(new <= old for new, old in zip(widths, self._widths, strict=True))
        if fits and list(wanted) == list(self._shown):
            self._change(wanted)
        else:
            self._replace(tuple(heads), widths, wanted)
        self._shown = wanted

    def _change(self, wanted: Mapping[str, tuple[Text, ...]]) -> None:
        for key, cells in wanted.items():
            before = self._shown[key]
            for at, head in enumerate(self._heads):
                if cells[at] != before[at]:
                    self.update_cell(key, head, cells[at])

    def _replace(self, heads: tuple[str, ...], widths: tuple[int, ...], wanted: Mapping[str, tuple[Text, ...]]) -> None:
        chosen, row = self.chosen, self.cursor_row
        self.clear(columns=True)
        self._heads, self._widths = heads, widths
        for head, width in zip(heads, widths, strict=True):
            self.add_column(Text(head), key=head, width=width)
        for key, cells in wanted.items():
            self.add_row(*cells, key=key)
        keys = list(wanted)
        if keys:
            here = keys.index(chosen) if chosen is not None and chosen in wanted else min(row, len(keys) - 1)
            self.move_cursor(row=here)
