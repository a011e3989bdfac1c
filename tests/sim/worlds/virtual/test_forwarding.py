"""A request handed on, in virtual time: the deadline, the owner's words and the breaker are those of real nodes."""

import asyncio
from pathlib import Path

import pytest

from nodes.domain.commands import Reserve
from nodes.records import Answer
from nodes.request import ReadPoint, Request
from sim.worlds.virtual.host import Host
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.small_world import SmallWorld

HOUR_MS = 3_600_000
DOORS = [pytest.param((), id="straight"), pytest.param(("virtual.through_api=true",), id="through the API")]


def two(small: SmallWorld) -> tuple[Host, Host, str]:
    """Return a node that is asked, one that owns, and a point of that."""
    asked, owner = list(small.world.hosts.values())[:2]
    return asked, owner, f"{owner.id}.{owner.entries[0][0]}"


async def reserve(small: SmallWorld, number: int, timeout_ms: int = 5_000) -> Answer:
    asked, _, point_id = two(small)
    start_ms = (asked.clock.now_ms() // HOUR_MS + number) * HOUR_MS
    request = Request(point_id, Reserve("ana", start_ms, start_ms + HOUR_MS), key=f"k{number}")
    return await small.world.target.ask(asked.id, request, timeout_ms)


@pytest.mark.parametrize("settings", DOORS)
def test_the_owner_is_told_what_is_left_of_the_callers_time(tmp_path: Path, settings: tuple[str, ...]) -> None:
    """Each hop keeps a tenth for the way back, as over HTTP."""

    async def body(small: SmallWorld) -> None:
        _, owner, _ = two(small)
        assert owner.node is not None
        handle, told = owner.node.server.handle, list[int | None]()

        async def noted(request: Request) -> Answer:
            told.append(request.timeout_ms)
            return await handle(request)

        owner.node.server.handle = noted  # type: ignore[method-assign]
        assert [(await reserve(small, n + 1, ms)).status for n, ms in enumerate((20_000, 1_200))] == [201, 201]
        assert told == [16_200, 972]

    SmallWorld(tmp_path, *settings).play(body)


@pytest.mark.parametrize("settings", DOORS)
def test_overload_at_the_owner_is_told_in_the_owners_words(tmp_path: Path, settings: tuple[str, ...]) -> None:
    """With its Retry-After, and however often: it is there."""

    async def body(small: SmallWorld) -> None:
        _, owner, point_id = two(small)
        assert owner.node is not None
        owner.node.server.draining = True
        for number in range(20):
            told = await reserve(small, number + 1)
            own = await small.world.target.ask(owner.id, Request(point_id, ReadPoint()), 5_000)
            assert (told.status, told.retry_after_s, told.body) == (503, 5, own.body)
        owner.node.server.draining = False
        assert (await reserve(small, 1)).status == 201

    SmallWorld(tmp_path, *settings).play(body)


@pytest.mark.parametrize("settings", DOORS)
def test_an_owner_that_is_away_is_left_alone_until_it_is_back(tmp_path: Path, settings: tuple[str, ...]) -> None:
    """Nothing goes over the network to it, its callers hear at once when to come again, and soon after it is back it is found."""

    async def body(small: SmallWorld) -> None:
        asked, owner, _ = two(small)
        assert asked.node is not None
        owner.is_kept_down = True
        owner.kill()
        limits = asked.node.config.limits
        unreachable = [await reserve(small, number + 1) for number in range(limits.breaker_failures + 1)]
        assert b"owner-unreachable" in unreachable[-1].body
        assert {answer.status for answer in unreachable[1:]} == {503}
        carried = small.world.network.messages
        refused = await reserve(small, 1)
        assert (refused.status, refused.retry_after_s) == (503, 1)
        assert small.world.network.messages - carried <= 4, "the caller's own: a connection, the question, the answer"
        owner.is_kept_down = False
        owner.start()
        await until(lambda: owner.is_listening)
        back_s, loop = small.loop.time(), asyncio.get_running_loop()
        while (answer := await reserve(small, 1)).status != 201:
            assert answer.retry_after_s is not None
            await asyncio.sleep(answer.retry_after_s)
        assert loop.time() - back_s <= 2 * limits.breaker_pause_ms_max / 1000

    SmallWorld(tmp_path, *settings).play(body)
