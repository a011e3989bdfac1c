"""Cycles of kill -9 under load lose no acknowledged reservation. ``RECARGA_KILL_CYCLES`` says how many; ``make soak``: 200."""

import asyncio
import os
from pathlib import Path

import pytest

from bench.postgres import Unavailable, postgres
from sim.audit import audit
from sim.audit.verdicts import Verdict
from sim.worlds.process import Child, ChildError
from tests.sim.kill_cycles import KillCycles
from tests.sim.planting import with_bug

CYCLES = int(os.environ.get("RECARGA_KILL_CYCLES", "5"))
_CYCLE_S = 30
"""Two seconds do; on a machine that does much else, many times that."""


@pytest.mark.system
@pytest.mark.timeout(60 + CYCLES * _CYCLE_S)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_no_acknowledged_reservation_is_lost(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Not by the word of the node, not by its database, and not by the audit, which looks at every single answer."""
    url = None if database == "sqlite" else request.getfixturevalue("new_database")()
    soak = KillCycles(tmp_path / "run", CYCLES, seed=20260504, database_url=url)
    await _play_and_check(soak)


@pytest.mark.system
@pytest.mark.timeout(60 + CYCLES * _CYCLE_S)
async def test_no_acknowledged_reservation_is_lost_when_the_database_server_dies(tmp_path: Path) -> None:
    """All of its processes are killed under load: the node stops by itself, for it never goes on with memory that disk does
    not have, and finds everything when both are started again.
    """
    with postgres(shared_buffers="32MB") as server:
        if isinstance(server, Unavailable):
            pytest.skip(server.reason)

        async def strike(node: Child) -> None:
            await asyncio.to_thread(server.crash)
            with pytest.raises(ChildError, match=r"(?s)ended by itself with exit code 1.*the store failed"):
                await asyncio.wait_for(node.ended(), 60)
            await asyncio.to_thread(server.start)

        soak = KillCycles(tmp_path / "run", CYCLES, 20260505, server.new_database("soak"), strike)
        await _play_and_check(soak)


async def _play_and_check(soak: KillCycles) -> None:
    await soak.play()
    print(f"\n{soak.summary()}")
    ledger = soak.ledger
    assert ledger.acknowledged >= CYCLES
    assert ledger.refused, "nobody competed for a window"
    assert ledger.unknown, "no request was under way at any kill"
    assert ledger.resolved == ledger.unknown
    assert soak.told == ledger.booked
    assert soak.stored() == ledger.booked, "the database holds what nobody was told of, or otherwise"
    verdicts = {name: result.verdict for name, result in audit(soak.folder).promises.items()}
    assert {verdicts[name] for name in ("P1", "P2", "P4", "P5", "P8")} == {Verdict.PASS}
    assert Verdict.FAIL not in verdicts.values()


@pytest.mark.system
async def test_a_node_that_replies_before_its_commit_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above could not fail."""
    for name, value in with_bug("reply-before-fsync").items():
        monkeypatch.setenv(name, value)
    soak = KillCycles(tmp_path / "run", cycles=1, seed=1)
    await soak.play()
    lost = soak.ledger.booked.keys() - soak.stored().keys()
    assert None in {soak.told[name] for name in lost}
    durability = audit(soak.folder).promises["P2"]
    assert durability.verdict is Verdict.FAIL
    found = {each.operations[0].told["id"] for each in durability.violations if each.check == "reservation-lost"}
    assert found
    assert found <= lost
