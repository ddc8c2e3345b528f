"""Is a command that is killed as if it had never run, or had run to its end?

Of one office, ``ingest``, ``archive``, ``statement`` and ``report`` run one by one, each killed
at a point of its writing or at any time. After each death the store holds whole files, the archive
is an archive, and the papers are whole. At the end all figures are those of the files. Some events
of the files are in conflict: an ``ingest`` that comes to its end tells those that are new, and ends
with status 1.
"""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Final

import pytest

from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import open_store
from hoso.projections.archive.manifest import MANIFEST, read_manifest
from tests.command import done
from tests.torment import nursery as points
from tests.torment.nursery import Strike
from tests.torment.running import Nursery
from tests.torment.sending import conflicts, identities, kept
from tests.torment.stream import stream
from tests.torment.tally import told
from tests.torment.test_torment import FIRST, IN_CONFLICT, digest_of_file

DEATHS = int(os.environ.get("HOSO_TORMENT_COMMAND_DEATHS", "20"))
DOSSIERS: Final = 1_500
FILES: Final = 10
ANY_TIME: Final = "at any time"
LONGEST_S: Final = 0.6  # of a life until it is killed at any time
WINDOW: Final = ("--window", "2023-Q1")
FILE_POINTS: Final = (points.BEFORE_NAME, points.AFTER_NAME, ANY_TIME)
STORE_POINTS: Final = (*points.POINTS[:-1], ANY_TIME)
POINTS: Final = {
    "ingest": STORE_POINTS,
    "archive": (
        *(points.AFTER_FILE, points.BEFORE_MANIFEST, points.AFTER_MANIFEST),
        *FILE_POINTS,
    ),
    "statement": FILE_POINTS,
    "report": FILE_POINTS,
}
COMMANDS: Final = ("ingest",) * 4 + ("archive",) * 4 + ("statement", "report")


class Office:
    """A store, its archive and its papers, and the files of events that go in one by one."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = Random(f"commands {seed}")
        self.tally: Counter[str] = Counter()
        self.store = f"sqlite:///{folder / 'hoso.db'}"
        self.sent = stream(DOSSIERS, seed).events()
        self.recorded = 0  # events of whole files
        size = -(-len(self.sent) // FILES)
        self._files = [self.sent[start : start + size] for start in range(0, len(self.sent), size)]
        self._next = 0

    def _call(self, command: str) -> list[str]:
        source = self.rng.choice((self.store, "archive"))
        if command == "archive" or not (self.folder / "archive" / MANIFEST).exists():
            source = self.store
        rest = {
            "ingest": ["next.jsonl", "--store", self.store],
            "archive": ["--source", source, "--out", "archive"],
            "statement": [*WINDOW, "--source", source, "--out", "statement.json"],
            "report": ["quarterly", *WINDOW, "--source", source, "--out", "report.html"],
        }
        return [command, *rest[command]]

    def _strike(self, command: str) -> Strike:
        point = self.rng.choice(POINTS[command])
        delay = self.rng.random() * 0.003 if self.rng.random() < 0.3 else 0.0
        return Strike(signal.SIGKILL, point, self.rng.choice((1, 1, 1, 2)), delay)

    def live(self, nursery: Nursery) -> None:
        """Have one command run, and be killed or come to its end; then look at what it left."""
        command = self.rng.choice(COMMANDS) if self.recorded else "ingest"
        if command == "archive" and self._archived() == self.recorded:
            command = "ingest"
        if command == "ingest":
            lines = map(json.dumps, self._files[self._next % len(self._files)])
            (self.folder / "next.jsonl").write_text("\n".join(lines), encoding="utf-8")
        strike = self._strike(command)
        at_any_time = strike.point == ANY_TIME
        life = nursery.command(self.folder, self._call(command), None if at_any_time else strike)
        if at_any_time:
            time.sleep(self.rng.random() * LONGEST_S)
            life.kill()
        status = life.wait()
        killed = status == -signal.SIGKILL
        if not killed:
            found = self._new_conflicts() if command == "ingest" else 0
            assert status == (1 if found else 0), life.output()
            assert not found or f"\n{found:,} {IN_CONFLICT}" in life.output()
        self.tally[f"{command} killed" if killed else f"{command} done"] += 1
        if killed:
            self.tally[strike.point] += 1
        self._look(command, killed=killed)

    def _new_conflicts(self) -> int:
        """How many events of the next file are in conflict, with each other or with the store."""
        until = self.recorded + len(self._files[self._next])
        return conflicts(self.sent[:until]) - conflicts(self.sent[: self.recorded])

    def _look(self, command: str, *, killed: bool) -> None:
        if command == "ingest":
            self._see_whole_files(killed=killed)
        assert self._archived() <= self.recorded
        for name in ("statement.json", "report.html"):
            if (paper := self.folder / name).exists():
                text = paper.read_text(encoding="utf-8")
                assert text.endswith(("</html>", "}\n")), name

    def _archived(self) -> int:
        folder = self.folder / "archive"
        return read_manifest(folder).position if (folder / MANIFEST).exists() else 0

    def _see_whole_files(self, *, killed: bool) -> None:
        """A file that went in is not given again: all of its events are in the store."""
        size = len(self._files[self._next])
        try:
            with open_store(self.store) as store:
                now = store.last_position()
        except StoreError:  # killed before there was a store
            now = 0
        assert now in (self.recorded, self.recorded + size)
        assert killed or now > self.recorded
        if now > self.recorded:
            self.recorded, self._next = now, self._next + 1


@pytest.mark.parametrize("seed", [FIRST])
def test_a_killed_command_has_done_all_or_nothing(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tally: Counter[str] = Counter()
    number = 0
    with Nursery(tmp_path) as nursery:
        while sum(n for what, n in tally.items() if what.endswith("killed")) < DEATHS:
            folder = tmp_path / f"office-{number}"
            folder.mkdir()
            tally += tormented(nursery, folder, seed + number)
            number += 1
    facts = ", ".join(f"{what} {times}" for what, times in sorted(tally.items()))
    told(f"torment of commands, seed {seed}, {number} offices: {facts}", capsys)


def tormented(nursery: Nursery, folder: Path, seed: int) -> Counter[str]:
    """Torment an office until all of its files are in; then compare it with the files."""
    office = Office(folder, seed)
    while office.recorded < len(office.sent):
        office.live(nursery)
    assert kept(office.store).events == identities(office.sent)
    lines = map(json.dumps, office.sent)
    (folder / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done(folder, "archive", "--source", office.store, "--out", "archive")
    done(folder, "archive", "--source", office.store, "--out", "archive", "--verify")
    digests = {digest_of_file(folder, "all.jsonl", *WINDOW)}
    for source in (office.store, "archive"):
        told_of = done(folder, "statement", *WINDOW, "--format", "json", "--source", source)
        digests.add(json.loads(told_of)["digest"])
    assert len(digests) == 1
    left = [path.name for path in (folder / "archive").rglob("*") if "partial" in path.name]
    assert left == []
    return office.tally
