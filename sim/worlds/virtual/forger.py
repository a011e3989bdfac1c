"""A stranger on the broker: it says what it likes about everybody, well-formed or not."""

import asyncio
from collections.abc import Callable
from random import Random

from nodes.gossip.messages import encode_event
from nodes.gossip.topics import Kind, node_topic, point_topic
from nodes.ports import Message
from sim.engine.randomness import Randomness
from sim.fleet.city import City
from sim.worlds.virtual.broker import VirtualBroker

_ADDRESS = "http://forged.test:9000"
_EPOCHS_AHEAD, _VERSIONS_AHEAD = 3, 50


class Forger:
    """Publishes lies: points that are free, taken or elsewhere, nodes that died or moved, and noise."""

    def __init__(self, broker: VirtualBroker, city: City, randomness: Randomness, cluster: str) -> None:
        self._broker = broker
        self._points = [point.id for point in city.points]
        self._nodes = city.node_ids
        self._rng: Random = randomness.stream("forger")
        self._cluster = cluster
        self._lies: list[Callable[[], Message]] = [
            self._availability,
            self._birth,
            self._death,
            self._digest,
            self._noise,
        ]

    async def forge(self, per_s: float) -> None:
        """Publish that many per second, on average, until it is cancelled."""
        while per_s > 0:
            await asyncio.sleep(self._rng.expovariate(per_s))
            message = self._rng.choice(self._lies)()
            self._broker.act(lambda message=message: self._broker.publish(message))  # type: ignore[misc]

    def _availability(self) -> Message:
        point_id = self._rng.choice(self._points)
        now_ms = self._rng.randrange(2**42)
        data = {
            "id": point_id,
            "name": "forged",
            "location": {"lat": None, "lon": None, "address": None},
            "max_power_w": 1,
            "connector": None,
            "connector_label": None,
            "price_per_kwh_minor": 0,
            "currency": "BRL",
            "terms": {},
            "status": self._rng.choice(["AVAILABLE", "CHARGING", "OUTOFORDER"]),
            "maintenance": False,
            "fault": None,
            "next_free": {"start_ms": now_ms, "end_ms": None},
            "session_id": None,
            "updated_ms": now_ms,
            "as_of_ms": now_ms,
            "busy": [],
            "known_until_ms": None,
        }
        node = point_id.partition(".")[0]
        payload = self._event("point.availability", node, point_id, data)
        return Message(point_topic(point_id, Kind.AVAILABILITY), payload, retain=self._rng.random() < 0.5)

    def _birth(self) -> Message:
        return self._of_node(Kind.BIRTH, {"url": _ADDRESS, "points": 1, "life": self._rng.randrange(5)})

    def _death(self) -> Message:
        return self._of_node(Kind.DEATH, {"life": self._rng.randrange(5), "reason": "forged"})

    def _digest(self) -> Message:
        return self._of_node(Kind.DIGEST, {"points_hash": f"{self._rng.getrandbits(64):016x}"})

    def _noise(self) -> Message:
        topic = point_topic(self._rng.choice(self._points), Kind.AVAILABILITY)
        return Message(topic, self._rng.randbytes(self._rng.randrange(200)))

    def _of_node(self, kind: Kind, data: dict[str, object]) -> Message:
        node = self._rng.choice(self._nodes)
        payload = self._event(f"node.{kind}", node, node, data)
        return Message(node_topic(self._cluster, node, kind), payload, retain=self._rng.random() < 0.5)

    def _event(self, type_: str, node: str, subject: str, data: dict[str, object]) -> bytes:
        rng = self._rng
        return encode_event(
            type_=type_,
            node=node,
            subject=subject,
            epoch=1 + rng.randrange(_EPOCHS_AHEAD),
            ver=rng.randrange(1_000),
            pointseq=rng.randrange(_VERSIONS_AHEAD),
            now_ms=rng.randrange(2**41),
            data=data,
        )
