"""``recarga keys`` and ``recarga token``, as operators use them."""

import stat
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from nodes.auth.authenticator import Authenticator
from nodes.auth.key_file import KeyFile
from nodes.live import MachineTime
from nodes.principal import Role
from tests.nodes.manual_clock import ManualClock


def recarga(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nodes", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env or None)


def test_keys_are_made_added_and_signed_with(tmp_path: Path) -> None:
    """From nothing to a token; then a rotation, after which the older token counts still."""
    path = tmp_path / "keys.json"
    assert recarga("keys", "new", path).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = recarga("token", "--keys", path, "--role", "driver", "--sub", "ana")
    assert recarga("keys", "add", path, "--algorithm", "HS256").returncode == 0
    second = recarga("token", "--keys", path, "--role", "node", "--sub", "server2", "--expires", "5m")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [jwk["alg"] for jwk in orjson.loads(path.read_bytes())["keys"]] == ["HS256", "EdDSA"]
    clock = ManualClock(MachineTime().now_ms())
    made = Authenticator(
        KeyFile(path, clock, (Role.NODE, "server1")), clock, node_id="server1", cluster="recarga", remembered_max=10
    )
    ana, node = made.principal(first.stdout.strip()), made.principal(second.stdout.strip())
    assert (ana.role, ana.sub, node.role, node.sub) == (Role.DRIVER, "ana", Role.NODE, "server2")
    assert ana.expires_ms is not None
    assert abs(ana.expires_ms - clock.now_ms() - 12 * 3_600_000) < 120_000


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """With it every token of the network would be gone."""
    path = tmp_path / "keys.json"
    path.write_text("precious")
    refused = recarga("keys", "new", path)
    assert (refused.returncode, path.read_text()) == (2, "precious")
    assert "keys add" in refused.stderr
    assert recarga("keys", "add", path).returncode == 2
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_is_made_for_a_role_and_signs_for_no_other(tmp_path: Path) -> None:
    """`recarga token` takes the key that may; where there is none it says so."""
    path = tmp_path / "keys.json"
    assert recarga("keys", "new", path, "--role", "node", "--sub", "server1").returncode == 0
    refused = recarga("token", "--keys", path, "--role", "operator", "--sub", "root")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "operator root" in refused.stderr
    assert recarga("token", "--keys", path, "--role", "node", "--sub", "server1").returncode == 0
    assert recarga("keys", "add", path, "--role", "driver", "--role", "operator").returncode == 0
    assert recarga("token", "--keys", path, "--role", "operator", "--sub", "root").returncode == 0
    assert recarga("token", "--keys", path, "--role", "reader", "--sub", "r").returncode == 2
    assert recarga("keys", "add", path, "--role", "guest").returncode == 2


def test_tokens_are_taken_back_by_name_by_file_and_by_bearer(tmp_path: Path) -> None:
    """What has expired is forgotten at the next change; a rotation keeps the rest."""
    path, shown = tmp_path / "keys.json", tmp_path / "ana.token"
    recarga("keys", "new", path)
    for sub in ("ana", "bia"):
        made = recarga("token", "--keys", path, "--role", "driver", "--sub", sub, "--expires", "1h")
        (tmp_path / f"{sub}.token").write_text(made.stdout)
    clock = ManualClock(MachineTime().now_ms())
    made = Authenticator(
        KeyFile(path, clock, (Role.NODE, "server1")), clock, node_id="server1", cluster="recarga", remembered_max=10
    )
    ana, bia = (made.principal((tmp_path / f"{sub}.token").read_text().strip()) for sub in ("ana", "bia"))
    assert (ana.sub, bia.sub) == ("ana", "bia")
    document = orjson.loads(path.read_bytes())
    document["recarga_revoked"] = [{"jti": "long-ago", "until_s": 1}]
    path.write_bytes(orjson.dumps(document))
    assert recarga("keys", "revoke", path, "--token-file", shown).returncode == 0
    assert recarga("keys", "revoke", path, "--sub", "bia", "--role", "driver").returncode == 0
    assert recarga("keys", "revoke", path, "--jti", "somebody-s").returncode == 0
    assert recarga("keys", "add", path).returncode == 0
    kept = orjson.loads(path.read_bytes())["recarga_revoked"]
    assert [entry.get("jti") or entry["sub"] for entry in kept][1:] == ["bia", "somebody-s"]
    assert "long-ago" not in [entry.get("jti") for entry in kept]
    assert 0 < kept[0]["until_s"] - clock.now_ms() // 1000 <= 3_700
    made = Authenticator(
        KeyFile(path, clock, (Role.NODE, "server1")), clock, node_id="server1", cluster="recarga", remembered_max=10
    )
    for sub in ("ana", "bia"):
        assert not made.counts((tmp_path / f"{sub}.token").read_text().strip())
    for wrong in (
        [],
        ["--jti", "a", "--sub", "b"],
        ["--jti", "a", "--role", "driver"],
        ["--token-file", path],
        ["--token-file", tmp_path / "nowhere"],
    ):
        refused = recarga("keys", "revoke", path, *wrong)
        assert refused.returncode == 2, wrong
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--role", "guest", "--sub", "a"], "role"),
        (["--role", "root", "--sub", "a"], "role"),
        (["--role", "node", "--sub", "Server 1"], "node's id"),
        (["--role", "driver", "--sub", "a", "--expires", "forever"], "--expires"),
        (["--role", "driver", "--sub", "a", "--expires", "900d"], "expires"),
        (["--role", "driver", "--sub", "a", "--cluster", "A B"], "--cluster"),
    ],
)
def test_what_is_told_wrongly_is_said(tmp_path: Path, more: list[str], words: str) -> None:
    """Exit code 2, one line, no token."""
    path = tmp_path / "keys.json"
    recarga("keys", "new", path)
    refused = recarga("token", "--keys", path, *more)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
