"""What of a scenario real processes cannot play."""

from nodes.documents import DocumentError, Problem
from nodes.documents.wording import dotted
from sim.scenario.faults import LOCAL_KINDS
from sim.scenario.load import LoadedScenario

_ONLY_VIRTUAL = "happens in virtual runs only"


def check_local(loaded: LoadedScenario) -> None:
    """Raise ``DocumentError``, each fault at its place, if something is to break that only breaks in virtual runs.

    The section ``virtual`` is no such thing: real networks, disks and clocks are as they are.
    """
    problems = []
    for number, fault in enumerate(loaded.scenario.faults):
        if fault.kind not in LOCAL_KINDS:
            message = f"{fault.kind} {_ONLY_VIRTUAL}; in local runs there are {', '.join(LOCAL_KINDS)}"
            problems.append(_problem(loaded, ("faults", number, "kind"), message))
    for kind, rate in loaded.scenario.random_faults.rates():
        if rate.per_hour:
            message = f"{kind} at random {_ONLY_VIRTUAL}; what a local run is to suffer is listed under faults"
            problems.append(_problem(loaded, ("random_faults", kind), message, on_key=True))
    if loaded.scenario.network.strategy == "none":
        problems.append(_problem(loaded, ("network", "strategy"), f"none {_ONLY_VIRTUAL}"))
    if problems:
        raise DocumentError(problems)


def _problem(loaded: LoadedScenario, path: tuple[str | int, ...], message: str, *, on_key: bool = False) -> Problem:
    if loaded.document is None:
        return Problem(str(loaded.path), 1, 1, dotted(path), message)
    return loaded.document.problem(path, message, on_key=on_key)
