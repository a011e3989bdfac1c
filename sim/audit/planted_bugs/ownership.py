"""Bugs that break P6: somebody else than its owner decides about a point."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_NODE, _SERVER, _LOAD = "nodes.node", "nodes.actors.server", "nodes.store.load"
_LEDGER = "nodes.gossip.ledger"
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
_KEEP = """\
        if request.key is not None and answer.status < 500 and self.server.journal.failure is None:
            from nodes.records import Kept

            self.server.journal.keep(Kept(request.key, request.fingerprint, answer, self.clock.now_ms()))
"""

OWNERSHIP: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="dead-owner-taken-over",
        promise="P6",
        budget_seeds=20,
        story=(
            "While gossip says that a point's owner is dead, the node that is asked serves the point itself, from what it "
            "believes of it: rows and events of another node's point in its database."
        ),
        edits=(
            Edit(_NODE, "        if known.url is None:\n", _TAKE_OVER + "        if known.url is None:\n"),
            Edit(_SERVER, "    async def drain(self)", _ADOPT + "    async def drain(self)"),
            Edit(
                _LOAD,
                "        points[row.point_id].reservations[row.id] = reservation_from(row)\n",
                "        if row.point_id in points:\n"
                "            points[row.point_id].reservations[row.id] = reservation_from(row)\n",
            ),
            Edit(
                _LOAD,
                "        points[row.point_id].session = session_from(row)\n",
                "        if row.point_id in points:\n            points[row.point_id].session = session_from(row)\n",
            ),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="gossip-before-fsync",
        promise="P6",
        budget_seeds=300,
        story=(
            "Gossip tells of what is in memory without waiting for the disk; after a crash others believe in a version of a "
            "point that its owner never had: view-of-nothing."
        ),
        edits=(Edit("nodes.gossip.gossiper", "            await self._the_server.flushed()\n", ""),),
        scenario=("crash_at_commit_share", "disk_slow"),
    ),
    PlantedBug(
        name="asked-before-fsync",
        promise="P8",
        budget_seeds=300,
        story=(
            "A node that is asked how far it has come, and for its points, answers from memory without waiting for the disk; "
            "after a crash it is behind what others have seen of it, takes itself for an old copy, and serves nobody any more: "
            "never-answered."
        ),
        edits=(
            Edit(_LEDGER, "        await self._server.flushed()\n        first_ver", "        first_ver"),
            Edit(
                _LEDGER,
                'last if last < told["head_ver"] else None\n        await self._server.flushed()\n',
                'last if last < told["head_ver"] else None\n',
            ),
            Edit(
                _LEDGER,
                "wanted[limit - 1] if len(wanted) > limit else None\n        await self._server.flushed()\n",
                "wanted[limit - 1] if len(wanted) > limit else None\n",
            ),
        ),
        scenario=("crash_at_commit_share", "gossip_loss"),
    ),
    PlantedBug(
        name="forwarded-answer-kept",
        promise="P6",
        budget_seeds=20,
        story=(
            "A node keeps the owner's answers to what it handed on, under their keys and as its own, to be quick when it is "
            "asked again: foreign-answer."
        ),
        edits=(Edit(_NODE, "        return answer\n", _KEEP + "        return answer\n"),),
    ),
)
