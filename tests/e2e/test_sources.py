"""A history is the same from a file, a compressed file, a store, an archive, or several of them."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import zstandard

from hoso.domain.accounts import ACCOUNTS
from tests.command import SPAN, Outcome, done, hoso
from tests.told import received

WINDOW = ("--window", "2023-Q1")
BY = ("--by", "level,channel", "--format", "json")
HALVES = ("one.jsonl", "other.jsonl")
OTHERS = ("other.jsonl", "sqlite:///other.db", "other")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history in one file, and the halves of its dossiers in files, a store and an archive."""
    folder = tmp_path_factory.mktemp("sources")
    done(
        folder,
        "simulate",
        *SPAN,
        "--dossiers",
        "400",
        "--seed",
        "5",
        "--facts",
        "--out",
        "whole.jsonl",
    )
    lines = (folder / "whole.jsonl").read_text().splitlines(keepends=True)
    for n, name in enumerate(HALVES):
        half = [line for line in lines if sum(json.loads(line)["subject"].encode()) % 2 == n]
        (folder / name).write_text("".join(half))
    done(folder, "ingest", "other.jsonl", "--recorded", "time", "--store", "sqlite:///other.db")
    done(folder, "archive", "--source", "other.jsonl", "--out", "other")
    whole = (folder / "whole.jsonl").read_bytes()
    (folder / "whole.jsonl.gz").write_bytes(gzip.compress(whole))
    (folder / "whole.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(whole))
    return folder


def statement(folder: Path, *sources: str, **options: Any) -> Any:
    named = [word for source in sources for word in ("--source", source)]
    return json.loads(done(folder, "statement", *named, *WINDOW, *BY, **options))


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_is_read_like_the_file(folder: Path, ending: str) -> None:
    expected = statement(folder, "whole.jsonl")
    assert statement(folder, f"whole.jsonl{ending}") == expected
    packed = (folder / f"whole.jsonl{ending}").read_bytes()
    assert statement(folder, "-", stdin=packed) == expected


def test_several_compressed_parts_in_one_file_are_all_read(folder: Path, tmp_path: Path) -> None:
    parts = [(folder / name).read_bytes() for name in HALVES]
    (tmp_path / "both.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    assert statement(tmp_path, "both.gz")["total"] == statement(folder, "whole.jsonl")["total"]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_that_is_cut_short_is_refused(
    folder: Path, tmp_path: Path, ending: str
) -> None:
    packed = (folder / f"whole.jsonl{ending}").read_bytes()
    (tmp_path / f"cut{ending}").write_bytes(packed[:-20])
    outcome = hoso(tmp_path, "statement", "--source", f"cut{ending}", *WINDOW)
    assert_refused(outcome, f"cut{ending}: is damaged: ")


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_is_ingested(folder: Path, tmp_path: Path, ending: str) -> None:
    shutil.copy(folder / f"whole.jsonl{ending}", tmp_path)
    done(tmp_path, "ingest", f"whole.jsonl{ending}")
    assert statement(tmp_path, "sqlite:///hoso.db") == statement(folder, "whole.jsonl")


@pytest.mark.parametrize("other", OTHERS)
def test_the_ledgers_of_several_sources_add_up(folder: Path, other: str) -> None:
    assert statement(folder, "one.jsonl", other) == statement(folder, "whole.jsonl")


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("account", ["resolved", "paid.online", "suspense"])
def test_the_dossiers_of_several_sources_are_listed_together(
    folder: Path, other: str, account: str
) -> None:
    asked = (*WINDOW, "--account", account, "--format", "json")
    both = done(folder, "dossiers", "--source", "one.jsonl", "--source", other, *asked)
    assert json.loads(both) == json.loads(
        done(folder, "dossiers", "--source", "whole.jsonl", *asked)
    )


@pytest.mark.parametrize("other", OTHERS)
def test_a_report_of_several_sources_has_the_figures_of_the_whole(folder: Path, other: str) -> None:
    def values(*sources: str) -> list[Any]:
        named = [word for source in sources for word in ("--source", source)]
        document = json.loads(done(folder, "report", "annual", *named, *WINDOW, "--format", "json"))
        rows = [row for part in document["parts"] for row in part.get("rows", [])]
        return [[cell["value"] for cell in row["cells"].values()] for row in rows]

    assert values("one.jsonl", other) == values("whole.jsonl")


def test_a_call_behind_a_figure_names_all_sources(folder: Path) -> None:
    sources = ("--source", "one.jsonl", "--source", "other.jsonl")
    report = done(folder, "report", "ii06a", *sources, *WINDOW, "--format", "json")
    assert "hoso dossiers --source one.jsonl --source other.jsonl" in report


@pytest.mark.parametrize("other", OTHERS)
def test_the_register_of_several_sources_has_all_dossiers(
    folder: Path, tmp_path: Path, other: str
) -> None:
    def dossiers(*sources: str) -> list[str]:
        named = [word for source in sources for word in ("--source", source)]
        out = str(tmp_path / "register.csv")
        done(folder, "register", *named, "--as-of", "2023-03-14T17:00:00+07:00", "--out", out)
        return sorted(Path(out).read_text("utf-8-sig").splitlines())

    assert dossiers("one.jsonl", other) == dossiers("whole.jsonl")


def test_one_dossier_is_explained_from_the_source_that_has_it(folder: Path) -> None:
    for half in HALVES:
        code = json.loads((folder / half).read_text().splitlines()[0])["subject"]
        alone = done(folder, "explain", code, "--source", half)
        both = done(folder, "explain", code, "--source", HALVES[0], "--source", HALVES[1])
        assert both == alone


@pytest.mark.parametrize("other", ["whole.jsonl", *OTHERS])
def test_a_dossier_that_two_sources_have_is_named_and_refused(folder: Path, other: str) -> None:
    asked = ("--source", "whole.jsonl", "--source", other, *WINDOW)
    assert_refused(hoso(folder, "statement", *asked), " both have the dossier ")


def test_sources_of_the_portals_two_offices_are_both_used(tmp_path: Path) -> None:
    """Once, only the last of two --source was used, with exit status 0."""
    for name, code in (("a", "D1"), ("b", "D2")):
        event = {
            "specversion": "1.0",
            "id": f"e-{code}",
            "source": f"/{name}",
            "subject": code,
            "type": "dossier.received.v1",
            "time": "2023-01-05T08:00:00+07:00",
            "data": {
                "agency": name,
                "field": "f",
                "procedure": "p",
                "channel": "online",
                "allowance": {"value": 90, "unit": "working_days"},
            },
        }
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(event) + "\n")
    assert statement(tmp_path, "a.jsonl", "b.jsonl")["total"]["received"] == 2


