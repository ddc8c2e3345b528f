"""Nothing that hoso prints commands the terminal: names of files, lines, messages."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command import HOSO, environment, hoso

CONTROLS = "\x1b[2J\x9b31m\u202e\u2066\u2028"
EVENT = {
    "specversion": "1.0",
    "id": "a",
    "source": "/h",
    "type": "dossier.received.v1",
    "subject": "D",
    "time": "2023-01-05T08:00:00+07:00",
    "data": {
        "agency": "A",
        "field": "F",
        "procedure": "P",
        "channel": "online",
        "due": "2023-01-10",
    },
}
QUARTER = ("--window", "2023-Q1")


def is_harmless(text: str) -> bool:
    """Whether each line of an output can be printed."""
    return all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize(
    "call",
    [
        ("ingest", "{name}"),
        ("ingest", "{name}", "--store", "sqlite:///{name}.db"),
        ("ingest", "no-{name}"),
        ("check", "{name}"),
        ("statement", *QUARTER, "--source", "{name}"),
        ("statement", *QUARTER, "--source", "{name}", "--skip-rejects"),
        ("dossiers", *QUARTER, "--account", "{name}", "--source", "{name}", "--skip-rejects"),
        ("explain", "{name}", "--source", "{name}", "--skip-rejects"),
        ("archive", "--out", "a{name}", "--source", "{name}", "--skip-rejects"),
        ("register", "--out", "{name}.csv", "--source", "{name}", "--skip-rejects"),
    ],
    ids=str,
)
def test_names_of_files_and_codes_are_printed_escaped(
    call: tuple[str, ...], tmp_path: Path
) -> None:
    name = f"e{CONTROLS}.jsonl"
    (tmp_path / name).write_text(
        json.dumps(EVENT) + f'\n{{"{CONTROLS}": 1}}\n{CONTROLS}\n', encoding="utf-8"
    )
    outcome = hoso(tmp_path, *(part.format(name=name) for part in call))
    assert outcome.out + outcome.err
    assert is_harmless(outcome.out)
    assert is_harmless(outcome.err)
    assert "fault of hoso" not in outcome.err


@pytest.mark.parametrize(
    "call",
    [
        ("ingest",),
        ("check",),
        ("check", "--format", "json"),
        ("statement", *QUARTER, "--source"),
        ("statement", *QUARTER, "--format", "json", "--skip-rejects", "--source"),
        ("report", "quarterly", *QUARTER, "--format", "html", "--skip-rejects", "--source"),
        ("report", "quarterly", *QUARTER, "--format", "json", "--skip-rejects", "--source"),
    ],
    ids=" ".join,
)
def test_a_name_that_is_no_utf8_is_read_and_told(call: tuple[str, ...], tmp_path: Path) -> None:
    name = b"e\xff.jsonl"
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(json.dumps(EVENT) + "\n?\n")
    ran = subprocess.run(
        [HOSO, *call, name], cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert ran.returncode in (1, 2)
    assert is_harmless((ran.stdout + ran.stderr).decode())
    assert b"fault of hoso" not in ran.stderr


@pytest.mark.parametrize(
    "call", [("archive", "--out"), ("simulate", "--dossiers", "9", "--format", "archive", "--out")]
)
def test_an_archive_whose_name_is_no_utf8_is_refused_in_one_line(
    call: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(EVENT))
    assert hoso(tmp_path, "ingest", "e.jsonl").status == 0
    outcome = hoso(tmp_path, *call, os.fsdecode(b"a\xff"))
    assert outcome.status == 2
    assert outcome.err == "hoso: a\\xed\\xb3\\xbf: the name is no UTF-8; name another folder\n"


def test_a_field_of_a_registry_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(EVENT))
    text = f"code,name,level,parent\nA,{'x' * 131_073},province,\n"
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    call = ("report", "quarterly", *QUARTER, "--source", "e.jsonl", "--registry", "r.csv")
    outcome = hoso(tmp_path, *call)
    assert outcome.status == 2
    assert outcome.err.startswith("hoso: r.csv:2: ")
    assert "131,072" in outcome.err
