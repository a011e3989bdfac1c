"""What a database is after a power loss in the middle of a commit."""

from collections import Counter
from pathlib import Path
from random import Random

from nodes.domain.events import PointCreated
from nodes.domain.point import Location, PointSpec
from nodes.domain.terms import Terms
from nodes.records import Answer, Batch, Kept, Stamped
from nodes.store.database import SqliteDatabase
from nodes.store.sqlite_file import FLEETING
from sim.worlds.virtual.torn_file import tear

NOW_MS = 1_800_000_000_000
SPEC = PointSpec("Centro", Location(None, None, None), 22_000, None, 139, "BRL", Terms())


class InTwo(SqliteDatabase):
    """A store with the mistake that tearing is there to find: a batch is two transactions."""

    def append(self, batch: Batch) -> None:
        super().append(Batch(batch.events, []))
        super().append(Batch([], batch.answers))


def test_a_torn_batch_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was durable before stays; of the batch, SQLite and one transaction leave all or nothing."""
    fates: Counter[str] = Counter()
    for attempt in range(60):
        fate, events, answers = torn(SqliteDatabase, tmp_path / str(attempt), attempt)
        fates[fate] += 1
        assert (events, answers) == ((4, 4) if fate == "unacknowledged" else (1, 1)), fate
    assert set(fates) == {"lost", "torn", "unacknowledged"}


def test_a_batch_in_two_transactions_may_be_half_there(tmp_path: Path) -> None:
    """The tearing bites: a store that forgets its transaction is left with events whose answers are gone."""
    halves = {torn(InTwo, tmp_path / str(attempt), attempt)[1:] for attempt in range(60)}
    assert (4, 1) in halves


def test_what_becomes_of_it_does_not_depend_on_the_size_of_the_log(tmp_path: Path) -> None:
    """Another SQLite may write a longer log: the same seed must come to the same."""
    for attempt in range(20):
        small = torn(SqliteDatabase, tmp_path / f"small{attempt}", attempt)
        large = torn(SqliteDatabase, tmp_path / f"large{attempt}", attempt, body=b'"%s"' % (b"x" * 50_000))
        assert small == large


def torn(kind: type[SqliteDatabase], folder: Path, seed: int, body: bytes = b"{}") -> tuple[str, int, int]:
    """Make one point and one answer durable, tear a batch of three each; return its fate and what was found then."""
    database = kind(folder, "server1", answer_retention_s=86_400, settings=FLEETING)
    database.open(NOW_MS)
    database.append(batch_of(1, 1, body))
    fate = tear(database, batch_of(2, 3, body), Random(seed))
    again = SqliteDatabase(folder, "server1", answer_retention_s=86_400, settings=FLEETING)
    recovered = again.open(NOW_MS)
    again.close()
    assert recovered.ver == len(recovered.points)
    assert recovered.epoch == 2
    return fate, recovered.ver, len(recovered.keys)


def batch_of(first: int, count: int, body: bytes) -> Batch:
    """Return a batch that creates points, and keeps the answers to that."""
    numbers = range(first, first + count)
    events = [Stamped(number, 1, f"server1.p{number}", 1, NOW_MS, PointCreated(SPEC)) for number in numbers]
    return Batch(events, [Kept(f"key-{number}", "print", Answer(201, body), NOW_MS) for number in numbers])
