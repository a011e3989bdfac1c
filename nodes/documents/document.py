"""A text file read whole, whose every value can be found again in the text."""

import codecs
import os
from collections.abc import Callable
from pathlib import Path as FilePath

from nodes.documents.findings import Model, check
from nodes.documents.json_text import NotJsonError, read_json
from nodes.documents.positions import Lines, Mark, Path, Plain, Positions
from nodes.documents.problems import DocumentError, Problem
from nodes.documents.tree import MAX_BYTES, fail
from nodes.documents.wording import dotted, one_line
from nodes.documents.yaml_text import read_yaml

JSON_SUFFIXES = (".json", ".geojson")


class Document:
    """Plain data, and where each part of it stands in the file it came from.

    ``positions`` may be a function that computes them; it is called when the first position is asked for.
    """

    def __init__(
        self,
        path: str,
        data: Plain,
        positions: Positions | Callable[[], Positions],
        base: "Document | None" = None,
    ) -> None:
        self.path = path
        self.data = data
        self._positions = positions
        self.base = base

    @property
    def positions(self) -> Positions:
        """Where each value stands."""
        if not isinstance(self._positions, Positions):
            self._positions = self._positions()
        return self._positions

    def with_data(self, data: Plain, base: "Document | None" = None) -> "Document":
        """Return a document of changed data. What stands at an unchanged path is still found.

        What this file does not hold is looked for in ``base``, the document that this one extends, if given.
        """
        return Document(self.path, data, self._positions, base or self.base)

    def locate(self, path: Path, *, on_key: bool = False) -> tuple[str, Mark]:
        """Return the file and the place in it of the value at the path, or of its last key.

        Where the file has no such path, the place is that of the nearest mapping or list around it.
        """
        while True:
            document: Document | None = self
            while document is not None:
                positions = document.positions
                mark = positions.find_key(path) if on_key else positions.find(path)
                if mark is not None:
                    return document.path, mark
                document = document.base
            path, on_key = path[:-1], False

    def problem(self, path: Path, message: str, *, on_key: bool = False) -> Problem:
        """Return the problem that the value at the path has, or its key."""
        file, mark = self.locate(path, on_key=on_key)
        return Problem(file, mark.line, mark.column, dotted(path), one_line(message))

    def error(self, path: Path, message: str, *, on_key: bool = False) -> DocumentError:
        """Return the error of that one problem, to be raised."""
        return DocumentError([self.problem(path, message, on_key=on_key)])

    def validate(self, model: type[Model]) -> Model:
        """Return the model's instance for the data.

        Raises ``DocumentError`` with every problem. An unknown key is located at the key, a missing one at the mapping that
        lacks it. A ``ValueError`` of a validator whose text begins with ``field: `` is located at that field.
        """
        result = check(model, self.data)
        if isinstance(result, list):
            raise DocumentError(self.problem(each.path, each.message, on_key=each.on_key) for each in result)
        return result


def read_document(path: str | os.PathLike[str]) -> Document:
    """Read a YAML 1.2 or JSON file of at most 32 MB, encoded in UTF-8.

    A file named ``.json`` or ``.geojson`` has to be JSON. Raises ``DocumentError`` for whatever is wrong with it, also when
    there is no such file.
    """
    name = os.fspath(path)
    try:
        with FilePath(name).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        fail(name, f"cannot be read: {error.strerror or error}")
    except ValueError as error:  # NUL in the name
        fail(ascii(name), f"cannot be read: {error}")
    return parse_document(content, name)


def parse_document(content: bytes | str, name: str) -> Document:
    """Do the same with what the file holds; its name serves for messages and tells whether it has to be JSON."""
    if len(content) > MAX_BYTES:
        fail(name, f"expected at most {MAX_BYTES // 1024**2} MB")
    text = (content if isinstance(content, str) else _decoded(content, name)).removeprefix("\ufeff")
    if not text.strip():
        fail(name, "the file is empty")
    has_to_be_json = name.lower().endswith(JSON_SUFFIXES)
    if has_to_be_json or text.lstrip()[0] in "{[":
        try:
            return Document(name, *read_json(text, name))
        except NotJsonError as error:
            if has_to_be_json:
                fail(name, error.message, error.mark)
    return Document(name, *read_yaml(text, name))


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        fail(name, "expected UTF-8, found UTF-16")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        fail(name, f"expected UTF-8, found the byte 0x{content[error.start]:02x}", Lines(before).mark(len(before)))
