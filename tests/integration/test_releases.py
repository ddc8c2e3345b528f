"""Is a release what was signed: the same from the same, made again from the log, and is any change
of it told, with what and where?"""

import json
import shutil
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.projections.merkle.checkpoint import Checkpoint
from hoso.projections.merkle.note import Note
from hoso.projections.releases.behind import FIGURES, read_behind
from hoso.projections.releases.folder import read_release, released_cells
from hoso.projections.releases.receipt import (
    CHECKPOINT_NOTE,
    CONSISTENCY,
    INCLUSION,
    PUBLIC_KEY,
    RELEASE_NOTE,
)
from hoso.projections.releases.release import BEHIND
from hoso.projections.releases.verification import Trust
from hoso.tools.inputs import signing_keys
from hoso.tools.jobs import verify_release
from hoso.tools.jobs.release import release_log
from hoso.tools.jobs.verify_log import verify_log
from tests.command import done
from tests.releasing import HOLDS, NOW, ReleasingOffice, content, outcome, said, status

FOLDING: Final = "hoso/projections/reports/profiles/folding-lenient.yaml"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ReleasingOffice:
    """An office with release 1, a summary by the registry, in ``first``."""
    made = ReleasingOffice(tmp_path_factory.mktemp("office"))
    made.release("first", options={"registry": str(made.folder / "agencies.csv")})
    return made


@pytest.fixture
def copy(office: ReleasingOffice, tmp_path: Path) -> Path:
    """A copy of the first release, to be spoilt."""
    shutil.copytree(office.folder / "first", tmp_path / "first")
    return tmp_path / "first"


def copied(office: ReleasingOffice, to: Path) -> ReleasingOffice:
    """The same office elsewhere: another machine."""
    shutil.copytree(office.folder, to)
    return ReleasingOffice.again(to)


def test_a_release_holds_with_its_log_and_without(office: ReleasingOffice) -> None:
    verified = office.verify("first")
    assert outcome(verified) == outcome(office.verify("first", None)) == HOLDS
    says = [each.says.en for each in verified.findings]
    assert any("made again from the log are the same, byte by byte" in line for line in says)


def test_a_log_with_releases_holds(office: ReleasingOffice) -> None:
    found = verify_log(office.source(cache=False), office.trust)
    assert (found.faults, found.unchecked) == ([], [])


def test_the_same_release_has_the_same_bytes(office: ReleasingOffice, tmp_path: Path) -> None:
    one, other = (copied(office, tmp_path / name) for name in ("one", "other"))
    for each in (one, other):
        each.release("again", options={"registry": str(each.folder / "agencies.csv")})
    assert content(one.folder / "again") == content(other.folder / "again")


@pytest.mark.parametrize(
    "question",
    [
        {
            "report": "statement",
            "by": ("agency",),
            "slices": {"channel": ("online",)},
            "policy": Policy(law="portal-2026", supplement_limit=2),
        },
        {"report": "reconciliation"},
        {"report": "scorecard", "options": {"officials": True, "language": "en", "decimals": 1}},
    ],
    ids=lambda question: str(question["report"]),
)
def test_every_kind_of_release_is_made_again(
    office: ReleasingOffice, tmp_path: Path, question: dict[str, Any]
) -> None:
    elsewhere = copied(office, tmp_path / "office")
    made = elsewhere.release("R", **question)
    assert made.number == 2
    assert outcome(elsewhere.verify("R")) == HOLDS


def test_input_files_are_copied_and_read_from_their_copies(
    office: ReleasingOffice, tmp_path: Path
) -> None:
    elsewhere = copied(office, tmp_path / "office")
    given = {
        "registry": elsewhere.folder / "agencies.csv",
        "folding": elsewhere.folder / "own.yaml",
        "office": elsewhere.folder / "office.yaml",
        "procedures": elsewhere.folder / "procedures.csv",
    }
    shutil.copy(FOLDING, given["folding"])
    given["office"].write_text("body: UBND xã Chiềng An\n", encoding="utf-8")
    given["procedures"].write_text("procedure,online,payable\n1.0001,1,1\n")
    before = {name: file.read_bytes() for name, file in given.items()}
    elsewhere.release("R", "form", options={name: str(file) for name, file in given.items()})
    for file in given.values():
        file.unlink()
    release = read_release(elsewhere.folder / "R")
    for name, body in before.items():
        copy = getattr(release.options, name)
        assert copy.startswith("inputs/")
        assert (elsewhere.folder / "R" / copy).read_bytes() == body
    assert outcome(elsewhere.verify("R")) == HOLDS


