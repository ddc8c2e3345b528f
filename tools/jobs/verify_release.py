"""Proves a release again: its folder by itself, then from the log that it was made from.

From the log, the root up to the release is computed from the events, the release is looked up in
the log of releases, and its papers are made again, by the law and the calendar of then.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.documents.model import Bilingual
from hoso.projections.ledger.statement import instant_text
from hoso.projections.merkle.checkpoint import log_origin
from hoso.projections.merkle.hashing import root
from hoso.projections.merkle.leaf import hashes_of
from hoso.projections.merkle.shelf import ProofShelf
from hoso.projections.releases import receipt
from hoso.projections.releases.behind import behind, written
from hoso.projections.releases.folder import cells_of, read_release, sha256_of
from hoso.projections.releases.log_of_releases import ReleaseLog, superseding
from hoso.projections.releases.release import (
    BEHIND,
    RELEASE_FILE,
    Release,
    then_office,
)
from hoso.projections.releases.verification import (
    LOG,
    RELEASES,
    Finding,
    Trust,
    broken,
    holds,
    note,
    offline,
    unchecked,
)
from hoso.tools.jobs.release import release_log
from hoso.tools.jobs.release_papers import Asked, behind_dimensions, make_papers
from hoso.tools.jobs.release_program import this_program
from hoso.tools.jobs.release_staging import finish
from hoso.tools.sources.cut import CutSource
from hoso.tools.sources.source import Source

PAPERS: Final = Bilingual("Các văn bản", "Papers")
CLOCK: Final = Bilingual("Đồng hồ", "Clock")
STAMP: Final = Bilingual("Dấu thời gian", "Time stamp")
SHOWN: Final = 5  # papers that differ
STATEMENTS: Final = "statements"


class Verified(NamedTuple):
    """A release, and what was found of it."""

    release: Release
    findings: list[Finding]


def verify(
    folder: Path, source: Source | None, trust: Trust, authority: str | None = None
) -> Verified:
    """Verify the release in a folder: by itself, and from a log, if one is given. ``authority`` is
    the file with the certificates of a time-stamp authority.

    Raises ``UserError`` where the folder holds no release.
    """
    shelf = None if source is None else source.proofs()
    if shelf is not None:
        finish(folder, shelf.releases())
    release = read_release(folder)
    body = (folder / RELEASE_FILE).read_bytes()
    found = offline(folder, release, body, trust)
    found += _time_stamp(folder, release, authority)
    if source is not None and shelf is not None:
        found += _from_log(folder, release, body, source, shelf)
    elif not trust.keys:
        found.append(
            unchecked(
                LOG,
                "chưa đối chiếu: cần --source hoặc --key",
                "nothing to hold the release against: name --source or --key",
            )
        )
    return Verified(release, found)


def _from_log(
    folder: Path, release: Release, body: bytes, source: Source, shelf: ProofShelf
) -> Iterator[Finding]:
    history = CutSource(source, release.log.events)
    of_events = _events(release, history, shelf)
    yield of_events
    if of_events.verdict != "holds":
        return
    if release.log.origin == log_origin(shelf.identity, shelf.zone):
        yield from _entry(release, body, release_log(shelf))
    yield from _made_again(folder, release, history, shelf)


def _events(release: Release, history: CutSource, shelf: ProofShelf) -> Finding:
    """Whether the log's first events are those of then."""
    there, expected = len(history.history()), release.log.events
    is_own = release.log.origin == log_origin(shelf.identity, shelf.zone)
    if is_own and there < expected:
        return broken(
            LOG,
            f"nhật ký ngắn hơn biên nhận: có {there} sự kiện, đã ký {expected}",
            f"the log is shorter than the receipt: it has {there} events, {expected} were signed",
        )
    if there == expected and _root(history, shelf) == release.log.root:
        return holds(
            LOG,
            f"{expected} sự kiện đầu đúng như đã ký",
            f"the first {expected} events are those that were signed",
        )
    if is_own:
        return broken(
            LOG,
            f"{expected} sự kiện đầu không còn như đã ký: hoso verify --source cho biết chỗ nào",
            f"the first {expected} events are not those that were signed: hoso verify --source "
            "says which",
        )
    return unchecked(
        LOG,
        f"biên nhận của nhật ký khác: {release.log.origin}, không phải {shelf.identity}",
        f"the receipt is of another log: {release.log.origin}, not {shelf.identity}",
    )


def _root(history: CutSource, shelf: ProofShelf) -> str:
    log = history.history()
    return root(hashes_of(log, range(1, len(log) + 1), shelf.code_hashes)).hex()


def _entry(release: Release, body: bytes, log: ReleaseLog) -> Iterator[Finding]:
    """Whether the log of releases has the release, and that log itself."""
    if (fault := log.fault()) is not None:
        yield Finding(RELEASES, "broken", fault)
    number = release.number
    if not log.entries and log.noted is None:
        yield note(
            RELEASES, "kho này chưa phát hành gì", "nothing was ever released from this store"
        )
        return
    if number > len(log.entries):
        there = len(log.entries)
        yield broken(
            RELEASES,
            f"không có mục số {number}: nhật ký phát hành chỉ có {there}",
            f"has no entry {number}: it has {there}, so a release was dropped",
        )
        return
    if log.entries[number - 1] != body:
        yield broken(
            RELEASES,
            f"mục số {number} là một bản khác",
            f"entry {number} is another release",
        )
        return
    yield holds(RELEASES, f"có mục số {number}", f"has it as entry {number}")
    releases = log.releases()
    yield from _clock(release, releases)
    if (by := superseding(releases).get(number)) is not None:
        why = releases[by - 1].because
        yield note(
            RELEASES, f"đã bị thay bởi số {by}: {why}", f"is superseded by release {by}: {why}"
        )


