"""What is a driver's own: found by the ids that are remembered, and by what the nodes list of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from nodes.clients.errors import ClientError, NotFound, Passing, Unreachable
from nodes.clients.ledger import Ledger
from nodes.clients.network import Listed, Network
from nodes.clients.objects import Identified, Reservation, Session, Trip

_AT_ONCE = 8
"""Requests under way at one time."""


async def reservations_of(network: Network, ledger: Ledger, driver_id: str) -> Listed:
    """Return the driver's reservations, the latest first, and what was not to be had.

    Nodes list charges and trips, and each of those names its reservations; the ledger knows the rest.
    """
    sessions, trips = await asyncio.gather(network.sessions(driver_id), network.trips(driver_id))
    ids = [*ledger.ids("reservations")]
    ids += [session.reservation_id for session in sessions.items]
    ids += [stop.id for trip in trips.items for stop in trip.stops]
    for trip_id in ledger.ids("trips"):
        if trip_id not in {trip.id for trip in trips.items}:
            ids += [stop.id for stop in await _stops(network, trip_id)]
    found = await look_up(network.reservation, ids)
    mine = [held for held in found.items if held.driver_id == driver_id]
    away = {str(error): error for error in (*sessions.away, *trips.away, *found.away)}
    return Listed(sorted(mine, key=lambda held: (-held.start_ms, held.id)), list(away.values()))


async def sessions_of(network: Network, ledger: Ledger, driver_id: str) -> Listed:
    """Return the driver's charges, the latest first, and what was not to be had."""
    listed = await network.sessions(driver_id)
    known = {session.id for session in listed.items}
    found = await look_up(network.session, (each for each in ledger.ids("sessions") if each not in known))
    mine: list[Session] = [*listed.items, *(each for each in found.items if each.driver_id == driver_id)]
    return Listed(sorted(mine, key=lambda session: (-session.started_ms, session.id)), [*listed.away, *found.away])


async def trips_of(network: Network, ledger: Ledger, driver_id: str) -> Listed:
    """Return the driver's trips, the latest first, and what was not to be had."""
    listed = await network.trips(driver_id)
    known = {trip.id for trip in listed.items}
    found = await look_up(network.trip, (each for each in ledger.ids("trips") if each not in known))
    mine: list[Trip] = [*listed.items, *(each for each in found.items if each.driver_id == driver_id)]
    return Listed(sorted(mine, key=lambda trip: (-trip.created_ms, trip.id)), [*listed.away, *found.away])


async def look_up(ask: Callable[[str], Awaitable[Identified]], ids: Iterable[str]) -> Listed:
    """Return what these ids name, once each. What is not there is left out: the ids may be another network's."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(identifier: str) -> Identified | ClientError | None:
        async with gate:
            try:
                return await ask(identifier)
            except NotFound:
                return None
            except (Passing, Unreachable) as error:
                return error

    told = await asyncio.gather(*(one(identifier) for identifier in dict.fromkeys(ids)))
    items = [each for each in told if isinstance(each, Identified)]
    return Listed(items, [each for each in told if isinstance(each, ClientError)])


async def _stops(network: Network, trip_id: str) -> list[Reservation]:
    try:
        return (await network.trip(trip_id)).stops
    except (NotFound, Passing, Unreachable):
        return []
