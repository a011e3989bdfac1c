"""The simulated network: what arrives, when, how often, and what does not."""

import asyncio
from statistics import mean
from typing import Any

import pytest

from sim.worlds.virtual.network import Network
from tests.sim.worlds.virtual.plain_network import LATENCY_MS, fault, new_network, play

Arrivals = list[tuple[int, float]]


def carried(network: Network, sender: str, receiver: str, number: int = 400, **how: Any) -> Arrivals:
    """Carry numbered messages, one a second; return which arrived and how many milliseconds after they were sent."""
    arrivals: Arrivals = []

    async def main() -> None:
        loop = network.loop
        for index in range(number):
            sent_s = loop.time()

            def arrive(index: int, sent_s: float = sent_s) -> None:
                arrivals.append((index, 1000 * (loop.time() - sent_s)))

            network.carry(sender, receiver, f"message {index}", arrive, index, **how)
            await asyncio.sleep(1)
        await asyncio.sleep(60)

    play(network, main)
    return arrivals


def test_every_message_arrives_once_after_its_latency() -> None:
    """A network without faults is slow, and nothing else; its latencies spread as the scenario says."""
    arrivals = carried(new_network(), "a", "b")
    assert [index for index, _ in arrivals] == list(range(400))
    delays = [delay for _, delay in arrivals]
    assert LATENCY_MS[0] <= min(delays) < 1.1
    assert 2.9 < max(delays) <= LATENCY_MS[1] + 1e-6
    assert 1.9 < mean(delays) < 2.1


def test_one_host_talks_to_itself_at_once() -> None:
    """Between processes of one machine there is no network, and no fault of one."""
    network = new_network()
    network.faults.append(fault("loss", share=1.0))
    arrivals = carried(network, "a", "a", 10)
    assert len(arrivals) == 10
    assert max(delay for _, delay in arrivals) < 0.1


