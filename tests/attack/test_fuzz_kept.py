"""Bytes on the disk that changed: archives, and what is kept to be quicker.

A damaged archive is refused by the name of the file, or gives the same figures. Whatever is kept
is computed again. No command ever gives other figures.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from xxhash import xxh3_64_hexdigest

from hoso.projections.archive.manifest import MANIFEST
from hoso.projections.cache.seal import sealed
from tests.attack.changes import ODD, bytes_like, tree_like
from tests.attack.fuzzing import attacks, is_one_answer, tried
from tests.command import SPAN, answered, asked, hoso
from tests.offices import ARCHIVE, EVENTS, STORE

WINDOW: Final = ("--window", "2023-Q1")
JSON: Final = ("--format", "json")
JUNK: Final = st.sampled_from(ODD).map(sealed)  # sealed, and yet no entry
FORGED: Final = st.sampled_from(
    (b"{}", b"[]", b"[1, 2]", b"[[1], []]", b"[[], []]", b'[["x"], []]', b'[["2023-01-02"], null]')
).map(sealed)
QUESTIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("statement", *WINDOW, "--by", "agency", *JSON),
    ("statement", *WINDOW, "--as-of", "2023-02-20T12:00:00+07:00", "--no-cache", *JSON),
    ("report", "quarterly", *WINDOW, "--as-of", "2026-01-01T00:00:00Z", *JSON),
    ("dossiers", *WINDOW, "--account", "resolved.overdue", *JSON),
)


def figures(answer: str) -> Any:
    """What an answer says; of a report, its parts, without the moment at which it was made."""
    said = json.loads(answer)
    return said.get("parts", said) if isinstance(said, dict) else said


class Office:
    """A folder with a store and an archive, their answers, and a copy of its files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.copy = folder, folder.with_name("copy")
        asked(
            folder, "simulate", *SPAN, "--dossiers", "60", "--seed", "5", "--facts", "--out", EVENTS
        )
        half = (folder / EVENTS).read_bytes().splitlines(keepends=True)
        for part in (half[: len(half) // 2], half[len(half) // 2 :]):
            (folder / "part.jsonl").write_bytes(b"".join(part))
            asked(folder, "ingest", "part.jsonl")
            asked(folder, "archive", "--source", STORE, "--out", ARCHIVE)
        self.answers = {
            (source, question): figures(asked(folder, *question, "--source", source))
            for question in QUESTIONS
            for source in (STORE, ARCHIVE)
        }
        shutil.copytree(folder, self.copy)

    def restore(self, *names: str) -> None:
        """Put files back as they were."""
        for name in names:
            shutil.copy(self.copy / name, self.folder / name)

    def files_of_archive(self) -> list[str]:
        """The names of the archive's files that matter, the manifest first."""
        names = sorted(path.name for path in (self.copy / ARCHIVE).iterdir())
        kept = [name for name in names if name.endswith((".parquet", ".arrow"))]
        return [f"{ARCHIVE}/{name}" for name in (MANIFEST, *kept)]

    def holds(self, source: str, question: tuple[str, ...]) -> int:
        """Ask; returns the status. A question that is answered has the answer of before."""
        outcome = answered(self.folder, *question, "--source", source)
        assert is_one_answer(outcome)
        if outcome.status != 2:
            assert figures(outcome.out) == self.answers[source, question], question
        return outcome.status


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("kept") / "office"
    folder.mkdir()
    return Office(folder)


@attacks(30)
@given(st.data())
def test_fuzz_an_archive_with_changed_bytes_gives_the_same_figures_or_is_refused(
    office: Office, data: DataObject
) -> None:
    name = data.draw(st.sampled_from(office.files_of_archive()))
    question = data.draw(st.sampled_from(QUESTIONS))
    good = (office.copy / name).read_bytes()
    (office.folder / name).write_bytes(data.draw(bytes_like(good)))
    for cached in office.folder.glob(f"{ARCHIVE}/cache-*"):
        cached.unlink()
    try:
        outcome = answered(office.folder, *question, "--source", ARCHIVE)
        tried("archives: bytes", outcome)
        assert is_one_answer(outcome)
        if outcome.status == 2:
            assert f"{ARCHIVE}/" in outcome.err or f"{ARCHIVE}:" in outcome.err
        else:
            assert figures(outcome.out) == office.answers[ARCHIVE, question]
    finally:
        office.restore(name)


@attacks(20)
@given(st.data())
def test_fuzz_a_manifest_that_was_edited_is_refused(office: Office, data: DataObject) -> None:
    name = f"{ARCHIVE}/{MANIFEST}"
    good = json.loads((office.copy / name).read_bytes())
    edited = data.draw(tree_like(good))
    (office.folder / name).write_text(json.dumps(edited, indent=1), encoding="utf-8")
    try:
        outcome = answered(office.folder, *QUESTIONS[0], "--source", ARCHIVE)
        tried("archives: manifests", outcome)
        assert is_one_answer(outcome)
        assert outcome.status == 2 or figures(outcome.out) == office.answers[ARCHIVE, QUESTIONS[0]]
    finally:
        office.restore(name)


@pytest.mark.parametrize(
    "planted", ["../other.parquet", "/etc/passwd", "events-1-1.parquet/../../x", "archive.json"]
)
def test_a_sealed_manifest_cannot_name_files_elsewhere(office: Office, planted: str) -> None:
    """Once, extending such an archive removed another's file."""
    name = f"{ARCHIVE}/{MANIFEST}"
    manifest = json.loads((office.copy / name).read_bytes())
    seal = manifest.pop("seal")
    assert seal == xxh3_64_hexdigest(orjson.dumps(manifest))
    manifest["buckets"][0]["files"][0]["name"] = planted
    manifest["seal"] = xxh3_64_hexdigest(orjson.dumps(manifest))
    (office.folder / name).write_text(json.dumps(manifest), encoding="utf-8")
    victim = office.folder / "other.parquet"
    victim.write_bytes(b"theirs")
    try:
        for call in (
            (*QUESTIONS[0], "--source", ARCHIVE),
            ("archive", "--source", STORE, "--out", ARCHIVE),
            ("archive", "--source", STORE, "--out", ARCHIVE, "--verify"),
        ):
            outcome = answered(office.folder, *call)
            assert is_one_answer(outcome)
            assert outcome.status == 2
            assert MANIFEST in outcome.err
        assert victim.read_bytes() == b"theirs"
    finally:
        office.restore(name)


# --- What is kept --------------------------------------------------------------------------------


def is_healed(office: Office, source: str) -> bool:
    """Whether all questions have the answers of before."""
    return all(office.holds(source, question) != 2 for question in QUESTIONS)


@attacks(20)
@given(st.data())
def test_fuzz_what_a_store_keeps_is_made_again(office: Office, data: DataObject) -> None:
    for path in office.folder.glob("hoso.db*"):
        path.unlink()
    office.restore("hoso.db")
    with closing(sqlite3.connect(office.folder / "hoso.db", isolation_level=None)) as database:
        rows = database.execute("SELECT rowid, kind, body FROM cache ORDER BY rowid").fetchall()
        number, kind, body = data.draw(st.sampled_from(rows))
        changed = data.draw(bytes_like(body) | JUNK | st.sampled_from(("text", 1, 0.5)))
        database.execute("UPDATE cache SET body = ? WHERE rowid = ?", (changed, number))
    tried(f"kept in a store: {kind}")
    assert is_healed(office, STORE)


@attacks(20)
@given(st.data())
def test_fuzz_what_is_kept_beside_an_archive_is_made_again(
    office: Office, data: DataObject
) -> None:
    for path in sorted(office.copy.glob(f"{ARCHIVE}/cache-*")):
        changed = data.draw(bytes_like(path.read_bytes()) | JUNK)
        (office.folder / ARCHIVE / path.name).write_bytes(changed)
    tried("kept beside an archive")
    assert is_healed(office, ARCHIVE)


@attacks(12)
@given(st.data())
def test_fuzz_what_a_user_keeps_is_made_again(office: Office, data: DataObject) -> None:
    """Machine code and holidays, which a process reads when it starts."""
    home = office.folder.with_name("home")
    asked_there = partial(hoso, office.folder, *QUESTIONS[1], "--source", STORE)
    expected = office.answers[STORE, QUESTIONS[1]]
    shutil.rmtree(home, ignore_errors=True)
    assert figures(asked_there(XDG_CACHE_HOME=str(home)).out) == expected
    entry, *_ = (home / "hoso" / "entries").glob("holidays-*")
    good = entry.read_bytes()
    entry.write_bytes(data.draw(bytes_like(good) | JUNK | FORGED))
    tried("kept by a user")
    outcome = asked_there(XDG_CACHE_HOME=str(home))
    assert (outcome.status, figures(outcome.out)) == (0, expected)
    assert entry.read_bytes() == good
