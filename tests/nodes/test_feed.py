"""The feed: everybody who reads sees everything in order; who does not read costs a bounded amount of memory."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack

import orjson
import pytest

from nodes.domain.events import ReservationReserved
from nodes.errors import NodeBusy, TooManyRequests
from nodes.feed import Feed, Item, own_item
from nodes.records import Stamped
from tests.nodes.feed_reading import read
from tests.nodes.manual_clock import settle


def item(number: int) -> Item:
    return Item("t", "server1", "server1.a", b"{}", number)


def publish(feed: Feed, *numbers: int) -> None:
    for number in numbers:
        feed.publish(lambda number=number: item(number))  # type: ignore[misc]


class Reader:
    """Somebody who listens from now on."""

    def __init__(self, feed: Feed) -> None:
        self.stream: AsyncGenerator[Item, None] = read(feed)
        self._first = asyncio.ensure_future(anext(self.stream, None))

    async def rest(self) -> list[int | None]:
        """Read until the stream ends."""
        first = await self._first
        return [] if first is None else [first.ver] + [item.ver async for item in self.stream]


async def listening(feed: Feed) -> Reader:
    reader = Reader(feed)
    await settle(2)
    return reader


async def refused(feed: Feed) -> NodeBusy:
    """Return the error with which a new reader is refused, at once."""
    asking = asyncio.ensure_future(anext(read(feed)))
    await settle(2)
    if not asking.done():
        asking.cancel()
        pytest.fail("it was let in")
    error = asking.exception()
    assert isinstance(error, NodeBusy)
    return error


async def test_every_reader_sees_everything_from_when_it_came_on() -> None:
    """In order, without a gap."""
    feed = Feed(readers_max=5, backlog=100)
    early = await listening(feed)
    publish(feed, 1, 2)
    late = await listening(feed)
    publish(feed, 3)
    feed.close()
    assert await early.rest() == [1, 2, 3]
    assert await late.rest() == [3]


async def test_nothing_is_made_when_nobody_reads() -> None:
    """Encoding every event for no reader would cost each reservation."""
    Feed(readers_max=5, backlog=5).publish(lambda: pytest.fail("made for nobody"))


async def test_a_reader_that_does_not_read_is_let_go_and_the_others_are_not() -> None:
    """P10: its backlog is bounded, and what waited for it is still told, so that it knows where to resume."""
    feed = Feed(readers_max=5, backlog=3)
    slow = await listening(feed)
    quick = await listening(feed)
    reading = asyncio.ensure_future(quick.rest())
    for number in range(1, 8):
        publish(feed, number)
        await settle(3)
    feed.close()
    assert await reading == [1, 2, 3, 4, 5, 6, 7]
    assert await slow.rest() == [1, 2, 3, 4]  # one was taken up at once, three waited


async def test_what_waits_for_a_reader_does_not_grow() -> None:
    """P10, the number itself: a thousand events later there are still as many as the bound says."""
    feed = Feed(readers_max=5, backlog=3)
    slow = await listening(feed)
    publish(feed, 1)
    await settle(2)
    (queue,) = feed._readers.values()
    publish(feed, *range(2, 1_000))
    assert queue.qsize() == 4  # the backlog and the end
    await slow.stream.aclose()


async def test_a_reader_that_lost_its_stream_counts_until_it_has_gone() -> None:
    """Its connection is still open: whoever opens stream after stream and reads none must meet the bound."""
    feed = Feed(readers_max=1, backlog=1)
    slow = await listening(feed)
    publish(feed, *range(10))
    assert len(feed) == 1
    await refused(feed)
    await slow.rest()
    assert len(feed) == 0
    again = await listening(feed)
    feed.close()
    assert await again.rest() == []


async def test_more_readers_than_allowed_are_refused_and_one_that_leaves_makes_room() -> None:
    """P10; leaving is what a closed browser tab does, in the middle of waiting."""
    feed = Feed(readers_max=2, backlog=5)
    readers = [await listening(feed) for _ in range(2)]
    assert (await refused(feed)).retry_after_s >= 1
    readers[0]._first.cancel()
    await asyncio.wait([readers[0]._first])
    assert len(feed) == 1
    third = await listening(feed)
    publish(feed, 1)
    feed.close()
    assert await third.rest() == [1]
    assert await readers[1].rest() == [1]


async def test_a_closed_feed_tells_what_was_published_and_takes_nobody_new() -> None:
    """The node stops: readers end in order and do not hang."""
    feed = Feed(readers_max=5, backlog=5)
    reader = await listening(feed)
    publish(feed, 1)
    feed.close()
    publish(feed, 2)
    assert await reader.rest() == [1]
    await refused(feed)
    assert len(feed) == 0


def test_watchers_are_not_told_who_drives() -> None:
    """The feed is public; the journal is not."""
    event = ReservationReserved(
        reservation_id="server1.a.r1-2",
        driver_id="secret-driver",
        start_ms=1,
        end_ms=2,
        price_per_kwh_minor=3,
        currency="BRL",
        created_ms=0,
    )
    told = own_item("server1", Stamped(7, 1, "server1.a", 2, 5, event, key="secret-key"))
    assert b"secret" not in told.data
    data = orjson.loads(told.data)
    assert (data["type"], data["witness"], data["ver"]) == ("reservation.reserved", [1, 2], 7)
    assert (told.type, told.subject, told.ver) == ("reservation.reserved", "server1.a", 7)


async def test_nobody_has_more_streams_than_their_share() -> None:
    """One who takes all of them shuts the others out; what they close is theirs again."""
    feed = Feed(readers_max=5, backlog=3)
    with ExitStack() as hers:
        for _ in range(2):
            hers.enter_context(feed.joined("driver eve", 2))
        with pytest.raises(TooManyRequests), feed.joined("driver eve", 2):
            pass
        with feed.joined("driver ana", 2), feed.joined(), feed.joined():
            with pytest.raises(NodeBusy), feed.joined("driver bia", 2):
                pass
    with feed.joined("driver eve", 2):
        assert len(feed) == 1
