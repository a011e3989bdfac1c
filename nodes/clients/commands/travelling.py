"""``trip`` and ``trips``: several reservations on several nodes, all or none."""

from typing import Annotated

import typer

from nodes.clients.commands.call import Call
from nodes.clients.commands.options import Key
from nodes.clients.commands.tables import reservations_table
from nodes.clients.errors import Unreachable
from nodes.clients.network import new_key
from nodes.clients.objects import Trip
from nodes.clients.plain_text import json_line, plain
from nodes.clients.stop_text import stops_from


async def trip(
    call: Call,
    stops: Annotated[list[str], typer.Argument(metavar="PLACE@TIME/DURATION...", help="The stops, in order of time.")],
    coordinator: Annotated[
        str | None, typer.Option(metavar="NODE", help="Who decides; the first point's node.")
    ] = None,
    key: Key = None,
) -> None:
    """Reserve all stops of a trip, or none.

    A place is a point's id, several ids with commas between them, or near:LAT,LON:3km. Such as
    server1.centro-01@18:00/30m server2.norte-02,server2.norte-03@20:15/45m. When a stop cannot be had, the exit code is 4.
    """
    driver_id = await call.driver()
    chosen = key or new_key()
    wishes = stops_from(stops, call.now_ms)
    found = await call.network.plan_trip(wishes, driver_id, coordinator=coordinator, key=chosen)
    if found.status == "PENDING":
        raise Unreachable(call.speech("trip_pending", id=plain(found.id)), outcome="unknown", key=chosen)
    if found.status == "ABORTED":
        raise found.refusal
    if call.json:
        call.say(json_line(found.told))
        return
    call.say(f"{call.speech('trip_confirmed', n=len(found.stops))}\n{plain(found.id)}\n")
    call.show(reservations_table(found.stops, call.speech, call.now_ms))


async def trips(call: Call) -> None:
    """List a driver's trips, whichever nodes coordinate them."""
    found = await call.network.trips(await call.driver())
    call.warn_of(found.away)
    if not found.items and not call.json:
        call.say(call.speech("nothing"))
    each: Trip
    for each in found.items:
        call.tell(each, f"{plain(each.id)}  {call.speech.status(each.status)}")
        if not call.json and each.stops:
            call.show(reservations_table(each.stops, call.speech, call.now_ms))