def assert_refused(outcome: Outcome, fault: str) -> None:
    assert outcome.status == 2
    assert fault in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_the_merged_ledger_keeps_every_balance(folder: Path) -> None:
    lines = statement(folder, "one.jsonl", "other")["lines"]
    groups = {name.partition(".")[0] for name in ACCOUNTS}
    for line in lines:
        closing = sum(line[group]["total"] for group in groups)
        assert line["total"] == closing


EARLY = ("--window", "2023-Q1", "--as-of", "2023-03-14T17:00:00+07:00")


def test_what_is_ingested_counts_from_when_it_arrives(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(received("2023-03-01", 5)))
    assert done(tmp_path, "ingest", "e.jsonl") == "hoso.db: 1 events recorded\n"
    early = done(tmp_path, "statement", *EARLY, "--format", "json")
    assert json.loads(early)["total"]["received"] == 0


def test_a_history_from_before_is_loaded_as_if_recorded_when_it_occurred(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(received("2023-03-01", 5)))
    said, recorded = done(tmp_path, "ingest", "e.jsonl", "--recorded", "time").splitlines()
    assert "recorded when they occurred" in said
    assert recorded == "hoso.db: 1 events recorded"
    early = done(tmp_path, "statement", *EARLY, "--format", "json")
    assert json.loads(early)["total"]["received"] == 1
