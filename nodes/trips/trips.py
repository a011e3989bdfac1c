"""A node's part in trips: those it decides on, and the stops on its points that others decide on."""

from collections.abc import Sequence
from dataclasses import replace

import orjson

from nodes.actors.server import Server
from nodes.catalogue import Catalogue
from nodes.ports import Clock, Store
from nodes.records import Answer, Stamped
from nodes.request import CancelTrip, PlanTrip, ReadDecision, ReadTrip, Request, TripAction
from nodes.trips.candidates import candidates
from nodes.trips.coordinator import Coordinator
from nodes.trips.in_doubt import InDoubt
from nodes.trips.preparation import Ask
from nodes.trips.waits import Waits


class Trips:
    """Answers requests about trips that come to this node as their coordinator, or as a participant."""

    def __init__(self, server: Server, store: Store, clock: Clock, catalogue: Catalogue, ask: Ask) -> None:
        """``ask`` hands a request to whoever it is for, this node or another."""
        limit = server.config.limits.trip_candidates_max
        self.coordinator = Coordinator(server, store, clock, ask, lambda plan: candidates(catalogue, plan, limit))
        self.in_doubt = InDoubt(server, store, clock, ask)
        self._server = server
        self._clock = clock

    def start(self) -> None:
        """Go on with what an earlier life of this node left."""
        self.coordinator.start(self._server.recovered_trips)
        self.in_doubt.start()

    def on_durable(self, events: Sequence[Stamped]) -> None:
        """Take note of promises, and of what became of them."""
        self.in_doubt.on_durable(events)

    async def handle(self, request: Request) -> Answer:
        """Answer a request. Raises ``RequestError`` or ``StoreError``."""
        action = request.action
        assert isinstance(action, TripAction)
        with self._server.one_more():
            match action:
                case PlanTrip() | CancelTrip() | ReadTrip():
                    return await self._handle(request, action)
                case ReadDecision():
                    status, belongs = await self.coordinator.decide(action)
                    return Answer(200, orjson.dumps({"status": status, "belongs": belongs}))
                case _:
                    return Answer(200, orjson.dumps({"known": await self.in_doubt.known(action)}))

    async def _handle(self, request: Request, action: PlanTrip | CancelTrip | ReadTrip) -> Answer:
        """Answer a driver, and say where the time went if that is asked."""
        waits = Waits(self._clock, self._server.config.node_id)
        if isinstance(action, ReadTrip):
            answer = await self.coordinator.read(action, waits)
        elif isinstance(action, PlanTrip):
            answer = await self.coordinator.plan(request, waits)
        else:
            answer = await self.coordinator.cancel(request, waits)
        return replace(answer, timing=waits.timing()) if request.is_timed else answer

    async def stop(self) -> None:
        """Take no more trips, and let those under way be decided."""
        await self.coordinator.stop()
        await self.in_doubt.stop()