def test_bodies_have_papers_of_their_own(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    registry = str(elsewhere.folder / "agencies.csv")
    elsewhere.release("R", "ii06a", options={"registry": registry, "each": "commune"})
    assert outcome(elsewhere.verify("R")) == HOLDS
    assert all(name.endswith("/ii06a") for name in released_cells(elsewhere.folder / "R"))


def test_events_that_come_later_change_nothing(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    for number in range(2):
        with sqlite3.connect(elsewhere.folder / "hoso.db") as database:
            database.execute("VACUUM")
        add_event(elsewhere, f"late {number}")
    assert outcome(elsewhere.verify("first")) == HOLDS


def add_event(office: ReleasingOffice, name: str) -> None:
    with (office.folder / "events.jsonl").open() as lines:
        event = json.loads(next(lines))
    (office.folder / "late.jsonl").write_text(json.dumps(event | {"id": name, "subject": name}))
    done(office.folder, "ingest", "late.jsonl")


def test_the_law_of_then_is_read_from_the_release(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    made = elsewhere.release("R", "statement", policy=Policy(law_as_of=date(2025, 1, 1)))
    assert made.law.as_of == date(2025, 1, 1)
    assert {each.first for each in made.law.provisions} == {None}
    assert read_release(elsewhere.folder / "first").law.as_of == NOW.date()


def test_behind_each_figure_stand_its_dossiers_without_their_codes(
    office: ReleasingOffice, tmp_path: Path
) -> None:
    elsewhere = copied(office, tmp_path / "office")
    elsewhere.release("R", "statement", by=("agency",))
    counted = (
        read_behind(elsewhere.folder / "R" / BEHIND)
        .group_by("figure")
        .aggregate([([], "count_all")])
    )
    behind = dict(zip(*(column.to_pylist() for column in counted.columns), strict=True))
    [cells] = released_cells(elsewhere.folder / "R").values()
    total = {place.column: number for place, number in cells.items() if place.row == "total"}
    assert behind == {name: total[name] for name in behind}
    assert all(total[name] == 0 for name in FIGURES if name not in behind)
    codes = {json.loads(line)["subject"] for line in (office.folder / "events.jsonl").open()}
    body = (elsewhere.folder / "R" / BEHIND).read_bytes()
    assert not any(code.encode() in body for code in codes)


def test_cells_are_read_from_the_papers(office: ReleasingOffice) -> None:
    cells = released_cells(office.folder / "first")
    assert cells.keys() == {"summary"}
    received = [value for place, value in cells["summary"].items() if place.column == "received"]
    assert any(isinstance(each, int) and each > 0 for each in received)


# What was changed in a release, and what is said of it.


OF_ANOTHER: Final = "release.json is not what receipt/release.note signs"
FORGED: Final = "the signature does not hold"
# The file, what of its bytes is changed into what, and what is said; None: it is removed.
TAMPERINGS: Final[dict[str, tuple[str, tuple[bytes, bytes] | None, str]]] = {
    "a page": ("summary.html", (b"<html", b"<html "), "summary.html: has been changed"),
    "a letter": ("summary.docx", (b"PK", b"PK "), "summary.docx: has been changed"),
    "no spreadsheet": ("summary.xlsx", None, "summary.xlsx: is missing"),
    "no registry": ("inputs/registry.csv", None, "inputs/registry.csv: is missing"),
    "dossiers behind": (BEHIND, (b"ARROW1", b"ARROW2"), f"{BEHIND}: has been changed"),
    "log events": ("release.json", (b'"events": ', b'"events": 1'), OF_ANOTHER),
    "window": ("release.json", (b'"to": "2026-09-14"', b'"to": "2026-09-15"'), OF_ANOTHER),
    "law": ("release.json", (b'"value": "restart"', b'"value": "extend"'), OF_ANOTHER),
    "zone": ("release.json", (b"Asia/Ho_Chi_Minh", b"Asia/Bangkok"), OF_ANOTHER),
    "checkpoint": (CHECKPOINT_NOTE, (b"Minh\n", b"Minh\n1"), FORGED),
    "releases": (RELEASE_NOTE, (b"\n1\n", b"\n2\n"), FORGED),
    "no note": (RELEASE_NOTE, None, f"{RELEASE_NOTE}: No such file"),
    "index": (INCLUSION, (b'"index": 0', b'"index": 1'), OF_ANOTHER),
    "inclusion": (INCLUSION, (b'"index"', b'"inDex"'), "inclusion.json: index"),
    "no consistency": (CONSISTENCY, None, f"{CONSISTENCY}: No such file"),
    "key": (PUBLIC_KEY, (b"+", b"-"), f"{PUBLIC_KEY}: is no"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_change_of_the_folder_is_told(office: ReleasingOffice, copy: Path, name: str) -> None:
    file, change, says = TAMPERINGS[name]
    body = (copy / file).read_bytes()
    if change is None:
        (copy / file).unlink()
    else:
        assert change[0] in body
        (copy / file).write_bytes(body.replace(*change, 1))
    verified = verify_release.verify(copy, None, office.trust)
    assert any(says in line for line in said(verified)), said(verified)
    assert status(verified) == 1


def test_a_figure_that_was_changed_with_its_digest_and_signed_anew_is_told_by_the_log(
    office: ReleasingOffice, copy: Path
) -> None:
    """Whoever has the key may sign another paper; the log of releases and the events remember."""
    paper = copy / "summary.json"
    body = paper.read_bytes()
    paper.write_bytes(body.replace(b'"value": 0', b'"value": 9', 1))
    resign(office, copy)
    offline = verify_release.verify(copy, None, office.trust)
    assert status(offline) == 0
    verified = verify_release.verify(copy, office.source(), office.trust)
    assert any("entry 1 is another release" in line for line in said(verified))
    assert any(
        "made again from the log, they differ: summary.json" in line for line in said(verified)
    )


def resign(office: ReleasingOffice, folder: Path) -> None:
    """Make a folder's receipt fit its papers again, with the office's own key."""
    from hoso.projections.releases import receipt
    from hoso.projections.releases.folder import sha256_of

    release = read_release(folder)
    papers = {name: sha256_of(folder / name) for name in release.papers}
    body = release.model_copy(update={"papers": papers}).as_bytes()
    (folder / "release.json").write_bytes(body)
    noted = Checkpoint.parse(Note.parse((folder / receipt.RELEASE_NOTE).read_text()).text)
    root = receipt.releases_root([body])
    (folder / receipt.RELEASE_NOTE).write_text(office.key.signed(noted._replace(root=root).text()))


def test_a_key_that_is_not_known_cannot_be_checked(office: ReleasingOffice, tmp_path: Path) -> None:
    other = signing_keys.make(tmp_path / "other.pem", "other")
    verified = office.verify("first", None, Trust((other,)))
    assert any("signed with an unknown key" in line for line in said(verified))
    assert status(verified) == 2


def test_a_revoked_key_is_believed_no_more(office: ReleasingOffice) -> None:
    key = office.key.public
    verified = office.verify("first", None, Trust((key,), frozenset({key.id})))
    assert any(f"signed with the revoked key {key.id}" in line for line in said(verified))
    assert status(verified) == 1


def test_without_a_key_and_without_a_log_nothing_can_be_said(office: ReleasingOffice) -> None:
    assert status(office.verify("first", None, Trust())) == 2
    assert status(office.verify("first", "", Trust())) == 0


def test_a_receipt_of_another_log_cannot_be_checked(
    office: ReleasingOffice, tmp_path: Path
) -> None:
    other = ReleasingOffice(tmp_path, dossiers=20)
    verified = office.verify("first", other.store)
    assert any("the receipt is of another log" in line for line in said(verified))
    assert status(verified) == 2


def test_a_log_that_is_shorter_than_the_receipt_does_not_hold(
    office: ReleasingOffice, tmp_path: Path
) -> None:
    elsewhere = copied(office, tmp_path / "office")
    execute(elsewhere, "DELETE FROM stored_events WHERE rowid > 50", "DELETE FROM cache")
    verified = elsewhere.verify("first")
    assert any("the log is shorter than the receipt: it has 50" in line for line in said(verified))
    assert status(verified) == 1


def test_an_event_that_was_changed_is_told(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    mended = "CAST(replace(CAST(state AS TEXT), ':\"commune\"', ':\"province\"') AS BLOB)"
    change = f"UPDATE stored_events SET state = {mended}"
    execute(elsewhere, change, "DELETE FROM cache")
    verified = elsewhere.verify("first")
    assert any("are not those that were signed" in line for line in said(verified))
    assert status(verified) == 1


def test_a_release_that_was_dropped_shows(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    elsewhere.release("R", "statement")
    execute(elsewhere, "DELETE FROM releases WHERE number = 2")
    fault = release_log(elsewhere.source().proofs()).fault()
    assert fault is not None
    assert fault.en == "a release was dropped: 2 were signed, and 1 are there"
    assert any("other releases" in line for line in log_faults(elsewhere))
    verified = elsewhere.verify("R")
    assert any("has no entry 2" in line for line in said(verified))
    assert status(verified) == 1


def log_faults(office: ReleasingOffice) -> list[str]:
    return verify_log(office.source(cache=False), office.trust).faults


def execute(office: ReleasingOffice, *statements: str) -> None:
    with sqlite3.connect(office.folder / "hoso.db") as database:
        for statement in statements:
            database.execute(statement)


def test_nothing_is_released_while_the_clock_is_behind(office: ReleasingOffice) -> None:
    with pytest.raises(UserError, match="the clock went back"):
        office.release("earlier", now=NOW - timedelta(hours=1))
    assert not (office.folder / "earlier").exists()


def test_a_clock_that_went_back_is_told(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    elsewhere.release("R", "statement", now=NOW + timedelta(hours=1))
    later = read_release(elsewhere.folder / "first").model_copy(
        update={"released_at": NOW + timedelta(hours=2)}
    )
    with sqlite3.connect(elsewhere.folder / "hoso.db") as database:
        database.execute("UPDATE releases SET entry = ? WHERE number = 1", (later.as_bytes(),))
    assert any("the clock went back" in line for line in said(elsewhere.verify("R")))


def test_a_correction_names_what_it_replaces(office: ReleasingOffice, tmp_path: Path) -> None:
    elsewhere = copied(office, tmp_path / "office")
    made = elsewhere.release("R", corrects=(1, "một hồ sơ vào muộn"))
    assert (made.supersedes, made.because) == (1, "một hồ sơ vào muộn")
    verified = elsewhere.verify("first")
    says = [each.says.en for each in verified.findings]
    assert "is superseded by release 2: một hồ sơ vào muộn" in says
    assert outcome(verified) == HOLDS
    for number, fault in ((1, "is superseded by release 2"), (7, "there is no release 7")):
        with pytest.raises(UserError, match=fault):
            elsewhere.release("S", corrects=(number, "x"))
    with pytest.raises(UserError, match="a correction is of the same"):
        elsewhere.release("S", "annual", corrects=(2, "x"))


@pytest.mark.parametrize("option", ["registry", "inputs", "procedures", "office", "folding"])
def test_an_input_file_that_is_missing_is_named_as_it_was_given(
    office: ReleasingOffice, option: str
) -> None:
    with pytest.raises(UserError, match=r"^--\w+: /nowhere/x.yaml|^/nowhere/x.yaml"):
        office.release("none", options={option: "/nowhere/x.yaml"})
    assert [*office.folder.glob("*none*")] == []


def test_a_folder_that_is_there_is_not_written_to(office: ReleasingOffice) -> None:
    before = content(office.folder / "first")
    with pytest.raises(UserError, match="is there already"):
        office.release("first")
    assert content(office.folder / "first") == before


def test_a_file_is_no_log(office: ReleasingOffice) -> None:
    events = office.source(str(office.folder / "events.jsonl"))
    with pytest.raises(UserError, match="is no log that can be proved"):
        office.release("none", source=events)
