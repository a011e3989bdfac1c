"""What was asked of every point: who had to be turned away, and where."""

from collections import defaultdict

from sim.measure.operations import Operations
from sim.measure.outcomes import Tally


def demand_by_point(operations: Operations) -> dict[str, Tally]:
    """Return the reserve requests of every point that was asked for."""
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in operations.rows_of("reserve"):
        counts[operations.point[row]][operations.outcome[row]] += 1
    names = list(operations.points)
    return {names[point]: Tally.of(found) for point, found in counts.items() if names[point]}


def requests_by_node(operations: Operations) -> dict[str, Tally]:
    """Return the requests of all kinds that vehicles sent to every node; a node hands on what is not its own."""
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for node, outcome in zip(operations.node, operations.outcome, strict=True):
        counts[node][outcome] += 1
    names = list(operations.nodes)
    return {names[node]: Tally.of(found) for node, found in counts.items()}
