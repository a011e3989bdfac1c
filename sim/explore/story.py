"""What happened in a failing run, in lines that a person can follow."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sim.audit.civil_time import civil
from sim.explore.cut_history import readable_lines
from sim.explore.outcome import Broken, SeedOutcome, Signature
from sim.history import Json

FAULTS_TOLD = 40
"""Lines about faults in one story: the last before the end of it. A shrunk run has a handful."""
REQUESTS_TOLD = 40
"""Lines about requests: if there are no more, all of them that concern the point; else those that show what is wrong."""
_LAST_LINES = 20
"""Lines of the history before a mistake."""
_BROKEN = {
    "crash": "is killed; what was not on its disk is gone, or half there",
    "pause": "hangs",
    "broker_crash": "the broker is killed",
    "broker_pause": "the broker hangs",
    "disk_full": "has a full disk",
    "restore": "has a backup made, and will be set back to it",
    "move": "moves to another machine with its database, while its old process lives on there, cut off",
    "disk_slow": "has a slow disk",
    "clock_jump": "has a clock that jumps",
    "clock_drift": "has a clock that runs at a wrong speed",
    "partition": "the network is cut in parts",
    "one_way": "messages pass one way only",
    "loss": "messages are lost",
    "delay": "messages take longer",
    "duplicate": "messages come twice",
    "reorder": "messages overtake one another",
    "gossip_loss": "the broker loses gossip",
    "gossip_repeat": "the broker delivers old gossip again",
    "gossip_forge": "a stranger forges gossip",
}
"""What each kind of fault does, behind the node's name where it is a node's."""


def tell_failure(outcome: SeedOutcome, signature: Signature, history: Path) -> list[str]:
    """Return the story of one failure of a run: what is wrong, what happened in order, what the disk holds."""
    lines = readable_lines(history)
    broken = next((each for each in outcome.violations if (each.promise, each.check) == signature), None)
    if broken is not None:
        return list(_violation(broken, lines))
    assert outcome.mistake is not None
    return [
        f"{outcome.mistake.kind}: {outcome.mistake.text}",
        *([f"  in {outcome.mistake.place}"] if outcome.mistake.place else []),
        "what happened before:",
        *(_line(line) for line in lines[-_LAST_LINES:] if line["process"] != "run" or _is_end_of_life(line)),
    ]


def _violation(broken: Broken, lines: list[Json]) -> Iterator[str]:
    shown = {index for index in broken.history if index < len(lines)}
    around = [line["index"] for line in lines if broken.point is not None and _is_about(line, broken.point)]
    if len(shown.union(around)) <= REQUESTS_TOLD:
        shown.update(around)
    until = max(shown, default=len(lines))
    faults = [line["index"] for line in lines[: until + 1] if line["process"] == "nemesis" or _is_end_of_life(line)]
    faults = _that_matter(lines, faults, _nodes_in(broken, lines, shown))
    yield f"{broken.promise} {broken.check}: {broken.message}"
    if len(faults) > FAULTS_TOLD:
        yield f"  ({len(faults) - FAULTS_TOLD} earlier lines about faults are left out)"
    for index in sorted(shown | set(faults[-FAULTS_TOLD:])):
        yield _line(lines[index])
    disk = [text for text in broken.story[1:] if not text.startswith("  history")]
    if disk:
        yield "what the disk holds:"
        yield from disk


def _is_about(line: Json, point: str) -> bool:
    """Whether a line is what a vehicle asked of a point, or was told."""
    return bool(line.get("point") == point and line.get("vehicle", -1) >= 0)


def _is_end_of_life(line: Json) -> bool:
    """Whether a line was written when a node's process ended; before the end of the run it was killed."""
    return bool(line["process"] == "run" and line["f"] == "gauges")


def _nodes_in(broken: Broken, lines: list[Json], shown: Iterable[int]) -> set[str]:
    """Return the nodes that the violation is about: the owner's, and those that were asked."""
    nodes = {str(lines[index].get("node")) for index in shown}
    return nodes | ({broken.point.partition(".")[0]} if broken.point else set())


def _that_matter(lines: list[Json], faults: list[int], nodes: set[str]) -> list[int]:
    """Leave out what befell nodes that the violation is not about."""
    return [index for index in faults if lines[index].get("node") is None or lines[index]["node"] in nodes]


def _line(line: Json) -> str:
    when = f"  {line['time_ns'] / 1e9:12.6f} s: "
    if line["process"] == "nemesis":
        return when + _fault(line)
    if _is_end_of_life(line):
        return f"{when}{line.get('node')}'s process ends: what is not on its disk is gone"
    who = f"vehicle {line['vehicle']}" if line.get("vehicle", -1) >= 0 else "an observer"
    found = line.get("value")
    value = found if isinstance(found, dict) else {}
    if line["type"] == "invoke":
        about = f" of {line['point']}" if line.get("point") else ""
        key = f" (key {line['key']})" if line.get("key") else ""
        return f"{when}{who} asks {line.get('node', 'a node')}: {line['f']}{about} {_members(value)}".rstrip() + key
    if line["type"] == "info":
        return f"{when}{who} is not told what became of it ({line.get('error', 'no answer')})"
    refused = f", {line['error']}" if line.get("error") else ""
    witness = f", witness {line['witness'][0]}-{line['witness'][1]}" if line.get("witness") else ""
    told = f"{who} is told {line['type']}{refused}: {_members(value)}".rstrip(": ")
    return f"{when}{told}{witness}"


def _fault(line: Json) -> str:
    value = dict(line.get("value") or {})
    state = value.pop("state", "broken")
    words = _BROKEN.get(line["f"], line["f"])
    node = line.get("node")
    if state != "broken":
        return f"{line['f']}{f' of {node}' if node else ''}: {state}"
    details = _members({name: each for name, each in value.items() if each is not None})
    return f"{f'{node} ' if node else ''}{words}" + (f" ({details})" if details else "")


def _members(data: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_value(name, value)}" for name, value in data.items() if value is not None)


def _value(name: str, value: Any) -> str:
    return civil(value) if name.endswith("_ms") and isinstance(value, int) and value > 10**11 else str(value)
