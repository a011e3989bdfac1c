"""What of a scenario cannot be played on nodes that run already."""

from nodes.documents import DocumentError, Problem
from nodes.documents.wording import dotted
from sim.scenario.load import LoadedScenario

_NOTHING_BROKEN = "a remote run breaks nothing: the nodes are not its own"


def check_remote(loaded: LoadedScenario) -> None:
    """Raise ``DocumentError``, each thing at its place, for what only the laboratory's own nodes can do or suffer."""
    scenario = loaded.scenario
    problems = [
        _problem(loaded, ("faults", number, "kind"), f"{fault.kind}: {_NOTHING_BROKEN}")
        for number, fault in enumerate(scenario.faults)
    ]
    problems += [
        _problem(loaded, ("random_faults", kind), _NOTHING_BROKEN)
        for kind, rate in scenario.random_faults.rates()
        if rate.per_hour
    ]
    if problems:
        raise DocumentError(problems)


def check_nodes(loaded: LoadedScenario, found: dict[str, str]) -> None:
    """Raise ``DocumentError`` unless the nodes that the scenario names are those that were found, by id with their URLs."""
    wanted = loaded.scenario.network.node_ids
    missing, more = [node for node in wanted if node not in found], [node for node in found if node not in wanted]
    targets = ", ".join(f"{node} at {url}" for node, url in found.items())
    if missing:
        message = f"there is no {', '.join(missing)} among the targets, which are {targets}"
        raise DocumentError([_problem(loaded, ("network", "nodes"), message)])
    if more:
        message = f"the targets are {targets}; the scenario names {', '.join(wanted)} only"
        raise DocumentError([_problem(loaded, ("network", "nodes"), message)])


def check_rate(loaded: LoadedScenario, rate: float) -> None:
    """Raise ``DocumentError`` unless the nodes' time runs as fast as the scenario's."""
    scale = loaded.scenario.time.scale
    if abs(rate - scale) > 0.01 * scale:
        message = f"the nodes' time runs {rate:g} times as fast as the clock, the scenario's {scale:g} times"
        raise DocumentError([_problem(loaded, ("time", "scale"), f"{message}; --set time.scale={rate:g}")])


def _problem(loaded: LoadedScenario, path: tuple[str | int, ...], message: str) -> Problem:
    if loaded.document is None:
        return Problem(str(loaded.path), 1, 1, dotted(path), message)
    return loaded.document.problem(path, message)
