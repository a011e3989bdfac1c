"""The table of permissions covers every route there is, and says what it means to."""

import inspect
from pathlib import Path

import orjson
import pytest

from nodes.api.app import create_app
from nodes.api.gate import operation_of
from nodes.auth import permissions
from nodes.auth.permissions import PERMISSIONS, SeedContract, permitted
from nodes.principal import SIGNED_IN, Role
from tests.nodes.running import running_node

PUBLIC = {"isAlive", "isReady", "whoAmI", "signIn", "signOut"}
DOCUMENT = orjson.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_bytes())


async def test_every_route_is_in_the_table(tmp_path: Path) -> None:
    """A new operation is nobody's until somebody has decided whose it is; the app does not start otherwise."""
    async with running_node(tmp_path) as client:
        operations = {operation_of(route) for route in create_app(client.node).router.routes}
    assert operations <= set(PERMISSIONS)
    assert {name for name in PERMISSIONS if name.isidentifier()} <= operations, "the table knows what is not there"


def test_what_is_open_is_what_is_meant_to_be() -> None:
    """Everything else takes a token."""
    assert {name for name, roles in PERMISSIONS.items() if Role.GUEST in roles and name.isidentifier()} == PUBLIC


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        (
            Role.DRIVER,
            {
                "createPoint",
                "changePoint",
                "removeNode",
                "prepareStop",
                "commitStop",
                "abortStop",
                "ping",
                "getJournal",
                "getMetrics",
                "criarPonto",
            },
        ),
        (
            Role.READER,
            {
                "reserve",
                "cancelReservation",
                "getReservation",
                "listSessions",
                "planTrip",
                "getTrip",
                "plugIn",
                "meter",
                "createPoint",
                "removeNode",
                "ping",
                "getJournal",
            },
        ),
        (
            Role.NODE,
            {"createPoint", "changePoint", "removeNode", "planTrip", "listSessions", "meter", "stop", "plugIn"},
        ),
        (
            Role.OPERATOR,
            {
                "prepareStop",
                "commitStop",
                "abortStop",
                "ping",
                "getJournal",
                "getSnapshot",
                "getAttested",
                "getDecision",
            },
        ),
    ],
)
def test_what_a_role_may_not_do(role: Role, forbidden: set[str]) -> None:
    """The boundaries that matter most, said twice on purpose."""
    assert not {name for name in forbidden if role in permitted(name)}


def test_the_seed_contract_is_open_closed_or_as_everything_else() -> None:
    """It alone changes, and with it nothing else."""
    for name in ("criarPonto", "listarPontos", "reservar"):
        assert permitted(name, SeedContract.OPEN) == {*SIGNED_IN, Role.GUEST}
        assert Role.GUEST not in permitted(name, SeedContract.TOKEN)
        assert permitted(name, SeedContract.OFF) == set()
    assert all(permitted("cancelReservation", mode) == PERMISSIONS["cancelReservation"] for mode in SeedContract)


def test_a_node_reserves_where_the_seed_contract_is_open_and_nowhere_else() -> None:
    """For a client of its own, who has no token: anybody may reserve there under any name as it is."""
    assert permitted("reserve", SeedContract.OPEN) == PERMISSIONS["reserve"] | {Role.NODE}
    assert all(Role.NODE not in permitted("reserve", mode) for mode in (SeedContract.TOKEN, SeedContract.OFF))


def test_a_route_nobody_decided_on_is_nobodys() -> None:
    """The default is no."""
    with pytest.raises(KeyError):
        permitted("deleteEverything")


def test_the_document_says_the_same() -> None:
    """``x-roles`` and ``security`` of every operation; 401 and 403 where a token is needed."""
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            roles = permitted(operation["operationId"])
            is_open = Role.GUEST in roles
            assert operation["x-roles"] == ([] if is_open else sorted(roles))
            assert bool(operation["security"]) is not is_open
            if not is_open and operation["operationId"] != "getMetrics":
                assert {"401", "403", "429"} <= set(operation["responses"]), operation["operationId"]
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"bearer", "cookie"}


def test_the_table_is_readable_as_one() -> None:
    """One row an operation: whoever reviews it sees all of it at once."""
    rows = [line for line in inspect.getsource(permissions).splitlines() if line.startswith('    "') and "(" in line]
    assert len(rows) == sum(1 for name, roles in PERMISSIONS.items() if Role.GUEST not in roles)