def _clock(release: Release, releases: list[Release]) -> Iterator[Finding]:
    if release.number == 1:
        return
    before = releases[release.number - 2]
    if release.released_at < before.released_at:
        own, other = map(instant_text, (release.released_at, before.released_at))
        yield broken(
            CLOCK,
            f"đồng hồ đã lùi: phát hành lúc {own}, bản trước đó lúc {other}",
            f"the clock went back: released at {own}, the release before at {other}",
        )


def _made_again(
    folder: Path, release: Release, history: CutSource, shelf: ProofShelf
) -> Iterator[Finding]:
    """Whether the papers come out again. By another program, their figures are compared."""
    office = then_office(release)
    with TemporaryDirectory() as again:
        try:
            made = make_papers(Asked.of(release), history, office, folder, Path(again))
        except UserError as error:
            yield unchecked(PAPERS, f"không làm lại được: {error}", f"cannot be made: {error}")
            return
        if release.program == this_program():
            differ = [
                name
                for name, expected in release.papers.items()
                if _sha256(Path(again) / name) != expected
            ]
            if made.statements != release.statements:
                differ.append(STATEMENTS)
            if _behind(release, history, shelf) != release.behind:
                differ.append(BEHIND)
            yield _compared(release, history, differ)
        else:
            yield _compared_figures(folder, Path(again), release)


def _compared(release: Release, history: CutSource, differ: list[str]) -> Finding:
    number = len(release.papers)
    if not differ:
        return holds(
            PAPERS,
            f"{number} tệp làm lại từ nhật ký giống từng byte",
            f"{number} files made again from the log are the same, byte by byte",
        )
    names = ", ".join(differ[:SHOWN])
    if history.erasures and not {STATEMENTS, BEHIND} & {*differ}:
        return note(
            PAPERS,
            f"làm lại thì khác, vì có mã đã bị xóa: {names}; số liệu vẫn như vậy",
            f"made again, they differ, as codes were erased: {names}; the figures are the same",
        )
    return broken(
        PAPERS,
        f"làm lại từ nhật ký thì khác: {names}",
        f"made again from the log, they differ: {names}",
    )


def _compared_figures(folder: Path, again: Path, release: Release) -> Finding:
    version = release.program.version
    names = [name for name in release.papers if name.endswith(".json")]
    differ = [name for name in names if not _same_figures(folder / name, again / name)]
    if not differ:
        return holds(
            PAPERS,
            f"chương trình khác (bản {version}) đã làm; số liệu làm lại vẫn như vậy",
            f"made by another program (version {version}); made again, the figures are the same",
        )
    listed = ", ".join(differ[:SHOWN])
    return note(
        PAPERS,
        f"chương trình khác (bản {version}) đã làm và tính khác: {listed}; hoso revisions giải "
        "thích",
        f"made by another program (version {version}), which counts otherwise: {listed}; hoso "
        "revisions explains",
    )


def _same_figures(one: Path, other: Path) -> bool:
    try:
        return cells_of(one) == cells_of(other)
    except UserError:
        return False


def _behind(release: Release, history: CutSource, shelf: ProofShelf) -> str:
    from hashlib import sha256

    ledger = history.ledger(then_office(release), release.as_of)
    by = behind_dimensions(Asked.of(release))
    table = behind(ledger, release.window, by, release.attribution, shelf.code_hashes)
    return sha256(written(table)).hexdigest()


def _sha256(file: Path) -> str | None:
    return sha256_of(file) if file.is_file() else None


def _time_stamp(folder: Path, release: Release, authority: str | None) -> Iterator[Finding]:
    """What a time stamp says, if there is one."""
    file = folder / receipt.TIMESTAMP
    if not file.exists():
        return
    from hoso.tools.inputs import timestamps

    try:
        stamp = timestamps.read_stamp(file)
        signed = (folder / receipt.RELEASE_NOTE).read_bytes()
        if not timestamps.is_over(stamp, signed):
            yield broken(STAMP, "là của văn bản khác", "is over other bytes")
            return
        fault = None if authority is None else timestamps.fault_of(stamp, signed, authority)
    except (UserError, OSError) as error:
        yield broken(STAMP, str(error), str(error))
        return
    at = instant_text(timestamps.stamped_at(stamp))
    if fault is not None:
        yield broken(STAMP, f"không đúng: {fault}", f"does not hold: {fault}")
    elif authority is None:
        yield note(
            STAMP,
            f"{at}; --timestamp-ca cho biết ai xác nhận",
            f"{at}; --timestamp-ca tells whose it is",
        )
    else:
        yield holds(STAMP, f"có trước {at}", f"was there at {at}")
