"""The alert rules and the dashboard name metrics that there are, and each alarm is explained."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from hoso.tools.jobs.follow_metrics import FollowMetrics
from hoso.tools.jobs.metrics import ConsumerMetrics
from tests.services.required import need

DOCS = Path(__file__).parents[2] / "docs"
RULES, DASHBOARD = DOCS / "monitoring" / "alerts.yaml", DOCS / "monitoring" / "dashboard.json"
OPERATIONS = (DOCS / "OPERATIONS.md").read_text(encoding="utf-8")
NAME = re.compile(r"hoso_\w+")


def served() -> set[str]:
    """The metrics that there are; a counter as Prometheus names it."""
    families = [
        family
        for metrics in (ConsumerMetrics(), FollowMetrics())
        for family in metrics.registry.collect()
    ]
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in families}


def test_rules_dashboard_and_document_name_metrics_that_there_are() -> None:
    for text in (RULES.read_text(), DASHBOARD.read_text(), OPERATIONS):
        named = {name for name in NAME.findall(text) if name != "hoso_schema"}
        assert named
        assert named <= served()


def test_the_document_explains_every_metric_and_every_alarm() -> None:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    alarms = {rule["alert"] for rule in group["rules"]}
    assert alarms == set(re.findall(r"^\| (Hoso\w+) \|", OPERATIONS, re.MULTILINE))
    assert served() <= set(NAME.findall(OPERATIONS))


def test_the_dashboard_is_one_whose_panels_do_not_overlap() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("call", [("check", "alerts.yaml"), ("test", "alerts.test.yaml")])
def test_promtool_accepts_the_rules(call: tuple[str, str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        need("promtool", "it is not installed: tests/services/install.sh installs it")
    does, name = call
    subprocess.run([promtool, does, "rules", str(RULES.with_name(name))], check=True)
