"""`recarga access` as it is deployed: what it writes, for whom, and what it keeps."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest

from nodes.auth.key_file import KeyFile
from nodes.auth.tokens import verify
from nodes.live import LiveClock
from nodes.principal import Role

POINTS = "points:\n  - {id: a, name: A, location: {lat: 1, lon: 2}, max_power_w: 22000, connector: CHADEMO, price_per_kwh_minor: 1}\n"


async def access(folder: Path, *more: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "sim", "access", str(folder / "access"), "--once", *more]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def test_it_makes_keys_passwords_tokens_and_the_list_and_keeps_what_is_there(tmp_path: Path) -> None:
    """A restart of the keeper locks nobody out, and forgets no point."""
    (tmp_path / "points.yaml").write_text(POINTS)
    nodes = ["--node", "server1=http://server1:9000", "--node", "server2=http://server2:9000"]
    given = [*nodes, "--keys", str(tmp_path / "keys.json"), "--token", "prometheus=reader"]
    first = await access(tmp_path, *given, "--points", f"server1={tmp_path}/points.yaml")
    assert first == (0, "")
    folder = tmp_path / "access"
    kept = [tmp_path / "keys.json", folder / "server1" / "password", folder / "server2" / "password"]
    before = [path.read_text() for path in kept]
    assert before[1] != before[2]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    clock = LiveClock()
    signing = KeyFile(kept[0], clock).keys().signing
    assert signing is not None
    assert (
        verify((folder / "prometheus" / "token").read_text(), signing, "recarga", "server1", clock.now_ms()).role
        is Role.READER
    )
    assert "topic write pontos/server1.a/+\n" in (folder / "broker" / "acl").read_text()
    passwords = (folder / "broker" / "passwords").read_text()
    assert not any(password in passwords for password in before[1:])
    assert await access(tmp_path, *given) == (0, "")
    assert [path.read_text() for path in kept] == before
    assert "topic write pontos/server1.a/+\n" in (folder / "broker" / "acl").read_text()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--node", "server1"], "--node"),
        (["--node", "Server_1=http://a"], "--node"),
        (["--node", "server1=http://a", "--points", "server2=x"], "server2 is no --node"),
        (["--node", "server1=http://a", "--points", "server1=nowhere.yaml"], "nowhere.yaml:1:1"),
        (["--node", "server1=http://a", "--keys", "keys.json", "--token", "a=king"], "--token"),
    ],
)
async def test_what_it_is_told_wrongly_is_said_in_one_line(tmp_path: Path, more: list[str], words: str) -> None:
    """Exit code 2, no traceback."""
    code, errors = await access(tmp_path, *more)
    assert code == 2
    assert words in errors
    assert "Traceback" not in errors
