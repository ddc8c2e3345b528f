"""Releases a report: makes its papers and its receipt, and enters it in the log of releases."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from hoso.domain.calendar import local_date
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import REGIMES
from hoso.projections.ledger.statement import instant_text
from hoso.projections.merkle.checkpoint import Checkpoint, log_origin, releases_origin
from hoso.projections.merkle.log_tree import Tree, grow
from hoso.projections.merkle.note import PublicKey
from hoso.projections.merkle.shelf import ProofShelf
from hoso.projections.releases import receipt
from hoso.projections.releases.behind import behind, written
from hoso.projections.releases.folder import sha256_of
from hoso.projections.releases.log_of_releases import ReleaseLog
from hoso.projections.releases.release import (
    BEHIND,
    RECEIPT,
    RELEASE_FILE,
    KeptCalendar,
    KeptLaw,
    LogPoint,
    Release,
)
from hoso.tools.jobs.checkpoints import last_checkpoint, refuse_another_past
from hoso.tools.jobs.release_inputs import INPUTS, copy_inputs, copy_law, named_as_given
from hoso.tools.jobs.release_papers import Asked, behind_dimensions, make_papers
from hoso.tools.jobs.release_program import this_program
from hoso.tools.jobs.release_staging import Staging, flush, staged
from hoso.tools.runtime import environment
from hoso.tools.runtime.calendar import calendar
from hoso.tools.sources.cut import CutSource
from hoso.tools.sources.source import Source


class Signer(Protocol):
    """Signs texts as notes."""

    @property
    def public(self) -> PublicKey:
        """Its public key."""

    def signed(self, text: str) -> str:
        """The signed note of a text."""


class Correction(NamedTuple):
    """Which release a corrected one replaces, by its number, and why."""

    supersedes: int
    because: str


class Signing(NamedTuple):
    """How a release is signed: by whom, when, what it corrects, and how a time stamp over a note is
    had, if one is wanted (as DER)."""

    signer: Signer
    now: datetime
    correction: Correction | None = None
    stamped: Callable[[bytes], bytes] | None = None


class _Made(NamedTuple):
    """A release but for its number and its receipt: they come last.

    ``unnumbered`` has a number that is good for nothing; ``tree`` is that of the log up to the
    release's position.
    """

    unnumbered: Release
    tree: Tree


def release(asked: Asked, policy: Policy, source: Source, signing: Signing, out: Path) -> Release:
    """Release a report into a folder. Input files in ``asked`` are named as they were given.

    Raises ``UserError``, and has released nothing then, where the folder is there already, the
    question or a file is wrong, the source is no log, and where the clock went back.
    """
    shelf, zone = source.proofs(), environment.zone()
    before = release_log(shelf).releases()
    _check_clock(before, signing.now)
    _check_correction(before, asked, signing.correction)
    law = KeptLaw.of(policy, local_date(signing.now, zone))
    office = Office(zone, calendar(law.as_of), law.policy(), local_date(asked.as_of, zone))
    with staged(out, shelf.releases()) as staging:
        if law.regime not in REGIMES:
            law = law.model_copy(update={"regime": copy_law(law.regime, staging.place)})
            office = office._replace(policy=law.policy())
        copies = copy_inputs(asked.options, staging.place)
        with named_as_given(asked.options, copies, staging.place):
            copied = asked._replace(options=copies)
            made = _made(copied, office, law, source, shelf, signing, staging.place)
        return _entered(made, shelf, signing, staging)


def release_log(shelf: ProofShelf) -> ReleaseLog:
    """The log of releases that is kept beside a log."""
    return ReleaseLog(shelf.releases(), last_checkpoint(shelf, releases_origin(shelf.identity)))


def _check_clock(before: Sequence[Release], now: datetime) -> None:
    if before and now < before[-1].released_at:
        then, last = instant_text(before[-1].released_at), before[-1].number
        raise UserError(
            f"the clock went back: it is {instant_text(now)}, and release {last} was made at "
            f"{then}: set the clock"
        )


def _check_correction(
    before: Sequence[Release], asked: Asked, correction: Correction | None
) -> None:
    if correction is None:
        return
    number = correction.supersedes
    if not 0 < number <= len(before):
        raise UserError(f"--supersedes: there is no release {number}: hoso releases lists them")
    for each in before:
        if each.supersedes == number:
            fault = f"release {number} is superseded by release {each.number}: name that one"
            raise UserError(f"--supersedes: {fault}")
    former = before[number - 1]
    if (former.report, former.window) != (asked.report, asked.window):
        days = f"{former.window.first} – {former.window.last}"
        fault = f"release {number} is of {former.report}, {days}: a correction is of the same"
        raise UserError(f"--supersedes: {fault}")


def _made(
    asked: Asked,
    office: Office,
    law: KeptLaw,
    source: Source,
    shelf: ProofShelf,
    signing: Signing,
    place: Path,
) -> _Made:
    """Make the papers in a folder, and what they are to be proved by."""
    history = CutSource(source)
    papers = make_papers(asked, history, office, place, place)
    written_papers = _digests(place)
    (place / RECEIPT).mkdir()
    body = _behind(asked, history, office, shelf)
    (place / BEHIND).write_bytes(body)
    tree = grow(shelf, history.tables, history.position)
    refuse_another_past(source.name, shelf, tree)
    point = LogPoint(
        origin=log_origin(shelf.identity, shelf.zone),
        position=history.position,
        events=tree.size,
        root=tree.root().hex(),
    )
    correction = signing.correction
    unnumbered = Release(
        number=1,
        reports=papers.reports,
        registry=papers.registry,
        zone=shelf.zone,
        law=law,
        calendar=KeptCalendar.of(office.calendar),
        program=this_program(),
        log=point,
        statements=papers.statements,
        papers={n: sha for n, sha in written_papers.items() if not n.startswith(f"{INPUTS}/")},
        inputs={n: sha for n, sha in written_papers.items() if n.startswith(f"{INPUTS}/")},
        behind=hashlib.sha256(body).hexdigest(),
        released_at=signing.now,
        supersedes=correction and correction.supersedes,
        because=correction and correction.because,
        **asked._asdict(),
    )
    return _Made(unnumbered, tree)


def _behind(asked: Asked, history: CutSource, office: Office, shelf: ProofShelf) -> bytes:
    ledger = history.ledger(office, asked.as_of)
    by = behind_dimensions(asked)
    return written(behind(ledger, asked.window, by, asked.attribution, shelf.code_hashes))


def _digests(place: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its name there."""
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): sha256_of(path) for path in files}


