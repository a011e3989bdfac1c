"""``points``, ``calendar``, ``nodes``: look around."""

from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

import typer

from nodes.clients.commands.call import Call
from nodes.clients.commands.tables import nodes_table, points_table
from nodes.clients.errors import BadInput
from nodes.clients.moments import duration_ms, moment_ms
from nodes.clients.network import PointFilters
from nodes.clients.objects import Point
from nodes.clients.plain_text import json_line
from nodes.domain.ids import is_point_id

_DAY_MS = 86_400_000


async def points(
    call: Call,
    available: Annotated[bool | None, typer.Option("--available/--taken", help="At this moment.")] = None,
    maintenance: Annotated[bool | None, typer.Option("--maintenance/--no-maintenance")] = None,
    connector: Annotated[str | None, typer.Option(help="Such as IEC_62196_T2 or CHADEMO.")] = None,
    min_kw: Annotated[float | None, typer.Option(min=0, help="At least this power.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only that node's points.", metavar="NODE")] = None,
    name: Annotated[str | None, typer.Option(help="Of exactly that name.")] = None,
    near: Annotated[str | None, typer.Option(metavar="LAT,LON", help="Around there, the nearest first.")] = None,
    radius_km: Annotated[float | None, typer.Option(min=0.001, max=20_000, help="With --near; 5.")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Free from then on; with --for.")] = None,
    duration: Annotated[str | None, typer.Option("--for", metavar="DURATION", help="Such as 30m.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1_000,
) -> None:
    """List charging points of all nodes."""
    filters = PointFilters(
        available=available,
        maintenance=maintenance,
        connector=connector,
        min_power_w=None if min_kw is None else round(1000 * min_kw),
        node=owner,
        name=name,
        near=near,
        radius_m=None if radius_km is None else 1000 * radius_km,
    )
    if (start is None) != (duration is None):
        raise BadInput("--from and --for come together")
    if start is not None and duration is not None:
        from_ms = moment_ms(start, call.now_ms)
        filters = replace(filters, free_from=from_ms, free_until=from_ms + duration_ms(duration))
    found: list[Point] = []
    async with aclosing(call.network.points(filters)) as told:
        async for point in told:
            if len(found) == limit:
                call.warn(call.speech("more_points", n=limit))
                break
            found.append(point)
            if call.json:
                call.say(json_line(point.told))
    if near is not None:
        found.sort(key=lambda point: (point.distance_m or 0, point.id))
    if not call.json:
        call.show(points_table(found, call.speech, call.now_ms) if found else call.speech("no_points"))


async def calendar(
    call: Call,
    point: Annotated[str, typer.Argument(help="A point's id, such as server1.centro-01.")],
    start: Annotated[str, typer.Option("--from", metavar="TIME")] = "now",
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="How far to look.")] = "1d",
) -> None:
    """Tell which windows of a point are taken, as its owner says."""
    from_ms = moment_ms(start, call.now_ms)
    until_ms = from_ms + duration_ms(duration)
    told = await call.network.calendar(checked_point(point), from_ms, until_ms, fresh=True)
    if call.json:
        call.say(json_line(told.told))
        return
    speech, at_ms = call.speech, from_ms
    for start_ms, end_ms in [*told.busy, (until_ms, until_ms)]:
        if at_ms < min(start_ms, until_ms):
            call.say(f"{speech.span(at_ms, min(start_ms, until_ms), call.now_ms)}  {speech('free_here')}")
        if start_ms < end_ms:
            call.say(f"{speech.span(start_ms, end_ms, call.now_ms)}  {speech('taken_here')}")
        at_ms = max(at_ms, end_ms)


async def nodes(call: Call) -> None:
    """Tell how the nodes are, as the first one that answers sees them."""
    found = await call.network.nodes()
    if call.json:
        for node in found:
            call.say(json_line(node.told))
    else:
        call.show(nodes_table(found, call.speech, call.now_ms))


def checked_point(text: str) -> str:
    """Return a point's id. Raises ``BadInput``."""
    if not is_point_id(text):
        raise BadInput(f"expected a point's id such as server1.centro-01, got {text[:60]!r}")
    return text
