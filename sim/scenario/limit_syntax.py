"""The little language of limits: ``p99(reserve.latency_ms) < 50``, ``goodput >= 0.9 * offered``.

::

    limit    = sum ("<" | "<=" | ">" | ">=") sum
    sum      = product {("+" | "-") product}
    product  = factor {("*" | "/") factor}
    factor   = number ["%"] | figure | function "(" figure ")" | "(" sum ")"
    figure   = [kind "."] [outcome "."] name          (``sim.scenario.metrics``)
    function = "p50" | "p90" | "p99" | "p99_9" | … | "mean" | "min" | "max"

``NAME_FUNCTION`` is short for ``FUNCTION(NAME)``: ``staleness_ms_p99``. ``p99.9`` may be written for ``p99_9``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from nodes.documents.wording import suggestion
from sim.scenario.metrics import (
    COUNTS,
    DISTRIBUTIONS,
    FUNCTIONS,
    KINDS,
    LIVE_DISTRIBUTIONS,
    LIVE_SCALARS,
    OF_REQUESTS,
    OUTCOMES,
    SCALARS,
    words_of_metrics,
)

Operator = Literal["+", "-", "*", "/"]
Relation = Literal["<", "<=", ">", ">="]
_RELATIONS = ("<", "<=", ">", ">=")
_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*%?)|([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)|(<=|>=|[<>()+*/-]))"
)
_DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the run: a count or a scalar; of a distribution what ``function`` says."""

    name: str
    kind: str | None = None
    """Of request; None: all."""
    outcome: str | None = None
    """None: all."""
    function: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it is known while the run goes on."""
        return self.name in COUNTS or self.name in LIVE_SCALARS or self.name in LIVE_DISTRIBUTIONS


@dataclass(frozen=True, slots=True)
class Term:
    """Two values and what is to be done with them."""

    operator: Operator
    left: "Value"
    right: "Value"


Value = Number | Figure | Term


@dataclass(frozen=True, slots=True)
class Comparison:
    """A limit."""

    relation: Relation
    left: Value
    right: Value

    @property
    def figures(self) -> list[Figure]:
        """All figures that it speaks of."""
        return [*_figures(self.left), *_figures(self.right)]


def parse_limit(text: str) -> Comparison:
    """Return what a limit says. Raises ``ValueError`` that says where it is wrong and what was expected."""
    found = _Parser(text).limit()
    if not found.figures:
        raise ValueError("expected a figure of the run on one side at least, such as p99(reserve.latency_ms)")
    return found


def _figures(value: Value) -> list[Figure]:
    match value:
        case Figure():
            return [value]
        case Term():
            return [*_figures(value.left), *_figures(value.right)]
        case Number():
            return []


class _Parser:
    """Reads from left to right; ``_at`` is the next token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, int]] = []
        self._at = 0
        self._depth = 0
        self._split()

    def limit(self) -> Comparison:
        left = self._sum()
        if self._next not in _RELATIONS:
            raise self._error("expected <, <=, > or >=")
        relation = cast("Relation", self._take())
        right = self._sum()
        if self._next:
            raise self._error("expected the end of the limit")
        return Comparison(relation, left, right)

    def _split(self) -> None:
        text = re.sub(r"\b(p\d+)\.(\d+)(?=\s*\()", r"\1_\2", self._text.rstrip())
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"at character {place + 1}: expected a number, a figure or an operator")
            token = match.group(0).strip()
            self._tokens.append((token, match.start(0) + match.group(0).index(token) + 1))
            place = match.end()

    @property
    def _next(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][0]

    def _error(self, message: str) -> ValueError:
        if not self._next:
            return ValueError(f"at the end: {message}")
        return self._wrong(f"{message}, found {self._next!r}")

    def _wrong(self, message: str) -> ValueError:
        return ValueError(f"at character {self._tokens[self._at][1]}: {message}")

    def _sum(self) -> Value:
        return self._chain(self._product, ("+", "-"))

    def _product(self) -> Value:
        return self._chain(self._factor, ("*", "/"))

    def _chain(self, part: Callable[[], Value], operators: tuple[str, ...]) -> Value:
        value = part()
        while self._next in operators:
            operator = cast("Operator", self._take())
            value = Term(operator, value, part())
        return value

    def _factor(self) -> Value:
        word = self._next
        if word == "(":
            return self._in_brackets(self._sum)
        if word and word[0].isdigit():
            self._take()
            return Number(float(word.rstrip("% ")) / (100 if word.endswith("%") else 1))
        if word and word[0].isalpha():
            return self._figure()
        raise self._error("expected a number or a figure")

    def _in_brackets(self, inside: Callable[[], Value]) -> Value:
        self._take()
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise self._error("expected fewer brackets within one another")
        value = inside()
        if self._next != ")":
            raise self._error("expected )")
        self._take()
        self._depth -= 1
        return value

    def _figure(self) -> Value:
        """Read a name, or a function and its name in brackets."""
        following = self._tokens[self._at + 1][0] if self._at + 1 < len(self._tokens) else ""
        if following != "(":
            return self._named(None)
        if self._next not in FUNCTIONS:
            raise self._error(f"expected one of {', '.join(FUNCTIONS)} before a bracket")
        function = self._take()
        return self._in_brackets(lambda: self._named(function))

    def _named(self, function: str | None) -> Figure:
        words = self._next.split(".")
        kind = words.pop(0) if len(words) > 1 and words[0] in KINDS else None
        outcome = words.pop(0) if len(words) > 1 and words[0] in OUTCOMES else None
        name = ".".join(words)
        if function is None:
            name, function = _short_form(name)
        self._check(name, kind, outcome, function)
        self._take()
        return Figure(name, kind, outcome, function)

    def _check(self, name: str, kind: str | None, outcome: str | None, function: str | None) -> None:
        if name not in COUNTS and name not in DISTRIBUTIONS and name not in SCALARS:
            known = list(words_of_metrics())
            raise self._wrong(
                f"there is no figure {name!r}{suggestion(name, known) or '; there are ' + ', '.join(known)}"
            )
        if name in DISTRIBUTIONS and function is None:
            raise self._wrong(f"expected a function of it, such as p99({self._next})")
        if name not in DISTRIBUTIONS and function is not None:
            raise self._wrong(f"{name} is one figure: it has no {function}")
        if name in SCALARS and kind is not None:
            raise self._wrong(f"{name} is of the whole run: there is none of {kind} requests")
        if name in DISTRIBUTIONS and name not in OF_REQUESTS and (kind or outcome):
            raise self._wrong(f"{name} is of the whole run: there is none by kind of request or outcome")
        if outcome is not None and name not in OF_REQUESTS:
            raise self._wrong(f"{name} is not counted by outcome")


def _short_form(name: str) -> tuple[str, str | None]:
    """Split ``staleness_ms_p99`` into a distribution and a function."""
    for function in FUNCTIONS:
        distribution = name.removesuffix(f"_{function}")
        if distribution != name and distribution in DISTRIBUTIONS:
            return distribution, function
    return name, None
