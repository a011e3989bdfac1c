"""YAML 1.2 text. The scanner and parser are ruamel.yaml's; what a scalar means is decided here, by the core schema.

Not taken: tags, merge keys (``<<``, which YAML 1.2 dropped), keys that are not strings, more than one document.
Aliases are, expanded into copies, and count against the bound on values.
"""

from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from nodes.documents.positions import START, Mark, Plain, Positions
from nodes.documents.tree import Subtree, Tree, fail
from nodes.documents.wording import found, quoted
from nodes.documents.yaml_scalars import check_characters, plain_value


def read_yaml(text: str, file: str) -> tuple[Plain, Positions]:
    """Return what the YAML text says, and where it says it. Raises ``DocumentError``."""
    check_characters(text, file)
    reader = _EventReader(file)
    try:
        reader.read(YAML(typ="safe", pure=True).parse(text))
    except YAMLError as error:
        reader.tree.fail(*_explained(error, text), path=())
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError, AssertionError) as error:
        reader.tree.fail(
            reader.mark, f"not YAML: {error}", path=()
        )  # escapes and directives that ruamel.yaml trips over
    if reader.documents == 0:
        fail(file, "the document is empty")
    return reader.tree.finish()


class _EventReader:
    """Feeds a tree from ruamel.yaml's parsing events."""

    def __init__(self, file: str) -> None:
        self.tree = Tree(file)
        self.documents = 0
        self.mark = START
        """Where the last event began."""
        self._anchors: dict[str, Subtree | None] = {}
        self._open: list[str | None] = []

    def read(self, events: Iterable[Any]) -> None:
        for event in events:
            self.mark = mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, ScalarEvent):
                self._scalar(event, mark)
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                self._start(event, mark)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                self._finished(self._open.pop(), self.tree.close())
            elif isinstance(event, AliasEvent):
                self._alias(event.anchor, mark)
            elif isinstance(event, DocumentStartEvent):
                self._document(event, mark)

    def _document(self, event: Any, mark: Mark) -> None:
        self.documents += 1
        if self.documents > 1:
            self.tree.fail(mark, "expected one document, found the start of another", ())
        if event.version not in (None, (1, 2)):
            self.tree.fail(mark, f"expected YAML 1.2, found %YAML {'.'.join(map(str, event.version))}", ())

    def _scalar(self, event: Any, mark: Mark) -> None:
        self._refuse_tag(event, mark)
        plain = event.implicit[0]
        try:
            value = plain_value(event.value) if plain else event.value
        except ValueError as error:
            self.tree.flaw(mark, str(error))
            value = None
        if not self.tree.wants_key:
            is_written = event.value or not plain
            self._finished(event.anchor, self.tree.scalar(value, mark) if is_written else self.tree.nothing(mark))
            return
        if not isinstance(value, str):
            self.tree.flaw(mark, f"expected a key that is text, found {found(value)}; put it in quotes")
        elif plain and value == "<<":
            self.tree.flaw(mark, "merge keys (<<) are not part of YAML 1.2")
        elif event.anchor is not None:
            self.tree.flaw(mark, "an anchor (&) cannot stand before a key")
        self.tree.key(event.value, mark)

    def _start(self, event: Any, mark: Mark) -> None:
        self._refuse_tag(event, mark)
        mapping = isinstance(event, MappingStartEvent)
        if self.tree.wants_key:
            self.tree.fail(mark, f"expected a key that is text, found a {'mapping' if mapping else 'list'}")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(event.anchor)
        self.tree.open({} if mapping else [], mark)

    def _finished(self, anchor: str | None, subtree: Subtree) -> None:
        if anchor is not None:
            self._anchors[anchor] = subtree

    def _alias(self, anchor: str, mark: Mark) -> None:
        if self.tree.wants_key:
            self.tree.fail(mark, f"expected a key that is text, found the alias {quoted('*' + anchor)}")
        if anchor not in self._anchors:
            self.tree.fail(mark, f"nothing before this is anchored as {quoted('&' + anchor)}")
        subtree = self._anchors[anchor]
        if subtree is None:
            self.tree.fail(mark, f"{quoted('*' + anchor)} stands inside of what it repeats")
        self.tree.repeat(subtree, mark)

    def _refuse_tag(self, event: Any, mark: Mark) -> None:
        if event.ctag is not None:
            self.tree.flaw(mark, f"tags are not supported, found {quoted(str(event.tag))}; put text in quotes instead")


def _explained(error: YAMLError, text: str) -> tuple[Mark, str]:
    """Return where the syntax is wrong, and how."""
    if not isinstance(error, MarkedYAMLError):
        return START, f"not YAML: {error}"
    where = error.problem_mark or error.context_mark
    mark = START if where is None else Mark(where.line + 1, where.column + 1)
    line = "" if where is None else text[: where.index].rpartition("\n")[2]
    if where is not None and "\t" in (line + text[where.index : where.index + 1]) and not line.strip():
        return mark, "found a tab; YAML is indented with spaces"
    return mark, "not YAML: " + ", ".join(part for part in (error.problem, error.context) if part)
