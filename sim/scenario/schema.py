"""The scenario schema. Units are in the key names; every default is what an ordinary run wants."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from nodes.domain.point import MAX_POWER_W, MAX_PRICE_MINOR, Connector
from nodes.domain.terms import Terms
from sim.scenario.client import Client, Generator
from sim.scenario.faults import Breaking, Fault
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import NOT_NODES, YEAR_S, Name, NodeId, Seconds
from sim.scenario.random_faults import RandomFaults
from sim.scenario.slo import Limit
from sim.scenario.sweep import Sweep
from sim.scenario.vehicle_class import VehicleClass
from sim.scenario.virtual import Virtual


def _written_out(value: object) -> object:
    """Refuse numbers, in which pydantic would see seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("expected a time with a time zone, such as 2026-05-04T07:00:00-03:00")


def _of_our_time(value: datetime) -> datetime:
    """Refuse years that have no place in milliseconds since 1970."""
    if not 1970 < value.year < 9000:
        raise ValueError("expected a year from 1971 to 8999")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_of_our_time)]


class Time(ScenarioModel):
    """When the scenario plays, and how fast."""

    start: Moment = datetime.fromisoformat("2026-05-04T07:00:00+00:00")
    """Civil time at which it begins; RFC 3339 with a time zone."""
    duration_s: Annotated[float, Field(gt=0, le=YEAR_S, allow_inf_nan=False)]
    """How long vehicles keep arriving, in civil time."""
    drain_s: Seconds = 3_600
    """How long after that the vehicles that are there may go on; then they unplug and leave."""
    scale: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = 60
    """Seconds of civil time per second of wall-clock time, in local and remote runs."""


class PointKind(ScenarioModel):
    """One kind of charging point; points are dealt to kinds by share."""

    share: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1
    max_power_w: Annotated[int, Field(ge=1, le=MAX_POWER_W)] = 22_000
    connector: Connector = Field(default=Connector.IEC_62196_T2, strict=False)
    price_per_kwh_minor: Annotated[int, Field(ge=0, le=MAX_PRICE_MINOR)] = 189


class TermsModel(ScenarioModel):
    """Terms of all generated points, in seconds; what is left out has the node's default."""

    cancel_until_s: int | None = None
    early_start_s: int | None = None
    no_show_s: int | None = None
    late_stop_s: int | None = None
    min_window_s: int | None = None
    max_window_s: int | None = None
    horizon_s: int | None = None

    @model_validator(mode="after")
    def _are_terms(self) -> "TermsModel":
        self.terms()
        return self

    def terms(self) -> Terms:
        """Return the terms. Raises ``ValueError`` naming the field that is out of its range."""
        return Terms(**self.model_dump(exclude_none=True))


class Area(ScenarioModel):
    """Where points and vehicles are: a disc on the map."""

    lat: Annotated[float, Field(ge=-85, le=85)] = -8.063
    lon: Annotated[float, Field(ge=-180, le=180)] = -34.871
    radius_m: Annotated[float, Field(gt=0, le=200_000)] = 5_000


class Network(ScenarioModel):
    """The nodes and their points."""

    nodes: Annotated[int, Field(ge=1, le=50)] | Annotated[list[NodeId], Field(min_length=1, max_length=50)] = 3
    """How many (``server1`` and so on), or their ids."""
    points_per_node: Annotated[int, Field(ge=1, le=20_000)] = 20
    """Ignored where points come from files or from replayed sessions."""
    kinds: Annotated[list[PointKind], Field(min_length=1)] = [PointKind()]
    terms: TermsModel = TermsModel()
    area: Area = Area()
    strategy: Literal["mailbox", "row_lock", "optimistic", "none"] = "mailbox"
    """How nodes keep requests that want the same point from undoing one another (docs/strategies.md). All but ``mailbox``
    are for study; ``none`` keeps nothing, plays in virtual time only, and without faults: a node that has sold a window twice
    cannot be started again."""
    points_files: dict[NodeId, str] = {}
    """Points files by node, in place of generated points; paths are relative to the scenario file."""

    @property
    def node_ids(self) -> list[str]:
        """The ids of all nodes, in order."""
        if isinstance(self.nodes, int):
            return [f"server{number}" for number in range(1, self.nodes + 1)]
        return list(self.nodes)

    @model_validator(mode="after")
    def _is_consistent(self) -> "Network":
        ids = self.node_ids
        if len(set(ids)) != len(ids):
            raise ValueError("nodes: expected different ids")
        for reserved in NOT_NODES:
            if reserved in ids:
                raise ValueError(f"nodes: {reserved} cannot be a node's id: faults call others by it")
        for node in self.points_files:
            if node not in ids:
                raise ValueError(f"points_files.{node}: there is no such node; there are {', '.join(ids)}")
        return self


