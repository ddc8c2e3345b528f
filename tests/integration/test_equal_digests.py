"""Does the same history give the same digest, wherever it is kept and whoever folds it?

A cluster is asked in ``test_spark``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.archive import writer
from hoso.projections.ledger.statement import statement_from
from hoso.tools.jobs import archive as archives
from hoso.tools.runtime import environment
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options, Source
from tests.command import SPAN, done
from tests.engine import LOCAL, compiling

BY = ("level", "channel")
POLICIES = (Policy(), Policy(supplement_limit=0, after_supplement="extend"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a history in two parts, and whole."""
    where = tmp_path_factory.mktemp("digests")
    done(where, "simulate", *SPAN, "--dossiers", "1500", "--seed", "7", "--out", "whole.jsonl")
    lines = (where / "whole.jsonl").read_bytes().splitlines(keepends=True)
    (where / "first.jsonl").write_bytes(b"".join(lines[:-200]))
    (where / "rest.jsonl").write_bytes(b"".join(lines[-200:]))
    return where


@pytest.fixture(scope="module")
def expected(folder: Path) -> list[str]:
    """The digests of the file."""
    return digests(str(folder / "whole.jsonl"))


def digests(source: str, *, cache: bool = True) -> list[str]:
    """The digest under each policy."""
    offices = [environment.office(policy) for policy in POLICIES]
    made = opened(source, cache=cache).balances(offices, None, BY)
    return [str(statement_from(sheets, named_window("2023"))["digest"]) for sheets in made]


def opened(source: str, *, cache: bool = True) -> Source:
    """A source by its name."""
    return open_source([source], Options(LOCAL, cache=cache))


@contextmanager
def one_core() -> Iterator[None]:
    """With a single one for all that is asked meanwhile."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_store_that_has_grown_has_the_digests_of_the_file(
    kind: str, folder: Path, expected: list[str], request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{folder / 'hoso.db'}"
    if kind == "postgres":
        url = str(request.getfixturevalue("database"))
    done(folder, "ingest", "first.jsonl", "--store", url)
    assert digests(url) != expected
    done(folder, "ingest", "rest.jsonl", "--store", url)
    assert digests(url) == expected  # brought up to date
    assert digests(url) == expected  # as it was kept
    with one_core():
        assert digests(url, cache=False) == expected


def test_an_archive_that_has_grown_has_the_digests_of_the_file(
    folder: Path, expected: list[str]
) -> None:
    archive = folder / "archive"
    with patch.object(writer, "BUCKET_ROWS", 300):
        archives.archive(opened(str(folder / "first.jsonl")), archive, LOCAL)
        assert digests(str(archive)) != expected
        archives.archive(opened(str(folder / "whole.jsonl")), archive, LOCAL)
    assert digests(str(archive)) == expected
    assert digests(str(archive)) == expected
    with one_core():
        assert digests(str(archive), cache=False) == expected
    with compiling():
        assert digests(str(archive), cache=False) == expected
        assert digests(str(folder / "whole.jsonl")) == expected
