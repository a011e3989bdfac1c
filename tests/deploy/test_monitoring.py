"""What Prometheus and Grafana are given is valid, and asks for what a real node measures. (No engine is needed here.)"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from tests.deploy.engine import ROOT
from tests.nodes.running import running_node

MONITORING = ROOT / "docker" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboards" / "recarga.json").read_text())
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def promtool(*arguments: str) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool (Debian: prometheus) is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def read_yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@pytest.mark.parametrize(("name", "tls"), [("duo", ""), ("trio", ""), ("trio", ".tls")])
def test_prometheus_takes_its_configuration(name: str, tls: str, tmp_path: Path) -> None:
    """By its own tool; the targets are the services of the compose file, and token and authority are where the volumes are."""
    text = (MONITORING / f"prometheus.{name}{tls}.yaml").read_text()
    compose = read_yaml(ROOT / "docker" / f"compose.{name}.yaml")["services"]
    volumes = compose["prometheus"]["volumes"]
    if tls:
        compose = read_yaml(ROOT / "docker" / "compose.tls.yaml")["services"]
        volumes += compose["prometheus"]["volumes"]
    nodes = {each["environment"]["RECARGA_URL"] for each in compose.values() if "RECARGA_URL" in each.get("environment", {})}  # fmt: skip
    config = tmp_path / "prometheus.yaml"
    config.write_text(text)
    job = read_yaml(config)["scrape_configs"][0]
    assert {f"{job.get('scheme', 'http')}://{target}" for target in job["static_configs"][0]["targets"]} == nodes
    token = Path(job["authorization"]["credentials_file"])
    assert f"prometheus-access:{token.parent}:ro" in volumes
    assert f"./monitoring/prometheus.{name}{tls}.yaml:/etc/prometheus/prometheus.yml:ro" in volumes
    if tls:
        assert job["tls_config"] == {"ca_file": "/tls/ca/ca.pem"}
        assert "ca-tls:/tls:ro" in volumes
    (tmp_path / "token").write_text("a token")
    config.write_text(text.replace(str(token), str(tmp_path / "token")))
    promtool("check", "config", str(config))


async def test_every_metric_of_the_dashboard_is_one_of_a_real_node(tmp_path: Path) -> None:
    """A panel that stays empty for ever looks like all is well."""
    async with running_node(tmp_path, broker="mqtt://127.0.0.1:9", peers={"server2": "http://127.0.0.1:9"}) as client:
        await client.create()
        told = (await client.get("/metrics")).body
    there = {
        f"{family.name}{suffix}" for family in text_string_to_metric_families(told) for suffix in _SUFFIXES[family.type]
    }
    asked = set(re.findall(r"\brecarga_\w+", " ".join(EXPRESSIONS)))
    assert len(asked) > 10
    assert asked <= there, asked - there


def test_every_expression_is_promql(tmp_path: Path) -> None:
    """By Prometheus' own parser, as rules."""
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(EXPRESSIONS)]
    file = tmp_path / "rules.json"  # which is YAML, too
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", str(file))


def test_grafana_finds_dashboard_and_data_source() -> None:
    """Ids are unique, panels do not overlap, and all ask the source that is provisioned."""
    source = read_yaml(MONITORING / "grafana" / "datasources" / "prometheus.yaml")["datasources"][0]
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in panels)
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(taken)) == len(taken)
    provider = read_yaml(MONITORING / "grafana" / "dashboards" / "files.yaml")["providers"][0]
    services = read_yaml(ROOT / "docker" / "services.yaml")["services"]
    assert f"./monitoring/dashboards:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
