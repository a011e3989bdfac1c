"""`recarga access` as it is deployed: what it writes, for whom, and what it keeps."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest

from nodes.auth.authenticator import Authenticator
from nodes.auth.key_file import KeyFile, read_key_file, signing_key, write_key_file
from nodes.auth.keys import read_keys
from nodes.auth.revocations import Revocation
from nodes.auth.tokens import Grant, sign, verify
from nodes.errors import ConfigError
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
    signing = KeyFile(kept[0], clock, (Role.READER, "keeper")).keys().signing(Role.READER, "keeper")
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


async def test_each_node_gets_a_key_that_makes_it_itself_and_nobody_else(tmp_path: Path) -> None:
    """What is stolen from one node is that node; the network's own private halves stay with the keeper. They know each other."""
    keys, folder = tmp_path / "keys.json", tmp_path / "access"
    given = ["--node", "server1=http://a", "--node", "server2=http://b", "--keys", str(keys)]
    assert await access(tmp_path, *given) == (0, "")
    files = {name: folder / name / "keys.json" for name in ("server1", "server2")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (keys, *files.values())} == {0o600}
    clock, known = LiveClock(), {}
    for name, path in files.items():
        found = read_keys(path.read_bytes(), name)
        assert (found.keys[0].signs, found.keys[0].sub) == (True, name)
        assert not any(key.signs for key in found.keys[1:])
        known[name] = Authenticator(
            KeyFile(path, clock, (Role.NODE, name)), clock, node_id=name, cluster="recarga", remembered_max=9
        )
        with pytest.raises(ConfigError, match="operator root"):
            signing_key(path, (Role.OPERATOR, "root"))
    assert known["server2"].principal(known["server1"].own_token("server2")).sub == "server1"
    operator = sign(
        signing_key(keys, (Role.OPERATOR, "root")), Grant("recarga", Role.OPERATOR, "root"), clock.now_ms(), 60
    )
    assert all(node.principal(operator).role is Role.OPERATOR for node in known.values())

    before = [path.read_bytes() for path in (keys, *files.values())]
    assert await access(tmp_path, *given) == (0, "")
    assert [path.read_bytes() for path in (keys, *files.values())] == before

    jwks, _ = read_key_file(keys)
    stolen = next(jwk for jwk in jwks if jwk.get("recarga_sub") == "server1")
    write_key_file(keys, [jwk for jwk in jwks if jwk != stolen], [Revocation(2**33, jti="gone")], is_new=False)
    assert await access(tmp_path, *given) == (0, "")
    assert [stolen["kid"] in path.read_text() for path in (keys, *files.values())] == [False] * 3
    assert [b"gone" in path.read_bytes() for path in files.values()] == [True, True]
    assert signing_key(files["server1"], (Role.NODE, "server1")).kid != stolen["kid"]


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
