"""Bugs that break P6: somebody else than its owner decides about a point."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_NODE, _SERVER = "nodes.node", "nodes.actors.server"
_TAKE_OVER = """\
        if known.state == "DEAD" and request.point_id in self.view.points:
            self.server.adopt(self.view.points[request.point_id])
            return await self.server.handle(request)
"""
_ADOPT = '''\
    def adopt(self, seen):
        """Serve another node's point until its owner is back, from what was last heard of it."""
        from nodes.domain.point import Location, PointSpec
        from nodes.domain.terms import Terms

        data, place = seen.data, seen.data.location
        if data.id in self.actors:
            return
        spec = PointSpec(
            name=data.name,
            location=Location(place.lat, place.lon, place.address),
            max_power_w=data.max_power_w,
            connector=None,
            price_per_kwh_minor=data.price_per_kwh_minor,
            currency=data.currency,
            terms=Terms(**data.terms),
        )
        point = Point(data.id, spec, self.epoch, seen.witness[1], updated_ms=data.updated_ms)
        self.actors[data.id] = PointActor(point, self._office)

'''

OWNERSHIP: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="dead-owner-taken-over",
        promise="P6",
        budget_seeds=100,
        story=(
            "While gossip says that a point's owner is dead, the node that is asked serves the point itself, from what it "
            "believes of it: rows and events of another node's point in its database."
        ),
        edits=(
            Edit(_NODE, "        if known.url is None:\n", _TAKE_OVER + "        if known.url is None:\n"),
            Edit(_SERVER, "    async def drain(self)", _ADOPT + "    async def drain(self)"),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="forged-gossip-believed",
        promise="P6",
        budget_seeds=200,
        story=(
            "Gossip is believed whoever tells it, also of points that are not the teller's, so that a view tells versions "
            "of a point that its owner never had."
        ),
        edits=(
            Edit(
                "nodes.gossip.view",
                '        if not _is_consistent(topic, event):\n            return "forged", None\n',
                "",
            ),
        ),
        scenario=("gossip_forge",),
    ),
)
