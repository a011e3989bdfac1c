"""What all vehicles of a run share: the clock, the network, the history, and how to make one request."""

from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
from simpy import Environment
from simpy.events import Event

from nodes.records import Answer, Witness
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request
from sim.engine.lateness import Lateness
from sim.engine.randomness import Randomness
from sim.fleet.city import City
from sim.fleet.line import Line
from sim.fleet.target import Look, NoAnswerError, NotSentError, Target
from sim.fleet.told import told, trip_of
from sim.history import HistoryWriter, Json
from sim.scenario.schema import Scenario

_UNKNOWN_OUTCOMES = frozenset({"owner-timeout", "deadline-exceeded", "store-failed", "internal-error"})
"""Problems after which the request may still have taken effect."""
_NOT_BEGUN = frozenset(
    {"point-busy", "node-busy", "draining", "owner-unreachable", "forked", "deadline-passed", "unknown-node"}
)
"""Problems after which the same request may be sent again: nothing was decided."""
_BUSY = (429, 503)
"""Statuses that say when to ask again."""
PATIENT_MS = 10_000
"""How long the laboratory itself waits, once all is mended: a disk or a link that is merely slow answers in this time."""
_PROBLEM_PREFIX = "urn:recarga:problem:"
_UNDER_WAY = 202


Seen = tuple[int, int, int]
"""What a driver was shown of a point: its witness, and the scenario's time at which."""


