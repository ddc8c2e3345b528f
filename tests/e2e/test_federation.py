"""Exported ledgers of provinces add up to the figures of one log of all their events."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hoso.projections.federation import file
from tests.command import done, hoso

SPAN = ("--from", "2024-09-01", "--to", "2025-12-31")  # districts end on 1 July 2025
QUARTER = ("--window", "2025-Q3")
AS_OF = "2026-02-01T00:00:00+07:00"
LEDGERS = ("north.ledger", "centre.ledger", "south.ledger")
WHOLE = ("--source", "whole.jsonl")
REGISTRY = ("--registry", "agencies.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history, and its dossiers by the agency that received them in a file, a store and an
    archive, of which ledgers were exported."""
    folder = tmp_path_factory.mktemp("nation")
    made = ("--dossiers", "600", "--seed", "5", "--facts", "--out", "whole.jsonl", *REGISTRY)
    done(folder, "simulate", *SPAN, *made)
    for name, lines in by_province((folder / "whole.jsonl").read_text().splitlines()):
        (folder / f"{name}.jsonl").write_text("\n".join(lines))
    done(folder, "ingest", "centre.jsonl", "--recorded", "time", "--store", "sqlite:///centre.db")
    done(folder, "archive", "--source", "south.jsonl", "--out", "south")
    for source, ledger in zip(
        ("north.jsonl", "sqlite:///centre.db", "south"), LEDGERS, strict=True
    ):
        done(folder, "ledger", "export", "--source", source, "--out", ledger)
        as_of = ("--as-of", AS_OF)
        done(folder, "ledger", "export", "--source", source, *as_of, "--out", f"as_of_{ledger}")
    return folder


def by_province(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    events = [json.loads(line) for line in lines]
    received = {
        event["subject"]: event["data"]["agency"]
        for event in events
        if event["type"] == "dossier.received.v1"
    }
    part = {code: sum(agency.encode()) % 3 for code, agency in received.items()}
    for number, name in enumerate(("north", "centre", "south")):
        own = [e for e in events if part.get(e["subject"], 0) == number]
        yield name, [json.dumps(event) for event in own]


def answer(folder: Path, *words: str) -> Any:
    return json.loads(done(folder, *words, "--format", "json"))


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--by", "level,channel"),
        ("--by", "agency", "--attribution", "final"),
        ("--by", "field", "--slice", "channel=online"),
        ("--by", "agency", "--under", "H52", *REGISTRY),
        ("--by", "agency", "--roll-up", "now", "--attribution", "final", *REGISTRY),
        ("--window", "2024"),
    ],
    ids=" ".join,
)
def test_a_national_statement_has_the_digest_of_one_log(
    folder: Path, asked: tuple[str, ...]
) -> None:
    sources = [word for ledger in LEDGERS for word in ("--source", ledger)]
    assert answer(folder, "statement", *sources, *QUARTER, *asked) == answer(
        folder, "statement", *WHOLE, *QUARTER, *asked
    )


def test_what_a_shell_makes_of_a_pattern_names_each_of_them(folder: Path) -> None:
    words = ("--source", *LEDGERS, *QUARTER)
    assert answer(folder, "statement", *words) == answer(folder, "statement", *WHOLE, *QUARTER)


@pytest.mark.parametrize("form", ["ii06a", "form07a", "form07b", "form07c"])
def test_forms_have_the_figures_of_one_log(folder: Path, form: str) -> None:
    asked = (form, *QUARTER, *REGISTRY)
    ledgers = [f"as_of_{ledger}" for ledger in LEDGERS]
    ours = done(folder, "report", "--source", *ledgers, *asked, "--format", "json")
    theirs = done(folder, "report", *WHOLE, "--as-of", AS_OF, *asked, "--format", "json")
    assert without_calls(ours) == without_calls(theirs)


def without_calls(report: str) -> str:
    return re.sub(r'"behind": "[^"\n]*(\\"[^"\n]*)*"', "", report)


def test_a_ledger_has_no_code_and_no_hash_of_one(folder: Path) -> None:
    codes = set(re.findall(r'"subject": "([^"]+)"', (folder / "north.jsonl").read_text()))
    body = (folder / "north.ledger").read_bytes()
    assert len(codes) > 50
    assert not any(code.encode() in body for code in codes)
    assert len(body) < 30_000


