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
    made = Authenticator(KeyFile(path, clock), clock, node_id="server1", cluster="recarga", remembered_max=10)
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
