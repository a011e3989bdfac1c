"""What a gossiper does when it is not there to gossip."""

import pytest

from nodes.config import Limits
from nodes.errors import BusError
from nodes.gossip.gossiper import Gossiper
from nodes.ports import Message
from tests.nodes.manual_clock import ManualClock


class Broken:
    """A broker that takes nothing."""

    async def publish(self, *messages: Message) -> None:
        raise BusError(f"{len(messages)} messages are not taken")


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
