"""Does each command, started from nothing, do what a copy of a process that has imported all does?

That is how the other tests run most of them (tests.copies). ``consume`` and ``publish`` are started
where brokers are: test_exactly_once, test_check_and_publish.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import hoso, started
from tests.offices import EVENTS, equip

BAD = b'junk\n{"type": 1}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file, an archive, and a store that holds rejects as well."""
    folder = equip(tmp_path_factory.mktemp("office"))
    (folder / "bad.jsonl").write_bytes(BAD)
    assert hoso(folder, "ingest", "bad.jsonl").status == 1
    return folder


@pytest.fixture
def offices(made: Path, tmp_path: Path) -> list[Path]:
    """Two of them, one for each way to run a command."""
    return [Path(shutil.copytree(made, tmp_path / name)) for name in ("one", "two")]


@pytest.mark.parametrize(
    "command",
    [
        "",
        "--help",
        "frob",
        "statement --window 2023-Q1 --source events.jsonl",
        "statement --window 2023-Q1 --by channel --format json",
        "statement --window 2023-Q1 --source archive --format csv",
        "statement --window 2023-Q1 --source -",
        "statement --window 2023-Q1 --source - --skip-rejects",
        "dossiers --window 2023-Q1 --account resolved",
        "explain {code}",
        "register --out register.parquet",
        "ingest bad.jsonl events.jsonl",
        "archive --out other",
        "archive --out archive --verify",
        "check events.jsonl",
        "status --json",
        "simulate --dossiers 9 --out -",
        "rejects list",
        "rejects show 1",
        "rejects retry",
        "rejects export -",
        "consume",
        "publish",
    ],
)
def test_started_from_nothing_a_command_does_the_same(offices: list[Path], command: str) -> None:
    one, two = offices
    words = command.format(code=a_dossier(one)).split()
    assert started(one, *words, stdin=BAD) == hoso(two, *words, stdin=BAD)
    assert files(one) == files(two)


def a_dossier(office: Path) -> str:
    """The code of one that something is told of."""
    with (office / EVENTS).open() as events:
        return str(json.loads(events.readline())["subject"])


def files(office: Path) -> set[Path]:
    """What lies in a folder."""
    return {path.relative_to(office) for path in office.rglob("*")}
