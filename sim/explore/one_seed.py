"""One seed: from plain data to a run, an audit and an outcome, in this process."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from nodes.documents import DocumentError, Problem, check
from nodes.documents.wording import dotted, one_line
from sim.audit import AuditResult, audit
from sim.engine.randomness import Randomness
from sim.errors import LaboratoryError
from sim.explore.outcome import OUTCOME_FILE, Broken, Mistake, SeedOutcome, kept
from sim.explore.suspects import suspected, suspected_of_mistake
from sim.explore.task import Task
from sim.faults.swarm import swarm
from sim.history import Json
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario
from sim.scenario.schema import Scenario
from sim.virtual_run import VirtualResult, VirtualRun


def play(task: Task, planted: str | None = None) -> SeedOutcome:
    """Play and audit a task; ``planted`` names the bug that this process has. Raises ``DocumentError`` for data that is no scenario."""
    started_s = time.process_time()
    with _folder_for(task) as folder:
        loaded = loaded_from(explicit(task), f"seed {task.seed}")
        result: VirtualResult | None = None
        mistake: Mistake | None = None
        found: AuditResult | None = None
        audit_cpu_s = 0.0
        try:
            result = VirtualRun(loaded, folder, task.command, lambda _: None).play(planted)
            played_s = time.process_time()
            found = audit(folder.path)
            audit_cpu_s = time.process_time() - played_s
        except LaboratoryError as error:
            mistake = suspected_of_mistake(mistake_of(error), folder.history)
        violations = [] if found is None else suspected(kept(list(broken_in(found))), folder.history)
        history_hash = _history_hash(folder.history)
    gc.collect()  # a run leaves circles behind, thousands of runs must not
    return _outcome(
        task.seed, result, mistake, found, violations, history_hash, time.process_time() - started_s, audit_cpu_s
    )


def explicit(task: Task) -> Json:
    """Return the plain data of what is played: everything that the seed draws is written out in it."""
    if not task.swarm:
        return task.data
    data = task.data
    if task.through_api_share is not None:
        through_api = Randomness(task.seed).stream("explore", "through_api").random() < task.through_api_share
        data = data | {"virtual": {**(data.get("virtual") or {}), "through_api": through_api}}
    drawn: Json = swarm(data, task.seed)
    return drawn


def loaded_from(data: Json, name: str) -> LoadedScenario:
    """Return the scenario that plain data says. Raises ``DocumentError``."""
    scenario = check(Scenario, data)
    if isinstance(scenario, list):
        raise DocumentError(Problem(name, 1, 1, dotted(each.path), one_line(each.message)) for each in scenario)
    return LoadedScenario(scenario, Path(name), data)


def mistake_of(error: BaseException) -> Mistake:
    """Return what an exception that ended a run says of the code."""
    cause = error.__cause__ or error
    place = getattr(error, "place", "") or _place_in_nodes(cause.__traceback__)
    return Mistake(type(cause).__name__, str(place), str(error))


def keep_mistake(error: BaseException, seed: int, folder: RunFolder) -> None:
    """Write down in a run's folder what ended it, so that it can be replayed up to there."""
    mistake = suspected_of_mistake(mistake_of(error), folder.history)
    (folder.path / OUTCOME_FILE).write_bytes(SeedOutcome(seed, "MISTAKE", mistake=mistake).to_line())


def _place_in_nodes(traceback: TracebackType | None) -> str:
    place = ""
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == "nodes":
            place = f"{module}:{frame.f_code.co_qualname}"
        traceback = traceback.tb_next
    return place


@contextmanager
def _folder_for(task: Task) -> Iterator[RunFolder]:
    if task.folder is not None:
        yield RunFolder(Path(task.folder))
        return
    with TemporaryDirectory(prefix="recarga-", ignore_cleanup_errors=True) as path:
        yield RunFolder(Path(path))


def _history_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.readline()
            return sha256(file.read()).hexdigest()[:32]
    except OSError:
        return ""


def _outcome(
    seed: int,
    result: VirtualResult | None,
    mistake: Mistake | None,
    found: AuditResult | None,
    violations: list[Broken],
    history_hash: str,
    cpu_s: float,
    audit_cpu_s: float,
) -> SeedOutcome:
    return SeedOutcome(
        seed=seed,
        verdict="MISTAKE" if mistake is not None or found is None else found.verdict.value,
        trace_hash=None if result is None else result.trace_hash,
        history_hash=history_hash,
        violations=violations,
        violation_count=0 if found is None else sum(each.violation_count for each in found.promises.values()),
        mistake=mistake,
        figures={} if result is None else result.figures,
        agreed_ms=[] if result is None else list(result.agreed_ms),
        virtual_s=0.0 if result is None else result.virtual_s,
        cpu_s=cpu_s,
        audit_cpu_s=audit_cpu_s,
    )


def broken_in(found: AuditResult) -> Iterator[Broken]:
    """Yield what the audit found broken, in order of promises."""
    for name, promise in found.to_json().items():
        for each in promise["violations"]:
            yield Broken(name, each["check"], each["point"], each["message"], each["history"], each["story"])
