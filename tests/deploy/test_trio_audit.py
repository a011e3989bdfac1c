"""The laboratory's fleet at the trio, while containers are killed and cut off; its audit judges what the databases hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.engine import Project, project
from tests.deploy.faults import cut_off_and_mend, kill_and_start, put_back
from tests.deploy.remote_run import remote_run

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PROMISES = ("P1", "P2", "P3", "P4", "P5", "P6", "P8", "P9")
"""P7 and P10 have no data in remote runs (docs/remote.md)."""
VIOLATION = 99


@pytest.fixture(scope="module")
def trio(image: None) -> Iterator[Project]:
    with project("recarga-test-audit", "docker/compose.trio.yaml") as trio:
        trio.compose("up", "-d")
        trio.wait_until_healthy()
        yield trio


def test_no_promise_is_broken_by_kills_and_cut_networks(trio: Project, tmp_path: Path) -> None:
    """Each of them judged by facts that were there to judge, and drivers noticed the faults."""
    with remote_run(trio, tmp_path, duration_s=40) as run:
        run.wait_for_promises(5)
        kill_and_start(trio, "server2")
        run.wait_for_promises(3)
        cut_off_and_mend(trio, "server3")
        run.wait_for_promises(3)
        kill_and_start(trio, "broker")
        kill_and_start(trio, "server1")
        code, told = run.end()
    assert code == 0, told
    promises = run.report()["promises"]
    print({name: promises[name]["checked"] for name in PROMISES})
    for name in PROMISES:
        assert (promises[name]["verdict"], promises[name]["violation_count"]) == ("PASS", 0), name
        assert promises[name]["checked"] > 20, name
    asked = [each["total"] for each in run.report()["operations"].values()]
    assert sum(each["unavailable"] + each["unknown"] for each in asked) > 0, "no request met a fault"


def test_an_older_copy_of_a_database_is_noticed(trio: Project, tmp_path: Path) -> None:
    """The test of the test above: what was acknowledged and then lost is found, whether or not the node itself noticed."""
    with remote_run(trio, tmp_path, duration_s=15) as run:
        run.wait_for_promises(3, at="server1")
        trio.execute("server1", "recarga", "backup", "/data/old.db")
        run.wait_for_promises(3, at="server1")
        put_back(trio, "server1", "old.db")
        code, told = run.end()
    assert code == VIOLATION, told
    assert run.report()["promises"]["P2"]["verdict"] == "FAIL"
