"""Commands at a node with keys: who one is, what one may, and where a token must not show."""

import json

import pytest

from nodes.principal import Role
from tests.nodes.clients.guarded import Guarded

pytestmark = pytest.mark.system
RESERVE = ("reserve", "server1.a", "--from", "+2d")


def test_the_driver_is_whom_the_token_names(guarded: Guarded) -> None:
    """Nothing else needs to be said."""
    result = guarded.run(*RESERVE, role=Role.DRIVER, sub="ana")
    assert result.exit_code == 0, result.output
    held = json.loads(result.stdout)
    assert held["driver_id"] == "ana"
    assert json.loads(guarded.run("reservations", role=Role.DRIVER, sub="ana").stdout)["id"] == held["id"]
    for command in (("watch", held["id"]), ("cancel", held["id"])):
        other = guarded.run(*command, role=Role.DRIVER, sub="bia")
        assert (other.exit_code, json.loads(other.stdout)["type"].rpartition(":")[2]) == (5, "unknown-reservation")
    assert guarded.run("cancel", held["id"], role=Role.DRIVER, sub="ana").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "role", "code"),
    [
        (("points",), None, 3),
        (RESERVE, None, 3),
        (("events",), None, 3),
        (("points",), Role.READER, 0),
        ((*RESERVE, "--driver", "ana"), Role.READER, 3),
        ((*RESERVE, "--driver", "bia"), Role.DRIVER, 3),
        (RESERVE, Role.OPERATOR, 2),
        ((*RESERVE, "--driver", "rui", "--or-next"), Role.OPERATOR, 0),
        (("point", "show", "server1.b"), Role.READER, 0),
        (("point", "change", "server1.b", "--price", "2"), Role.DRIVER, 3),
        (("point", "maintenance", "server1.b"), Role.READER, 3),
        (("point", "fault", "server1.b", "x"), None, 3),
        (("point", "create", "server1.x", "--name", "x", "--kw", "22", "--price", "1"), Role.DRIVER, 3),
        (("point", "change", "server1.b", "--price", "2"), Role.OPERATOR, 0),
    ],
)
def test_what_a_role_may_not_is_exit_code_3(
    guarded: Guarded, arguments: tuple[str, ...], role: Role | None, code: int
) -> None:
    """An operator says for whom, and sets prices; a reader reads; without a token there is nothing to see."""
    result = guarded.run(*arguments, role=role, sub="ana")
    assert result.exit_code == code, result.output


def test_a_token_that_has_expired_is_said_and_not_shown(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in no output, from wherever it was taken."""
    token = guarded.ring.token(Role.DRIVER, "ana", age_s=7200)
    monkeypatch.setenv("RECARGA_TOKEN", token)
    result = guarded.run(*RESERVE)
    assert result.exit_code == 3
    assert "not signed in" in result.stderr
    assert token[:12] not in result.output
    monkeypatch.setenv("RECARGA_TOKEN", "no token at all")
    result = guarded.run("points")
    assert (result.exit_code, "at all" in result.output) == (2, False)
