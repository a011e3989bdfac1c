"""A real Prometheus beside a project, with what its service is given there.

It is Debian's program in a container of the project's image, as the image of the service may be out of reach.
"""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from ruamel.yaml import YAML

from tests.deploy.engine import ROOT, TAG, Project, run
from tests.deploy.http import Server

_NOBODY = "65534:65534"
"""Whom Prometheus' own image runs as: token and authority must be readable for that user."""


@contextmanager
def prometheus_beside(project: Project, *files: str) -> Iterator[int]:
    """Have one as these compose files have it, the later before the earlier; its port."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus (Debian: prometheus) is not installed")
    mounts = _mounts(project, files) | {"/bin/prometheus": program}
    started = ["docker", "run", "-d", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--user", _NOBODY]
    started += [word for target, source in mounts.items() for word in ("-v", f"{source}:{target}:ro")]
    started += ["--network", f"{project.name}_default", "-p", "127.0.0.1::9090", "--entrypoint", "/bin/prometheus"]
    started += [f"recarga:{TAG}", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/tmp/metrics"]
    container = run(*started).strip()
    try:
        yield int(run("docker", "port", container, "9090").split(":")[1])
    finally:
        run("docker", "kill", container)


async def values(watcher: Server, expression: str) -> list[float]:
    """Return the values of an expression now, those that are numbers; none while Prometheus is not ready yet."""
    try:
        reply = await watcher.post(f"/api/v1/query?query={quote(expression)}")
    except aiohttp.ClientError:
        return []
    if reply.status == 503:
        return []
    assert reply.status == 200, reply
    found = (float(each["value"][1]) for each in reply.body["data"]["result"])
    return [value for value in found if not math.isnan(value)]  # nothing to divide by


def _mounts(project: Project, files: tuple[str, ...]) -> dict[str, str]:
    """Return what is mounted read-only, by where."""
    mounts = {}
    for file in files:
        service = YAML(typ="safe").load(Path(ROOT / file))["services"]["prometheus"]
        for source, target, *_ in (each.split(":") for each in service["volumes"] if each.endswith(":ro")):
            is_file = source.startswith("./")
            mounts[target] = str(ROOT / "docker" / source) if is_file else f"{project.name}_{source}"
    return mounts
