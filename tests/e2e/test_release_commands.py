"""``hoso release``, ``releases`` and ``verify DIR``, as people run them."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.command import answered, done

WINDOW: Final = ("--window", "2026-Q3")
KEY: Final = ("--key", "key.pem")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a release and its correction."""
    folder = tmp_path_factory.mktemp("office")
    span = ("--from", "2026-01-01", "--to", "2026-11-20")
    done(folder, "simulate", "--dossiers", "30", *span, "--out", "events.jsonl")
    done(folder, "ingest", "events.jsonl", "--recorded", "time")
    done(folder, "key", "--out", "key.pem", "--name", "office")
    done(folder, "release", "ii06a", *WINDOW, "--out", "first", *KEY)
    corrects = ("--supersedes", "1", "--because", "hồ sơ vào muộn")
    done(folder, "release", "ii06a", *WINDOW, "--out", "second", *KEY, *corrects)
    return folder


def test_releases_are_listed_with_what_replaces_them(office: Path) -> None:
    outcome = answered(office, "releases", "--format", "json")
    listed = json.loads(outcome.out)
    assert outcome.status == 0
    assert [(each["number"], each["superseded_by"]) for each in listed] == [(1, 2), (2, None)]
    assert (listed[1]["supersedes"], listed[1]["because"]) == (1, "hồ sơ vào muộn")
    shown = answered(office, "releases", "--lang", "en").out
    assert "superseded by 2" in shown
    assert "fits its last signed note" in shown


def test_a_release_is_verified_with_the_public_key(office: Path) -> None:
    outcome = answered(office, "verify", "first", "--key", "key.pem.pub", "--format", "json")
    found = json.loads(outcome.out)
    assert (outcome.status, found["release"], found["status"]) == (0, 1, 0)
    assert {each["verdict"] for each in found["findings"]} == {"holds", "note"}


def test_a_figure_that_was_changed_ends_with_status_1(office: Path) -> None:
    paper = office / "second" / "ii06a.csv"
    paper.write_bytes(paper.read_bytes().replace(b"0", b"1", 1))
    outcome = answered(office, "verify", "second", "--key", "key.pem.pub", "--lang", "en")
    assert outcome.status == 1
    assert "ii06a.csv: has been changed" in outcome.out


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("ii06b", *WINDOW, *KEY), "REPORT: no report 'ii06b': use form, ii06a"),
        (("ii06a", *WINDOW), "--key: name the file of a signing key"),
        (("ii06a", *WINDOW, "--key", "events.jsonl"), "--key: events.jsonl: "),
        (("ii06a", *WINDOW, *KEY, "--by", "agency"), "--by: is for release statement"),
        (("statement", *WINDOW, *KEY, "--officials"), "--officials: is for reports"),
        (("ii06a", *WINDOW, *KEY, "--supersedes", "1"), "--supersedes: say why"),
        (("ii06a", *WINDOW, *KEY, "--supersedes", "1", "--because", " "), "--because: is empty"),
        (("ii06a", *WINDOW, *KEY, "--under", "H99"), "--under: needs --registry FILE"),
        (("ii06a", *WINDOW, *KEY, "--timestamp", "nowhere"), "--timestamp: nowhere: "),
    ],
)
def test_a_call_that_is_wrong_is_told_in_one_line(
    office: Path, call: tuple[str, ...], says: str
) -> None:
    outcome = answered(office, "release", *call, "--out", "none", "--lang", "en")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"hoso: {says}")
    assert outcome.err.count("\n") == 1
    assert not [*office.glob("*none*")]


def test_a_folder_that_is_no_release_is_told(office: Path) -> None:
    outcome = answered(office, "verify", "nowhere", "--lang", "en")
    assert outcome.status == 2
    assert outcome.err == "hoso: nowhere: holds no release; hoso release makes one\n"
