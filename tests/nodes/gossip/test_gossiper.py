"""What a gossiper does when it is not there to gossip."""

from collections.abc import Callable, Sequence

import pytest

from nodes.config import Limits
from nodes.errors import BusError
from nodes.gossip.gossiper import Gossiper
from nodes.ports import BusListener, Message
from tests.nodes.manual_clock import ManualClock


class Broken:
    """A broker that takes nothing."""

    async def publish(self, *messages: Message) -> None:
        raise BusError(f"{len(messages)} messages are not taken")


class Taking:
    """A broker that confirms everything, and forbids some."""

    def __init__(self, *forbidden: str) -> None:
        self.forbidden = forbidden
        self.hears: Callable[[str], None] = lambda _topic: None

    async def start(self, listener: BusListener, subscriptions: Sequence[str]) -> None: ...

    async def publish(self, *messages: Message) -> None:
        for message in messages:
            if message.topic not in self.forbidden:
                self.hears(message.topic)

    async def stop(self) -> None: ...


@pytest.fixture
def gossiper() -> Gossiper:
    return Gossiper("server1", "recarga", "http://server1", ManualClock(), Broken(), Limits())  # type: ignore[arg-type]


async def test_a_node_that_never_began_has_nothing_to_say_when_it_hears_of_its_removal(gossiper: Gossiper) -> None:
    """One on an old copy answers pings all the same, and news of its removal comes in them."""
    gossiper.tell_anew()
    assert gossiper.is_quiet


async def test_what_the_broker_did_not_take_is_not_cleared(gossiper: Gossiper) -> None:
    """Operators are told whether anything is left there."""
    assert not await gossiper.clear("server2", ["server2.a"])
    assert gossiper.failed == 1


@pytest.mark.parametrize("forbidden", [(), ("pontos/server2.b/disponibilidade",), ("recarga/recarga/server2/death",)])
async def test_what_is_not_heard_of_is_not_cleared(forbidden: tuple[str, ...]) -> None:
    """A broker confirms what it drops: one topic that is not told to be empty may not be."""
    bus = Taking(*forbidden)
    node = Gossiper("server1", "recarga", "http://server1", ManualClock(), bus, Limits(clearing_timeout_s=0.01))
    bus.hears = node.on_cleared
    assert await node.clear("server2", ["server2.a", "server2.b"]) == (not forbidden)
    assert node.failed == len(forbidden)