SAME = "--source north.ledger --source copy.ledger"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (f"statement {SAME}", "north.ledger and copy.ledger both have dossiers that H52"),
        ("statement --source north.ledger --law nd61-2018", "judged by another law"),
        ("statement --source north.ledger --as-of 2025-08-01", "what was known of all events"),
        ("statement --source north.ledger --source as_of_centre.ledger", "the one tells"),
        ("statement --source north.ledger --source centre.jsonl", "add up with each other only"),
        ("statement --source cut.ledger", "its bytes have changed"),
        ("statement --source changed.ledger", "its bytes have changed"),
        ("statement --source none.ledger", "No such file"),
        ("statement --source few.ledger --by field", "is not sliced by field"),
        ("statement --source few.ledger --window 2025-Q1", "tells of days from 2025-06-15 on"),
        (
            "dossiers --source centre.ledger --account received",
            "ask with --source centre.db (centre",
        ),
        ("explain D1 --source north.ledger", "ask with --source north.jsonl (north.ledger)"),
        ("report quarterly --source north.ledger", "needs quality facts or dossiers"),
        ("serve --source north.ledger", "exported ledgers have none"),
        ("ledger export --source north.ledger --out x.ledger", "is an exported ledger already"),
        ("ledger export --source north.jsonl --out x.json", "ends with .ledger"),
    ],
)
def test_what_exported_ledgers_cannot_tell_is_refused_in_one_line(
    folder: Path, call: str, said: str
) -> None:
    body = (folder / "north.ledger").read_bytes()
    (folder / "copy.ledger").write_bytes(body)
    (folder / "cut.ledger").write_bytes(body[:-100])
    (folder / "changed.ledger").write_bytes(body.replace(b"H52", b"H53", 1))
    few = ("--by", "agency", "--since", "2025-06-15", "--out", "few.ledger")
    done(folder, "ledger", "export", "--source", "north.jsonl", *few)
    words = call.split()
    if words[0] in ("statement", "report", "dossiers") and "--window" not in words:
        words += QUARTER
    outcome = hoso(folder, *words)
    assert (outcome.status, outcome.out) == (2, "")
    [line] = outcome.err.splitlines()
    assert said in line


def test_the_dossiers_of_a_slice_are_with_the_ledgers_that_have_it(folder: Path) -> None:
    agency = answer(folder, "statement", "--source", "south.ledger", *QUARTER, "--by", "agency")
    code = max(agency["lines"], key=lambda line: line["received"])["slice"]["agency"]
    words = ("--account", "received", "--slice", f"agency={code}", *QUARTER)
    outcome = hoso(folder, "dossiers", "--source", *LEDGERS, *words)
    assert "south (south.ledger)" in outcome.err


def test_who_signed_a_ledger_is_told_with_the_log_that_it_is_of(
    folder: Path, tmp_path: Path
) -> None:
    for name in ("son_la", "lai_chau"):
        done(tmp_path, "key", "--out", name)
    centre = f"sqlite:///{folder / 'centre.db'}"
    done(tmp_path, "ledger", "export", "--source", centre, "--key", "son_la", "--out", "a.ledger")
    verified = done(tmp_path, "ledger", "verify", "a.ledger", "--key", "son_la.pub")
    assert re.search(r"centre\.db, .* of a log of [\d,]+ events: signed by son_la \(", verified)
    (tmp_path / "revoked").write_text((tmp_path / "son_la.pub").read_text())
    (tmp_path / "north.ledger").write_bytes((folder / "north.ledger").read_bytes())
    forge(tmp_path / "a.ledger", folder / "north.ledger", tmp_path / "forged.ledger")
    for status, words, said in (
        (2, ("a.ledger", "--key", "lai_chau.pub"), "of son_la, which is not known"),
        (1, ("a.ledger", "--key", "son_la.pub", "--revoked", "revoked"), "was revoked"),
        (2, ("north.ledger", "--key", "son_la.pub"), "is not signed"),
        (1, ("forged.ledger", "--key", "son_la.pub"), "is of another ledger"),
    ):
        outcome = hoso(tmp_path, "ledger", "verify", *words)
        assert (outcome.status, said in outcome.err) == (status, True), outcome.err


def forge(signed: Path, other: Path, target: Path) -> None:
    """Put the note of a signed ledger behind another ledger."""
    note = file.read_signed(signed).note
    file.write(target, file.read(other), lambda digest: note)
