"""A file is whole or as it was, and nobody reads it whom its mode does not let."""

import os
from pathlib import Path

import pytest

from nodes.whole_file import durable_draft, write_whole


def test_it_takes_the_place_of_the_one_before_with_its_own_mode(tmp_path: Path) -> None:
    """A secret that was readable for all stays so for nobody who opens it anew."""
    path = tmp_path / "a" / "secret"
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_whole(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_the_umask_takes_nothing_from_the_mode(tmp_path: Path) -> None:
    """The broker reads its files as another user."""
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "new" / "acl", b"x", mode=0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "acl").stat().st_mode & 0o777 == 0o644


def test_what_cannot_be_put_there_leaves_nothing(tmp_path: Path) -> None:
    """Drafts hold secrets, too."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"secret", mode=0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_a_draft_is_beside_it_and_for_its_reader_alone(tmp_path: Path) -> None:
    """Another file system could not put it there at once."""
    draft = durable_draft(tmp_path / "keys.json", b"secret", mode=0o600)
    assert draft.parent == tmp_path
    assert draft.stat().st_mode & 0o777 == 0o600
    assert draft.read_bytes() == b"secret"
