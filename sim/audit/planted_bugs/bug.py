"""A planted bug: a mistake that a good engineer could make, which the exploration must find."""

from dataclasses import dataclass

BUDGET_SEEDS_MAX = 1000
"""No bug may need more seeds than this to be found."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one module's source: ``old`` stands in it exactly once and becomes ``new``."""

    module: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """A few lines of the nodes' source, and what they are changed into."""

    name: str
    promise: str
    """The promise that it breaks, ``P1`` to ``P10``."""
    budget_seeds: int
    """Within so many seeds it must be found, at most ``BUDGET_SEEDS_MAX``."""
    story: str
    """What is wrong, and by which check of the audit it is seen."""
    edits: tuple[Edit, ...]
    scenario: tuple[str, ...] = ()
    """What must be possible in a run for it to be seen: kinds of faults, and settings of ``virtual:`` or its limits."""

    needs_trips: bool = False
    """Whether it is only to be seen where vehicles make trips."""

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that it is in, in order of their first edit."""
        return tuple(dict.fromkeys(edit.module for edit in self.edits))
