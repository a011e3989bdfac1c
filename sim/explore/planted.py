"""Every planted bug, each within its budget of seeds: the auditor is audited."""

from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from sim.audit.planted_bugs import PlantedBug
from sim.explore.errors import ExploreError
from sim.explore.exploration import Plan, explore
from sim.explore.outcome import SeedOutcome
from sim.explore.worker_process import Interpreter
from sim.explore.workers import Workers
from sim.history import Json


@dataclass(frozen=True, slots=True)
class Hunted:
    """What became of the hunt for one planted bug."""

    name: str
    promise: str
    """That it breaks, as the catalogue says."""
    budget_seeds: int
    found: bool
    """Whether that very promise was found broken, within the budget."""
    seeds: int
    """Played until it was found, or in all."""
    cpu_s: float
    broke: list[str]
    """What was broken in the seed that found it, the promise of the catalogue first. Others broken in earlier seeds, and
    what ended a run by mistake, do not count."""
    error: str | None = None
    """What ended the hunt."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


class Hunt:
    """Explores with one planted bug after the other; several bugs at once, each seed by seed in a process of its own."""

    def __init__(self, data: Json, seeds: range | None, through_api_share: float | None, workers: int) -> None:
        """``seeds`` in place of every bug's own budget, if given."""
        self._data = data
        self._seeds = seeds
        self._through_api_share = through_api_share
        self._count = workers
        self._hunting: list[Workers] = []
        self._lock = Lock()
        self._stopped = False

    def run(self, bugs: Sequence[PlantedBug]) -> Generator[Hunted, None, None]:
        """Yield what became of every bug as its hunt ends. Whoever stops listening ends all hunts."""
        executor = ThreadPoolExecutor(self._count)
        hunts: set[Future[Hunted]] = {executor.submit(self._hunt, bug) for bug in bugs}
        try:
            while hunts:
                done, hunts = wait(hunts, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        finally:
            self._stop()
            executor.shutdown(cancel_futures=True)

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for workers in self._hunting:
                workers.kill()

    def _hunt(self, bug: PlantedBug) -> Hunted:
        seeds = range(1, bug.budget_seeds + 1) if self._seeds is None else self._seeds
        plan = Plan(self._data, seeds, keep_going=True, through_api_share=self._through_api_share)
        workers = Workers(1, Interpreter(planted=bug.name))
        with self._lock:
            if self._stopped:
                return _hunted(bug, 0, 0.0, None, "stopped")
            self._hunting.append(workers)
        played, cpu_s = 0, 0.0
        try:
            with workers:
                for outcome in explore(plan, workers):
                    played, cpu_s = played + 1, cpu_s + outcome.cpu_s
                    if any(each.promise == bug.promise for each in outcome.violations) or self._stopped:
                        return _hunted(bug, played, cpu_s, outcome, None)
        except ExploreError as error:
            return _hunted(bug, played, cpu_s, None, str(error))
        finally:
            with self._lock:
                self._hunting.remove(workers)
        return _hunted(bug, played, cpu_s, None, None)


def _hunted(bug: PlantedBug, played: int, cpu_s: float, outcome: SeedOutcome | None, error: str | None) -> Hunted:
    signatures = [] if outcome is None else outcome.signatures
    broke = sorted((f"{promise} {check}".strip() for promise, check in signatures), key=_first(f"{bug.promise} "))
    is_as_told = any(each.startswith(f"{bug.promise} ") for each in broke)
    found = is_as_told and played <= bug.budget_seeds
    return Hunted(bug.name, bug.promise, bug.budget_seeds, found, played, round(cpu_s, 2), broke, error)


def _first(start: str) -> Any:
    return lambda text: not text.startswith(start)