def _entered(made: _Made, shelf: ProofShelf, signing: Signing, staging: Staging) -> Release:
    """Enter a release in the log of releases, when all of its files are on the disk.

    Raises ``UserError`` where another process was first: then nothing is released.
    """
    entries = shelf.releases()
    numbered = made.unnumbered.model_copy(update={"number": len(entries) + 1})
    notes = _write_receipt(numbered, made.tree, entries, shelf, signing, staging.place)
    flush(staging.place)
    staging.is_released = True  # from here on, killed or not, the folder stays
    try:
        shelf.add_release(numbered.number, numbered.as_bytes())
    except UserError:
        staging.is_released = numbered.as_bytes() in shelf.releases()
        raise
    for note in notes:
        shelf.add_checkpoint(note)
    return numbered


def _write_receipt(
    numbered: Release,
    tree: Tree,
    entries: Sequence[bytes],
    shelf: ProofShelf,
    signing: Signing,
    place: Path,
) -> tuple[str, ...]:
    """Write ``release.json`` and the receipt; the notes that are kept beside the log."""
    body, signer = numbered.as_bytes(), signing.signer
    releases = [*entries, body]
    of_log = Checkpoint(numbered.log.origin, tree.size, tree.root())
    of_releases = Checkpoint(
        releases_origin(shelf.identity), len(releases), receipt.releases_root(releases)
    )
    notes = signer.signed(of_log.text()), signer.signed(of_releases.text())
    growth = receipt.Consistency(
        log=receipt.growth_of_log(tree, last_checkpoint(shelf, of_log.origin)),
        releases=receipt.growth_of_releases(releases),
    )
    parts = {
        RELEASE_FILE: body,
        receipt.CHECKPOINT_NOTE: notes[0].encode(),
        receipt.RELEASE_NOTE: notes[1].encode(),
        receipt.INCLUSION: receipt.inclusion_of(releases).as_bytes(),
        receipt.CONSISTENCY: growth.as_bytes(),
        receipt.PUBLIC_KEY: f"{signer.public}\n".encode(),
    }
    if signing.stamped is not None:
        parts[receipt.TIMESTAMP] = signing.stamped(notes[1].encode())
    for name, content in parts.items():
        (place / name).write_bytes(content)
    return notes
