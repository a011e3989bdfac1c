"""What is remembered of a driver's."""

import stat
from pathlib import Path

from nodes.clients.ledger import Ledger


def test_ids_are_remembered_by_driver_and_kind(tmp_path: Path) -> None:
    """Once each, in order; for nobody but the file's owner to read."""
    path = tmp_path / "folder" / "client.json"
    Ledger(path, "ana").note("reservations", "server1.a.r1-1", "server1.a.r1-2")
    Ledger(path, "ana").note("reservations", "server1.a.r1-1")
    Ledger(path, "bia").note("trips", "server1.trip.t1-1")
    assert Ledger(path, "ana").ids("reservations") == ["server1.a.r1-1", "server1.a.r1-2"]
    assert Ledger(path, "ana").ids("trips") == []
    assert Ledger(path, "bia").ids("trips") == ["server1.trip.t1-1"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["client.json"]


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    """The newest."""
    ledger = Ledger(tmp_path / "client.json", "ana")
    ledger.note("sessions", *(f"s{number}" for number in range(150)))
    ledger.note("sessions", *(f"s{number}" for number in range(150, 300)))
    assert ledger.ids("sessions") == [f"s{number}" for number in range(100, 300)]


def test_a_file_that_cannot_be_read_or_written_is_no_error(tmp_path: Path) -> None:
    """What was reserved is reserved, whether it is remembered here or not."""
    path = tmp_path / "client.json"
    for text in ("{", "[]", '{"ana": 1}', '{"ana": {"trips": 1}}', '{"ana": {"trips": [1]}}'):
        path.write_text(text)
        assert Ledger(path, "ana").ids("trips") == []
    Ledger(path, "ana").note("trips", "t")
    assert Ledger(path, "ana").ids("trips") == ["t"]
    blocked = tmp_path / "file"
    blocked.write_text("")
    Ledger(blocked / "client.json", "ana").note("trips", "t")
