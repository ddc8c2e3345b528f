"""Whoever is killed while releasing has released all or nothing, at whatever point that is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest

from hoso.domain.errors import UserError
from hoso.projections.releases.folder import read_release
from hoso.tools.jobs.release import release_log
from tests.command import done, environment
from tests.releasing import HOLDS, NOW, ReleasingOffice, content, outcome

ROOT: Final = Path(__file__).parents[2]
DEATHS: Final = int(os.environ.get("HOSO_RELEASE_DEATHS", "10"))  # of each kind of store
LONGEST_MS: Final = 600


class Releasing:
    """A process that kills its copies while they release."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, name: str, unit: str, number: int) -> tuple[int, int]:
        """Release; how many calls it made, and its exit status."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name} {unit} {number}\n")
        self._process.stdin.flush()
        calls, exit_status = map(int, self._process.stdout.readline().split())
        return calls, exit_status


@contextmanager
def releasing(office: ReleasingOffice) -> Iterator[Releasing]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.release_kills", str(office.folder), office.store],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Releasing(process)
        assert process.stdin is not None
        process.stdin.close()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ReleasingOffice:
    return ReleasingOffice(tmp_path_factory.mktemp("office"), dossiers=20)


def look(office: ReleasingOffice, name: str, before: int) -> bool:
    """Look at what a killed release left: whether it is whole; it must be, or be none."""
    entered = len(release_log(office.source().proofs()).entries) - before
    assert entered in (0, 1)
    folder = office.folder / name
    if entered:
        assert outcome(office.verify(name)) == HOLDS
        assert read_release(folder).number == before + 1
    else:
        assert not folder.exists()
        with pytest.raises(UserError, match="holds no release"):
            office.verify(name)
    return bool(entered)


def test_killed_at_any_call(office: ReleasingOffice) -> None:
    with releasing(office) as release:
        calls, exit_status = release("whole", "call", 0)
        assert exit_status == 0
        # Half of them over the whole of it, half of them where the last files are written.
        rng = Random(calls)
        spread = [calls * n // (DEATHS // 2) + 1 for n in range(DEATHS // 2)]
        last = [calls - n for n in range(DEATHS // 2)]
        whole = dict.fromkeys((True, False), 0)
        before = 2
        for point in sorted({*spread, *last} & {*range(1, calls + 1)}):
            name = rng.choice(("R", f"R{point}"))  # in a folder that was left, or in another one
            shutil.rmtree(office.folder / name, ignore_errors=True)
            _, exit_status = release(name, "call", point)
            assert exit_status == -9
            is_whole = look(office, name, before)
            whole[is_whole] += 1
            before += is_whole
    assert all(whole.values()), whole


def test_killed_at_any_time_on_postgres(
    office: ReleasingOffice, database: str, tmp_path: Path
) -> None:
    shutil.copytree(office.folder, tmp_path / "office", ignore=shutil.ignore_patterns("*R*", "w*"))
    other = ReleasingOffice.again(tmp_path / "office", database)
    done(other.folder, "ingest", "events.jsonl", "--recorded", "time", "--store", database)
    rng, before = Random(1), 1
    with releasing(other) as release:
        for number in range(DEATHS // 3):
            release(f"R{number}", "ms", rng.randrange(1, LONGEST_MS))
            before += look(other, f"R{number}", before)


def test_killed_between_its_entry_and_its_name(office: ReleasingOffice, tmp_path: Path) -> None:
    """The next one who releases into the folder, or verifies it, gives it its name."""
    shutil.copytree(office.folder, tmp_path / "office", ignore=shutil.ignore_patterns(".R*", "R*"))
    other = ReleasingOffice.again(tmp_path / "office")
    later = NOW + timedelta(days=1)
    other.release("R", "statement", now=later)
    (other.folder / "R").rename(other.folder / ".R.hoso-release")
    files = content(other.folder / ".R.hoso-release")
    with pytest.raises(UserError, match="only the folder's name was missing"):
        other.release("R", "statement", now=later)
    assert content(other.folder / "R") == files


def test_what_a_killed_release_left_is_removed_by_the_next(office: ReleasingOffice) -> None:
    left = office.folder / ".S.hoso-release"
    (left / "inputs").mkdir(parents=True)
    (left / "summary.html").write_text("half")
    office.release("S", "statement", now=NOW + timedelta(days=1))
    assert not left.exists()
    assert "summary.html" not in content(office.folder / "S")
    assert outcome(office.verify("S")) == HOLDS
