"""What hoso is made from: pinned, hashed, under licences that allow it; an image that says so."""

import re
import tomllib
from email.message import Message
from importlib.metadata import PackageMetadata
from pathlib import Path
from typing import cast

import pytest
import yaml

from tests.licences import Licence, licences, stated

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
WINDOWS_ONLY = {"colorama"}  # `make pins` runs on Linux, whose constraints leave it out


def pins(name: str) -> dict[str, str]:
    """The versions of packages that a file names."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {package.lower().replace("_", "-"): version for package, version in PIN.findall(text)}


def test_each_requirement_has_hashes_and_the_version_of_the_constraints() -> None:
    hashed, constraints = pins("requirements.txt"), pins("constraints.txt")
    assert len(hashed) > 30
    assert {n: v for n, v in hashed.items() if n not in WINDOWS_ONLY}.items() <= constraints.items()
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text)[1:]
    assert len(blocks) == len(hashed)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)


def test_whatever_hoso_depends_on_is_among_the_requirements() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[\[<>=]", text)[0] for text in project["dependencies"]]
    assert {*names} <= {*pins("requirements.txt")}


def test_no_package_is_under_gpl_or_agpl() -> None:
    assert [each for each in licences() if each.refused] == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("GNU Affero General Public License v3", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("MIT OR GPL-2.0-only", True),
        ("", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", False),
        ("MPL-2.0", False),
    ],
)
def test_which_licences_are_refused(text: str, refused: bool) -> None:
    metadata = Message()
    if text:
        metadata["Classifier"] = f"License :: OSI Approved :: {text}"
    assert Licence("p", "1", stated(cast(PackageMetadata, metadata))).refused == refused


def test_the_image_has_a_base_with_a_digest_hashes_and_a_user_of_its_own() -> None:
    steps = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(
        r"^ARG BASE=docker\.io/library/python:3\.11\S*@sha256:[0-9a-f]{64}$", steps, re.M
    )
    assert "--require-hashes --requirement requirements.txt" in steps
    assert re.findall(r"^USER (\w+)$", steps, re.M) == ["hoso"]
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", steps, re.M) for name in line.split()}
    let_in = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.M)
    assert copied == {*let_in}


def test_compose_publishes_ports_of_this_machine_only_and_its_calls_exist() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert ("build" in service) != (":" in service.get("image", ""))
    consumer = compose["services"]["consumer"]
    assert "--metrics-host=0.0.0.0" in consumer["command"]  # its port is not published
    assert "ports" not in consumer
