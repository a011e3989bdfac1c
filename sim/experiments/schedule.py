"""Which replication is next, and when there are enough.

How many replications a cell gets depends on their figures alone, not on the order in which they end: a cell is looked at when
all that it wanted are there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from sim.experiments.grid import Cell
from sim.experiments.precision import REPLICATIONS_MIN, wanted_next, widest
from sim.experiments.result import Result
from sim.experiments.task import Task

MakeTask = Callable[[Cell, int], Task]
"""Makes the task of a cell's replication, numbered from 0."""
Find = Callable[[Task], Result | None]
"""Finds the result of a task that was played before."""


@dataclass(frozen=True, slots=True)
class Enough:
    """When a cell has enough replications."""

    replications: int
    until_half_width: float | None = None
    replications_max: int = 50
    measures: tuple[str, ...] = ()


@dataclass(slots=True)
class CellState:
    """How far a cell is."""

    cell: Cell
    wanted: int
    results: dict[int, Result] = field(default_factory=dict)
    """By number of the replication."""
    lost: dict[int, str] = field(default_factory=dict)
    """Replications whose worker died or that could not be played, and why."""
    playing: int = 0
    begun: int = 0

    @property
    def in_order(self) -> list[Result]:
        """The results, by number."""
        return [self.results[number] for number in sorted(self.results)]

    @property
    def left(self) -> int:
        """How many are wanted and not done."""
        return self.wanted - len(self.results) - len(self.lost)


class Schedule:
    """Gives out tasks and takes results."""

    def __init__(self, cells: Sequence[Cell], enough: Enough, make_task: MakeTask, find: Find) -> None:
        """``find`` is asked before anything is given out. What it finds is ``reused``."""
        self.cells = [CellState(cell, enough.replications) for cell in cells]
        self.reused = 0
        self._enough = enough
        self._make_task = make_task
        self._find = find
        self._numbers: dict[tuple[int, int], int] = {}
        self._played_cpu_s = 0.0

    def next(self) -> Task | None:
        """Return what is to be played next: of the cell of which least was begun. None: nothing, for now."""
        while True:
            for state in self.cells:
                self._look_at(state)
            open_cells = [state for state in self.cells if state.begun < state.wanted]
            if not open_cells:
                return None
            state = min(open_cells, key=lambda each: each.begun)
            task = self._make_task(state.cell, state.begun)
            number, state.begun = state.begun, state.begun + 1
            found = self._find(task)
            if found is None:
                state.playing += 1
                self._numbers[task.cell, task.seed] = number
                return task
            self.reused += 1
            state.results[number] = found

    def take(self, task: Task, result: Result) -> None:
        """Note what a task came to."""
        state = self.cells[task.cell]
        state.playing -= 1
        self._played_cpu_s += result.cpu_s
        state.results[self._numbers.pop((task.cell, task.seed))] = result

    def lose(self, task: Task, why: str) -> None:
        """Note that a task comes to nothing."""
        state = self.cells[task.cell]
        state.playing -= 1
        state.lost[self._numbers.pop((task.cell, task.seed))] = why

    def is_precise(self, state: CellState) -> bool | None:
        """Whether a cell's intervals are as narrow as asked for; None: nobody asked."""
        target = self._enough.until_half_width
        if target is None:
            return None
        least = min(REPLICATIONS_MIN, self._enough.replications_max)
        return len(state.results) >= least and widest(state.in_order, self._enough.measures) <= target

    @property
    def lost(self) -> list[tuple[Cell, int, str]]:
        """What was lost, with the number of the replication."""
        return [(state.cell, number, why) for state in self.cells for number, why in sorted(state.lost.items())]

    @property
    def done(self) -> int:
        """How many replications are there."""
        return sum(len(state.results) for state in self.cells)

    @property
    def wanted(self) -> int:
        """How many are wanted, as far as is known now."""
        return sum(state.wanted for state in self.cells)

    def left_s(self, elapsed_s: float, slots: int) -> float | None:
        """Return how long what is left will take, going by what was played and how fast that went; None: nothing to go by.

        CPU seconds say how much there is to do. How many of them a second brings shows in what was done since the start:
        fewer than there are slots, if the machine has other work. Of what is being played, half is taken to be done.
        """
        known = {state.cell.number: fmean(_costs(state)) for state in self.cells if state.results}
        if not known:
            return None
        usual = fmean(known.values())
        costs = [known.get(state.cell.number, usual) for state in self.cells]
        left_cpu_s = sum(state.left * cost for state, cost in zip(self.cells, costs, strict=True))
        begun = sum(state.playing * cost / 2 for state, cost in zip(self.cells, costs, strict=True))
        pace = max(1.0, elapsed_s * slots / max(1e-9, self._played_cpu_s + begun)) if self._played_cpu_s else 1.0
        return max(0.0, left_cpu_s - begun) * pace / slots

    def _look_at(self, state: CellState) -> None:
        """Want more of a cell that has all it wanted and is not precise enough."""
        enough = self._enough
        if enough.until_half_width is None or state.playing or state.begun < state.wanted:
            return
        if state.wanted < enough.replications_max and not self.is_precise(state):
            width = widest(state.in_order, enough.measures)
            next_count = wanted_next(state.wanted, width, enough.until_half_width, enough.replications_max)
            state.wanted = min(enough.replications_max, max(next_count, REPLICATIONS_MIN))


def _costs(state: CellState) -> Iterator[float]:
    return (result.cpu_s for result in state.results.values())