def test_luck_is_a_messages_own() -> None:
    """One message more changes nothing for the others; another seed changes it for all."""
    one, again, other = (dict(carried(new_network(seed), "a", "b", 50)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    network, busy = new_network(1), {}

    async def main() -> None:
        for index in range(50):
            sent_s = network.loop.time()
            network.carry("x", "y", f"other {index}", lambda: None)
            network.carry(
                "a",
                "b",
                f"message {index}",
                lambda index=index, sent_s=sent_s: busy.update({index: 1000 * (network.loop.time() - sent_s)}),
            )  # type: ignore[misc]
            await asyncio.sleep(1)

    play(network, main)
    assert busy == one


@pytest.mark.parametrize("hosts", [None, ["a"], ["b"], ["a", "z"]])
def test_lossy_links_lose_their_share(hosts: list[str] | None) -> None:
    """Whoever the fault names, as sender or receiver; the count says how many."""
    network = new_network()
    network.faults.append(fault("loss", share=0.3, hosts=hosts))
    lost = 400 - len(carried(network, "a", "b"))
    assert 80 < lost < 160
    assert network.counts["lost"] == lost


def test_who_is_not_named_loses_nothing() -> None:
    """A fault of one host is none of the others'."""
    network = new_network()
    network.faults += [fault("loss", share=1.0, hosts=["x"]), fault("duplicate", share=1.0, hosts=["x"])]
    network.faults += [
        fault("delay", delay_ms=5_000, hosts=["x"]),
        fault("reorder", share=1, delay_ms=900, hosts=["x"]),
    ]
    arrivals = carried(network, "a", "b", 50)
    assert len(arrivals) == 50
    assert max(delay for _, delay in arrivals) <= LATENCY_MS[1] + 1e-6
    assert carried(network, "a", "x", 50) == []


def test_what_is_reliable_comes_late_instead_of_never_and_never_twice() -> None:
    """TCP sends again what was lost, and drops what came twice."""
    network = new_network()
    network.faults += [fault("loss", share=0.3), fault("duplicate", share=0.5)]
    arrivals = carried(network, "a", "b", reliable=True)
    assert sorted(index for index, _ in arrivals) == list(range(400))
    late = [delay for _, delay in arrivals if delay > LATENCY_MS[1] + 1e-6]
    assert 80 < len(late) < 160
    assert min(late) >= 200


def test_duplicates_arrive_twice_and_are_announced() -> None:
    """Whoever accounts for requests must know which came twice."""
    network, copies = new_network(), []
    network.faults.append(fault("duplicate", share=0.25))
    arrivals = carried(network, "a", "b", on_copy=lambda: copies.append(1))
    assert set(dict(arrivals)) == set(range(400))
    assert len(arrivals) - 400 == len(copies) == network.counts["duplicated"]
    assert 60 < len(copies) < 140


def test_delays_add_up_and_reordering_holds_some_back() -> None:
    """Two delays at a time are as long as both."""
    network = new_network()
    network.faults += [fault("delay", delay_ms=100), fault("delay", delay_ms=50)]
    assert 150 < min(delay for _, delay in carried(network, "a", "b", 50)) < 153
    network.faults[:] = [fault("reorder", share=0.5, delay_ms=2_500)]
    arrivals = carried(network, "a", "b", 200)
    held = [index for index, delay in arrivals if delay > 2_000]
    assert 60 < len(held) < 140
    assert [index for index, _ in arrivals] != sorted(index for index, _ in arrivals)
    assert network.counts["reordered"] == len(held)


def test_a_partition_cuts_between_its_groups_and_nowhere_else() -> None:
    """Both ways, for reliable messages too; who is not named is in the first group."""
    network = new_network()
    network.faults.append(fault("partition", groups=[["a"], ["b", "c"]]))
    cut = {("a", "b"), ("b", "a"), ("a", "c"), ("x", "b"), ("b", "x")}
    for sender, receiver in [*cut, ("b", "c"), ("a", "x"), ("x", "y")]:
        assert network.is_cut(sender, receiver) is ((sender, receiver) in cut)
    for how in ({}, {"reliable": True}):
        assert carried(network, "a", "b", 10, **how) == []
        assert len(carried(network, "b", "c", 10, **how)) == 10
    assert network.counts["cut"] == 20


def test_one_way_means_one_way() -> None:
    """The other way everything passes: the hardest of partitions."""
    network = new_network()
    network.faults.append(fault("one_way", **{"from": ["a"], "to": ["b"]}))
    assert carried(network, "a", "b", 10) == []
    assert len(carried(network, "b", "a", 10)) == 10
    assert len(carried(network, "a", "c", 10)) == 10


def test_what_is_under_way_when_a_cut_begins_arrives() -> None:
    """A cut stops what is sent; what a switch has in its hands is delivered. And mended is mended."""
    network, arrived = new_network(), []

    async def main() -> None:
        network.carry("a", "b", "before", arrived.append, "before")
        network.faults.append(fault("partition", groups=[["a"], ["b"]]))
        network.carry("a", "b", "during", arrived.append, "during")
        await asyncio.sleep(1)
        network.faults.clear()
        network.carry("a", "b", "after", arrived.append, "after")
        await asyncio.sleep(1)

    play(network, main)
    assert arrived == ["before", "after"]


def test_links_differ_and_the_first_that_fits_counts() -> None:
    """Each direction has its own; what a link does not say is as everywhere."""
    slow = {"from": ["a"], "to": ["b"], "latency_ms": 40}
    links = [slow, {"from": ["a", "c"], "to": ["b", "d"], "latency_ms": 80, "loss_share": 1.0}]
    links.append({"from": ["e"], "to": ["b"], "loss_share": 0.5, "duplicate_share": 0.5})
    network = new_network(links=links)
    assert {round(delay) for _, delay in carried(network, "a", "b", 20)} == {40}
    assert max(delay for _, delay in carried(network, "b", "a", 20)) <= LATENCY_MS[1] + 1e-6
    assert carried(network, "c", "d", 20) == []
    arrivals = carried(network, "e", "b")
    assert 140 < len(set(dict(arrivals))) < 260
    assert len(arrivals) > len(set(dict(arrivals)))


def test_a_healed_network_loses_and_repeats_nothing_and_stays_as_slow() -> None:
    """The liveness phase: links are what they are, but for their faults."""
    network = new_network(
        links=[{"from": ["a"], "to": ["b"], "latency_ms": 40, "loss_share": 0.9, "duplicate_share": 0.9}]
    )
    network.is_healed = True
    arrivals = carried(network, "a", "b", 50)
    assert [index for index, _ in arrivals] == list(range(50))
    assert {round(delay) for _, delay in arrivals} == {40}
