"""One direction of a simulated TCP connection."""

import asyncio

from sim.worlds.virtual.network import Network
from sim.worlds.virtual.stream import Stream
from tests.sim.worlds.virtual.plain_network import fault, new_network, play


def sent_through(network: Network, number: int = 50) -> tuple[Stream, list[int]]:
    """Send numbers at once; return what they arrive in."""
    arrived: list[int] = []
    stream = Stream(network, "a", "b")
    for index in range(number):
        stream.send(f"number {index}", arrived.append, index)
    return stream, arrived


def test_what_is_sent_arrives_in_order_whatever_the_network_does() -> None:
    """Overtaking, repeating and losing are below TCP."""
    network = new_network()
    network.faults += [
        fault("loss", share=0.3),
        fault("duplicate", share=0.5),
        fault("reorder", share=0.5, delay_ms={"uniform": [1, 500]}),
    ]

    async def main() -> None:
        _, arrived = sent_through(network)
        await asyncio.sleep(30)
        assert arrived == list(range(50))

    play(network, main)


def test_while_hosts_are_cut_off_it_waits_and_goes_on_at_a_flush() -> None:
    """In order, with what was sent before, also when only one direction is cut: TCP needs both."""
    for cut in (fault("partition", groups=[["a"], ["b"]]), fault("one_way", **{"from": ["b"], "to": ["a"]})):
        network = new_network()

        async def main(network: Network = network, cut: object = cut) -> None:
            stream, arrived = sent_through(network, 5)
            network.faults.append(cut)  # type: ignore[arg-type]
            assert stream.is_cut
            for index in range(5, 10):
                stream.send(f"number {index}", arrived.append, index)
            await asyncio.sleep(100)
            assert arrived == [0, 1, 2, 3, 4], "what was under way arrives, what came later waits"
            stream.flush()
            await asyncio.sleep(1)
            assert arrived == [0, 1, 2, 3, 4], "no flush gets through a cut"
            network.faults.clear()
            stream.send("number 10", arrived.append, 10)
            stream.flush()
            stream.send("number 11", arrived.append, 11)
            await asyncio.sleep(1)
            assert arrived == list(range(12))

        play(network, main)


def test_after_it_is_closed_nothing_arrives() -> None:
    """Neither what is under way, nor what waits, nor what is sent later; also when an arrival itself closes it."""
    network = new_network()

    async def main() -> None:
        stream, arrived = sent_through(network, 5)
        stream.close()
        stream.send("late", arrived.append, 99)
        stream.flush()
        await asyncio.sleep(10)
        assert arrived == []
        assert stream.is_closed

        other, got = Stream(network, "a", "b"), list[int]()
        for index in range(20):
            other.send("x", lambda index=index: (got.append(index), other.close() if index == 3 else None))  # type: ignore[misc]
        await asyncio.sleep(10)
        assert got == [0, 1, 2, 3]

    play(network, main)


def test_what_waits_when_it_is_closed_is_gone() -> None:
    """A process that died sends nothing when the partition ends."""
    network = new_network()

    async def main() -> None:
        network.faults.append(fault("partition", groups=[["a"], ["b"]]))
        stream, arrived = sent_through(network, 5)
        stream.close()
        network.faults.clear()
        stream.flush()
        await asyncio.sleep(10)
        assert arrived == []

    play(network, main)
