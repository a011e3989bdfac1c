"""Who writes into stores: the events of a point, the way the node does."""

from nodes.domain.apply import apply
from nodes.domain.commands import Command, CreatePoint
from nodes.domain.decide import decide
from nodes.domain.point import Connector, Location, Point, PointSpec
from nodes.domain.refusals import Refusal
from nodes.domain.terms import Terms
from nodes.ports import Store
from nodes.records import Answer, Batch, Kept, Recovered, Stamped

NOW = 1_800_000_000_000
SPEC = PointSpec(
    name="Praça <b>& 東",
    location=Location(-8.063, -34.871, "Rua 'da' \"Aurora\""),
    max_power_w=50_000,
    connector=Connector.CHADEMO,
    price_per_kwh_minor=189,
    currency="EUR",
    terms=Terms(no_show_s=60),
    connector_label="CHAdeMO",
    file_digest="abc",
)


class Author:
    """Writes the events of one point into a store."""

    def __init__(self, store: Store, recovered: Recovered, point_id: str = "server1.a") -> None:
        self.store = store
        self.ver = recovered.ver
        self.point = recovered.points.get(point_id) or Point(point_id, SPEC, recovered.epoch)

    def act(self, command: Command, now_ms: int, key: str | None = None) -> tuple[list[Stamped], object]:
        decision = decide(self.point, command, now_ms)
        assert not isinstance(decision, Refusal), decision
        stamped, subject = [], None
        for event in decision:
            self.ver += 1
            subject = apply(self.point, event, now_ms)
            epoch, seq = self.point.epoch, self.point.seq
            stamped.append(Stamped(self.ver, epoch, self.point.id, seq, now_ms, event, key))
        return stamped, subject

    async def write(self, command: Command, now_ms: int, key: str | None = None) -> object:
        stamped, subject = self.act(command, now_ms, key)
        await self.store.append(Batch(events=stamped))
        return subject


def numbered_batch(number: int, after_ver: int) -> Batch:
    """Return a batch that makes three points and keeps one answer, all of which bear the number."""
    batch = Batch(answers=[Kept(f"k{number}", "f", Answer(201, b"{}"), NOW)])
    for offset in range(1, 4):
        point_id = f"server1.p{number}-{offset}"
        events = decide(Point(point_id, SPEC, 1), CreatePoint(SPEC), NOW)
        assert not isinstance(events, Refusal)
        batch.events.append(Stamped(after_ver + offset, 1, point_id, 1, NOW, events[0]))
    return batch
