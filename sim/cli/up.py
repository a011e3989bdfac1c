"""``recarga up``: a network of three nodes for a person to play with."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import CommandError, JsonOption, console, foreseen, say


def up(
    nodes: Annotated[int, typer.Option(min=1, max=20, help="How many nodes.")] = 3,
    points_per_node: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    port: Annotated[int, typer.Option(min=1, max=65_000, help="Of the first node; the others follow.")] = 9001,
    data: Annotated[Path, typer.Option(help="Folder of databases and logs; kept from one time to the next.")] = Path(
        "data"
    ),
    json: JsonOption = False,
) -> None:
    """Start a broker and nodes on this machine, say where they are, and keep them running until Ctrl-C."""
    with foreseen(json=json):
        try:
            asyncio.run(_up(nodes, points_per_node, port, data, json=json))
        except KeyboardInterrupt:
            raise CommandError("interrupted before the network was up") from None


async def _up(nodes: int, points_per_node: int, port: int, data: Path, *, json: bool) -> None:
    from nodes.stop_signals import stop_signals
    from sim.engine.randomness import Randomness
    from sim.fleet.city import build_city
    from sim.scenario.schema import Network
    from sim.worlds.local import LocalWorld

    city = build_city(Network(nodes=nodes, points_per_node=points_per_node), 1.0, Randomness(1))
    world = LocalWorld(city, data)
    if not json:
        console().print(f"starting {nodes} nodes and a broker; databases and logs are in {data}/")
    await world.start(ports=range(port, port + nodes))
    try:
        await world.settled()
        with stop_signals() as told_to_stop:
            _say_where(world.urls, json=json)
            stopping = asyncio.ensure_future(told_to_stop.wait())
            failing = asyncio.ensure_future(world.failed())
            await asyncio.wait((stopping, failing), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if failing.done():
                failing.result()
            failing.cancel()
    finally:
        codes = await world.stop()
        if json:
            say(event="stopped", exit_codes=codes)
        else:
            console().print("the network has stopped; nothing is left running")


def _say_where(urls: dict[str, str], *, json: bool) -> None:
    if json:
        say(event="ready", urls=urls)
        return
    for node_id, url in urls.items():
        console().print(f"{node_id}: {url}/ui/ (web client), {url}/docs (API)")
    first = next(iter(urls.values()))
    console().print(
        f"\nthe network is up; try: curl '{first}/v1/points?available=true&limit=3'\nCtrl-C stops everything"
    )