class RateStep(ScenarioModel):
    """From ``from_s`` after the start on, vehicles arrive with this weight, until the next step."""

    from_s: Seconds
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Replay(ScenarioModel):
    """Real sessions become vehicles, one per row, at the station they used."""

    format: Literal["acn"]
    """ACN-Data's columns: arrival, departure, requested and delivered energy in kWh, station_id, session_id."""
    path: str
    """A CSV file, plain or gzip; relative to the scenario file."""
    from_: Moment | None = Field(default=None, alias="from")
    """First arrival taken, RFC 3339; the file's first, if left out."""
    to: Moment | None = None
    """First arrival no longer taken."""
    reserve_ahead_s: Seconds = 1_800
    """How long before its arrival a vehicle reserves."""

    @model_validator(mode="before")
    @classmethod
    def _names_its_file(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("path") is None:
            raise ValueError("path: expected a file of sessions, here or with --set fleet.replay.path=FILE")
        return data


VEHICLES_MAX = 10_000_000


class Fleet(ScenarioModel):
    """The vehicles."""

    vehicles: Annotated[int, Field(ge=1, le=VEHICLES_MAX)] = 100
    rate_per_h: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    """How many vehicles arrive per hour of ``time.duration_s``, on average: a Poisson process. Where it is given,
    ``vehicles`` does not count."""
    arrivals: list[RateStep] = [RateStep(from_s=0, weight=1)]
    """Relative rates over time; within a step arrivals are spread evenly at random."""
    popularity_zipf_s: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Exponent of Zipf's law over points: 0: all alike; 1: the n-th point is wanted 1/n as often as the first."""
    candidates: Annotated[int, Field(ge=1, le=100)] = 5
    """Points a driver considers at one look."""
    look_radius_m: Annotated[float, Field(gt=0, le=200_000)] = 2_500
    """How far around a driver looks for points."""
    meter_every_s: Annotated[float, Field(ge=1)] = 300
    """Between two meter readings of a session, in civil time."""
    classes: Annotated[list[VehicleClass], Field(min_length=1)] = [VehicleClass()]
    replay: Replay | None = None
    only: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=100_000)] | None = None
    """Numbers of the vehicles that take part, from 0; all, if left out. What one of them plans is the same either way."""

    def mean_vehicles(self, duration_s: float) -> float:
        """Return how many vehicles arrive in that time, on average."""
        return float(self.vehicles) if self.rate_per_h is None else self.rate_per_h * duration_s / 3_600

    @model_validator(mode="after")
    def _is_consistent(self) -> "Fleet":
        if self.only is not None:
            if len(set(self.only)) != len(self.only):
                raise ValueError("only: expected different numbers")
            counted = self.replay is None and self.rate_per_h is None
            if counted and self.only and max(self.only) >= self.vehicles:
                raise ValueError(f"only: there is no vehicle {max(self.only)}; there are {self.vehicles}, from 0")
        names = [each.name for each in self.classes]
        if len(set(names)) != len(names):
            raise ValueError("classes: expected different names")
        starts = [step.from_s for step in self.arrivals]
        if starts != sorted(set(starts)):
            raise ValueError("arrivals: expected steps in rising order of from_s")
        if not any(step.weight > 0 for step in self.arrivals):
            raise ValueError("arrivals: expected a weight above 0")
        return self


class Scenario(ScenarioModel):
    """A scenario."""

    name: Name
    description: Annotated[str, Field(max_length=2_000)] = ""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    time: Time
    network: Network = Network()
    fleet: Fleet = Fleet()
    faults: Annotated[list[Fault], Field(max_length=10_000)] = []
    """What breaks, and when."""
    random_faults: RandomFaults = RandomFaults()
    """What breaks at random times, by rates; beside ``faults``."""
    virtual: Virtual = Virtual()
    client: Client = Client()
    generator: Generator = Generator()
    slo: Annotated[list[Limit], Field(max_length=100)] = []
    """Limits: the run fails when one does not hold."""
    sweep: Sweep | None = None
    """What ``recarga sweep`` varies; other commands ignore it."""

    @model_validator(mode="after")
    def _is_consistent(self) -> "Scenario":
        if not any(step.weight > 0 and step.from_s < self.time.duration_s for step in self.fleet.arrivals):
            raise ValueError("fleet.arrivals: expected a weight above 0 before time.duration_s")
        if self.fleet.mean_vehicles(self.time.duration_s) > VEHICLES_MAX:
            raise ValueError(f"fleet.rate_per_h: expected at most {VEHICLES_MAX} vehicles in time.duration_s")
        for path, host, may_be_other in self._named_hosts():
            ids = self.network.node_ids
            if host not in ids and not (may_be_other and host in NOT_NODES):
                known = [*ids, *(NOT_NODES if may_be_other else ())]
                what = "host" if may_be_other else "node"
                raise ValueError(f"{path}: there is no {what} {host}; there are {', '.join(known)}")
        if self.network.strategy == "none" and self._may_end_nodes():
            raise ValueError("network.strategy: none plays without faults: a node could not be started again")
        return self

    def _may_end_nodes(self) -> bool:
        at_random = any(rate.per_hour for _, rate in self.random_faults.rates())
        return bool(self.faults or at_random or self.virtual.crash_at_commit_share)

    def _named_hosts(self) -> Iterator[tuple[str, str, bool]]:
        """Yield ``(path, host, whether it may be broker or vehicles)`` for every host that is named somewhere."""
        fault: Breaking
        for number, fault in enumerate(self.faults):
            for path, host in fault.named_hosts():
                yield f"faults[{number}].{path}", host, path != "node"
        for path, node in self.random_faults.named_nodes():
            yield f"random_faults.{path}", node, False
        for number, link in enumerate(self.virtual.links):
            for key, hosts in (("from", link.from_), ("to", link.to)):
                for place, host in enumerate(hosts):
                    yield f"virtual.links[{number}].{key}[{place}]", host, True
