"""What is wrong with a document, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from nodes.documents.positions import Path
from nodes.documents.wording import dotted, one_line
from nodes.errors import RecargaError

MAX_SHOWN_PROBLEMS = 20  # a screenful; all of them are in ``DocumentError.problems``


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. Its text is ``file:line:column: path: message``."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    path: str
    """Such as ``points[3].location.lat``; ``(document)`` for the document as a whole."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.path}: {self.message}"


class DocumentError(RecargaError):
    """A document does not say what it should.

    ``problems`` holds everything that is wrong, without repeats, in the order of the text; there is at least one. The
    error's text is one problem a line, the first 20 of them.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        assert self.problems
        super().__init__(self.problems)

    @classmethod
    def of(cls, file: str, line: int, column: int, path: Path, message: str) -> "DocumentError":
        """Return the error of a single problem; line and column from 1."""
        return cls([Problem(file, line, column, dotted(path), one_line(message))])

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MAX_SHOWN_PROBLEMS]]
        if len(self.problems) > MAX_SHOWN_PROBLEMS:
            lines.append(f"… and {len(self.problems) - MAX_SHOWN_PROBLEMS} more")
        return "\n".join(lines)
