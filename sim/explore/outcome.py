"""What became of one seed."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

KEPT_MAX = 20
"""Broken promises told per seed; the first of every check is among them. All are counted."""

OUTCOME_FILE = "outcome.json"
"""In the run folder of a seed that failed: what became of it."""

_SUSPECTED_MAX = 3
"""Violations of the same kind whose vehicles are worth a try."""

Signature = tuple[str, str]
"""What makes two failures the same: promise and check, or a mistake's type and place."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken promise, as the audit tells it."""

    promise: str
    check: str
    point: str | None
    message: str
    history: list[int]
    """Lines of the history that show it, from 0."""
    story: list[str]
    suspects: list[list[int]] = field(default_factory=list)
    """Groups of vehicles that may suffice for it, likely ones first."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What ended the run before its time: an unexpected exception in node code, a deadlock, real I/O."""

    kind: str
    """The exception's name."""
    place: str
    """The innermost place in node code, ``module:function``; empty where there is none."""
    text: str
    suspects: list[list[int]] = field(default_factory=list)
    """Groups of vehicles that may suffice for it, likely ones first."""


@dataclass(frozen=True, slots=True)
class SeedOutcome:
    """What became of one seed."""

    seed: int
    verdict: str
    """``PASS``, ``FAIL``, ``NO DATA`` as the audit says; ``MISTAKE``."""
    trace_hash: str | None = None
    """None after a mistake."""
    history_hash: str = ""
    """Of all lines of the history but the first, which says when and on which machine."""
    violations: list[Broken] = field(default_factory=list)
    violation_count: int = 0
    mistake: Mistake | None = None
    figures: dict[str, int] = field(default_factory=dict)
    agreed_ms: list[int] = field(default_factory=list)
    """After how long each view agreed with its owner, when nothing was broken or asked any more."""
    virtual_s: float = 0.0
    cpu_s: float = 0.0
    """Of the process, from the plain data to the verdict."""
    audit_cpu_s: float = 0.0
    """How much of it the audit took."""

    @property
    def failed(self) -> bool:
        """Whether a promise was broken, or the run ended by a mistake."""
        return self.mistake is not None or bool(self.violations)

    @property
    def signatures(self) -> list[Signature]:
        """All the ways in which it failed, a mistake first, then in order of promises."""
        found = [] if self.mistake is None else [(self.mistake.kind, self.mistake.place)]
        return list(dict.fromkeys([*found, *((each.promise, each.check) for each in self.violations)]))

    @property
    def first_failure(self) -> str:
        """The first way in which it failed, in one line."""
        if self.mistake is not None:
            return (
                f"{self.mistake.kind}: {self.mistake.text.splitlines()[0]}" if self.mistake.text else self.mistake.kind
            )
        first = self.violations[0]
        return f"{first.promise} {first.check}: {first.message}"

    def suspects(self, signature: Signature) -> list[list[int]]:
        """Return groups of vehicles that may suffice for a failure: of all that failed like this, in order."""
        found = [each.suspects for each in self.violations if (each.promise, each.check) == signature]
        if self.mistake is not None and (self.mistake.kind, self.mistake.place) == signature:
            found.append(self.mistake.suspects)
        return [group for groups in found[:_SUSPECTED_MAX] for group in groups]

    def same_as(self, other: "SeedOutcome") -> bool:
        """Whether another playing of the same seed came to exactly the same."""
        return _essence(self) == _essence(other)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> "SeedOutcome":
        """Read the same."""
        mistake, violations = members.pop("mistake"), members.pop("violations")
        return cls(
            **members,
            mistake=None if mistake is None else Mistake(**mistake),
            violations=[Broken(**each) for each in violations],
        )

    def to_line(self) -> bytes:
        """Return it as one line of JSON."""
        return orjson.dumps(self.to_json(), option=orjson.OPT_APPEND_NEWLINE)


def _essence(outcome: SeedOutcome) -> SeedOutcome:
    return replace(outcome, cpu_s=0.0, audit_cpu_s=0.0)


def kept(violations: list[Broken]) -> list[Broken]:
    """Return the violations worth telling: the first of every check, then more until there are enough."""
    firsts = {(each.promise, each.check): at for at, each in reversed(list(enumerate(violations)))}
    places = sorted(firsts.values())
    others = (at for at in range(len(violations)) if at not in firsts.values())
    for at in others:
        if len(places) >= KEPT_MAX:
            break
        places.append(at)
    return [violations[at] for at in sorted(places)]