class Bridge(Protocol):
    """Between SimPy processes and coroutines."""

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        """Run a coroutine; return an event that has its result."""

    def elapsed_ns(self) -> int:
        """Return the time since the run began, as the history counts it."""

    def due_ns(self, simulated_s: float) -> int:
        """Return when a simulated time is due, as the history counts it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: ``ok``, ``fail`` or ``info``."""

    kind: str
    status: int = 0
    body: Any = None
    """The JSON data of the answer."""
    error: str = ""
    retry_after_s: float = 0.0
    witness: Witness | None = None
    """The version of the point that the answer names."""

    @property
    def may_be_retried(self) -> bool:
        """Whether the same request, with the same key, should be sent again, here or to another node."""
        return self.needs_another_node or self.error in _NOT_BEGUN

    @property
    def is_under_way(self) -> bool:
        """Whether it was begun and is not decided: where it is told, what became of it will be told."""
        return self.status == _UNDER_WAY

    @property
    def needs_another_node(self) -> bool:
        """Whether the node that was asked cannot help now."""
        return self.kind == "info" or self.error in ("unreachable", "draining")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A request with a key whose outcome nobody was told: to be asked again, under its key."""

    vehicle: int
    class_name: str
    f: str
    request: Request
    value: Json


@dataclass(slots=True)
class Desk:
    """Sends requests and writes down what happened."""

    scenario: Scenario
    environment: Environment
    bridge: Bridge
    target: Target
    history: HistoryWriter
    randomness: Randomness
    city: City
    run_id: str
    closing: Event
    """Happens when vehicles must unplug and leave."""
    scale: float
    """Simulated seconds per second in which requests are timed (and retries paused)."""
    fleet_size: int
    counts: Counter[str] = field(default_factory=Counter)
    """What vehicles came to, and outcomes of their requests."""
    lateness: Lateness = field(default_factory=Lateness)
    """Of every request, how much later than intended it was sent."""
    unknown: dict[str, Unknown] = field(default_factory=dict)
    """By key, requests whose outcome is not known and that nobody has asked again with success."""
    line: Line = field(default_factory=Line)
    """Drivers who wait in front of points that are taken."""
    _curious: list[Event] = field(default_factory=list)
    """See ``next_change``."""

    start_ms: int = field(init=False)
    """The scenario's start."""

    def __post_init__(self) -> None:
        self.start_ms = int(self.scenario.time.start.timestamp() * 1000)

    @property
    def requests(self) -> int:
        """How many requests have been answered, or given up."""
        return sum(n for name, n in self.counts.items() if name.endswith((".ok", ".fail", ".info")))

    def civil_ms(self) -> int:
        """Return the scenario's time."""
        return self.start_ms + int(self.environment.now * 1000)

    def next_change(self) -> Event:
        """Return an event that happens when next a change of a point is asked for, and has that point's id."""
        event = self.environment.event()
        self._curious.append(event)
        return event

    def request(
        self, caller: "Identity", f: str, node_id: str, request: Request, value: Json, seen: Seen | None = None
    ) -> Event:
        """Send one request; the event has its ``Outcome``. ``seen``: by which view of the point the driver chose it."""
        return self.bridge.event_of(self.ask(caller, f, node_id, request, value, seen=seen))

    def look(self, caller: "Identity", node_id: str, look: Look) -> Event:
        """Look for points; the event has its ``Outcome``."""
        asking = self.target.look(node_id, look, self.scenario.client.timeout_ms)
        intended_ns = self.bridge.due_ns(self.environment.now)
        return self.bridge.event_of(
            self._run(caller, "read", node_id, asking, intended_ns, {"value": {"what": "points"}})
        )

    def view(
        self, caller: "Identity", node_id: str, point_id: str, *, last: bool = False
    ) -> Coroutine[Any, Any, Outcome]:
        """Return the coroutine that asks a node what it believes of another's point; ``last``: after all is over."""
        asking = self.target.view(node_id, point_id, PATIENT_MS if last else self.scenario.client.timeout_ms)
        invoke = {"value": {"what": "view"} | ({"last": True} if last else {}), "point": point_id}
        return self._run(caller, "read", node_id, asking, self.bridge.due_ns(self.environment.now), invoke)

    def ask(
        self,
        caller: "Identity",
        f: str,
        node_id: str,
        request: Request,
        value: Json,
        timeout_ms: int | None = None,
        seen: Seen | None = None,
    ) -> Coroutine[Any, Any, Outcome]:
        """Return the coroutine that sends one request, which should be sent now; ``timeout_ms`` in place of a vehicle's."""
        timed = replace(request, is_timed=True)
        asking = self.target.ask(node_id, timed, timeout_ms or self.scenario.client.timeout_ms)
        invoke = {"value": value} | _about(request) | {"key": request.key, "seen": seen}
        changed = _changed_point(request)
        if changed is not None:
            self._tell_curious(changed)
        return self._run(caller, f, node_id, asking, self.bridge.due_ns(self.environment.now), invoke, request)

    def fate(self, caller: "Identity", fate: str, **facts: Any) -> None:
        """Write down what a vehicle came to."""
        self.counts[f"fate.{fate}"] += 1
        members = {"vehicle": caller.vehicle, "class": caller.class_name, "civil_ms": self.civil_ms()}
        value = {"fate": fate, **facts}
        self.history.write(self.bridge.elapsed_ns(), "run", "info", "fate", value=value, **members)

    async def _run(
        self,
        caller: "Identity",
        f: str,
        node_id: str,
        asking: Coroutine[Any, Any, Answer],
        intended_ns: int,
        invoke: Json,
        request: Request | None = None,
    ) -> Outcome:
        sent_ns = self.bridge.elapsed_ns()
        self.lateness.add(sent_ns - intended_ns)
        process, who = caller.process, {"vehicle": caller.vehicle, "class": caller.class_name, "node": node_id}
        civil_ms = self.civil_ms()
        self.history.write(
            sent_ns, process, "invoke", f, **invoke, **who, intended_ns=min(intended_ns, sent_ns), civil_ms=civil_ms
        )
        answer, outcome = await _come_to(asking)
        if request is not None and request.key is not None:
            self._remember(caller, f, request, invoke["value"], outcome)
        if outcome.kind == "info":
            caller.renew(self.fleet_size)
        self.counts[f"{f}.{outcome.kind}"] += 1
        if outcome.error:
            self.counts[f"error.{outcome.error}"] += 1
        self.history.write(
            self.bridge.elapsed_ns(),
            process,
            outcome.kind,
            f,
            value=told(f, outcome.kind, outcome.body, invoke["value"]),
            error=outcome.error or None,
            status=outcome.status or None,
            witness=None if answer is None else answer.witness,
            point=invoke.get("point"),
            trip=invoke.get("trip") or trip_of(f, outcome.body),
            key=invoke.get("key"),
            retry_after_s=None if answer is None or answer.status not in _BUSY else answer.retry_after_s,
            way_us=None if answer is None or answer.timing is None else [round(s * 1e6) for s in answer.timing],
            **who,
        )
        return outcome

    def _tell_curious(self, point_id: str) -> None:
        curious, self._curious = self._curious, []
        for event in curious:
            event.succeed(point_id)

    def _remember(self, caller: "Identity", f: str, request: Request, value: Json, outcome: Outcome) -> None:
        """Keep what is not known any more, until it is."""
        assert request.key is not None
        if outcome.kind == "info":
            self.unknown[request.key] = Unknown(caller.vehicle, caller.class_name, f, request, value)
        elif self.unknown and not outcome.may_be_retried:
            self.unknown.pop(request.key, None)


@dataclass(slots=True)
class Identity:
    """Who invokes: the vehicle, and its present process number."""

    vehicle: int
    class_name: str
    process: int
    serial: int = 0
    """Of logical requests, for their keys."""

    def renew(self, fleet_size: int) -> None:
        """Become another process: the last one's fate is open."""
        self.process += max(1, fleet_size)

    def next_key(self, run_id: str) -> str:
        """Return a new idempotency key."""
        self.serial += 1
        return f"{run_id}-{self.vehicle}-{self.serial}"


async def _come_to(asking: Coroutine[Any, Any, Answer]) -> tuple[Answer | None, Outcome]:
    """Return the answer, if one came, and what became of the request."""
    try:
        answer = await asking
    except NotSentError:
        return None, Outcome("fail", error="unreachable", retry_after_s=1.0)
    except NoAnswerError as error:
        return None, Outcome("info", error=error.reason, retry_after_s=0.2)
    return answer, read_answer(answer)


def read_answer(answer: Answer) -> Outcome:
    """Say what an answer means for who asked."""
    try:
        body = orjson.loads(answer.body) if answer.body else None
    except orjson.JSONDecodeError:
        body = None
    retry_after_s = float(answer.retry_after_s or 0)
    if answer.status == _UNDER_WAY and isinstance(body, dict):
        return Outcome("info", answer.status, body, "not-decided", retry_after_s)
    if answer.status < 400 and isinstance(body, dict):
        return Outcome("ok", answer.status, body, witness=answer.witness)
    if answer.status < 400:
        return Outcome("info", answer.status, None, "unreadable", retry_after_s)
    slug = str(body.get("type", "")).removeprefix(_PROBLEM_PREFIX) if isinstance(body, dict) else "no-problem"
    unknown = slug in _UNKNOWN_OUTCOMES or (slug == "no-problem" and answer.status >= 500)
    return Outcome("info" if unknown else "fail", answer.status, body, slug, retry_after_s, answer.witness)


def _about(request: Request) -> Json:
    """Return what a request is about: a point, or a trip, unless it is to make one."""
    match request.action:
        case PlanTrip():
            return {}
        case CancelTrip() | ReadTrip():
            return {"trip": request.action.trip_id}
        case _:
            return {"point": request.point_id}


def _changed_point(request: Request) -> str | None:
    """Return the point that a request wants to change; of a trip, the first that it names."""
    match request.action:
        case PlanTrip():
            return next((point_id for stop in request.action.stops for point_id in stop.points), None)
        case CancelTrip():
            return None
        case _:
            return None if request.key is None else request.point_id
