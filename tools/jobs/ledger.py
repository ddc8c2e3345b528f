"""Exports the ledger of a history, for whoever adds up those of many."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNT_COUNT, TRANSFERRED_OUT
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.federation import file, signature
from hoso.projections.federation.exported import About, ExportedLedger, exported, received_by
from hoso.projections.ledger.along import NOTHING, TakenAlong
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.merkle.note import NoteError, UnknownKey
from hoso.projections.releases.verification import Trust
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.checkpoints import sign_checkpoint
from hoso.tools.runtime.environment import now
from hoso.tools.sources.source import Source

TIMES: Final = 5  # that a history which grows meanwhile is read, before the export is given up


class Asked(NamedTuple):
    """What a ledger is exported with: by which office's rules, as known when, sliced by what, and
    from which day on (None: all)."""

    office: Office
    as_of: datetime | None
    by: tuple[str, ...]
    since: date | None


class Exported(NamedTuple):
    """An export as it was written: its file's size in bytes, how many slices and moves it has."""

    size_bytes: int
    slices: int
    moves: int


def export(source: Source, asked: Asked, target: Path, key: SigningKey | None = None) -> Exported:
    """Write the ledger of a source to a file, signed with a key if there is one. Raises
    ``UserError`` for a source that cannot be read, or that is written to without a pause, and
    ``OSError`` for the file."""
    if not source.has_events:
        raise UserError("--source: is an exported ledger already")
    for _ in range(TIMES):
        before = source.version()
        made = _ledger(source, asked, before)
        if source.version() == before:
            size = file.write(target, made, partial(_signed, source, made.about, key))
            return Exported(size, made.slices.codes.shape[1], len(made.moved.net))
    raise UserError(f"--source: {source.name}: grows all the time: pause what records its events")


def _signed(source: Source, about: About, key: SigningKey | None, digest: bytes) -> str:
    """The note over a ledger; of a store, with the checkpoint of its log."""
    if key is None:
        return ""
    log = None
    if about.position is not None:
        log = sign_checkpoint(source, key, about.position).checkpoint
    return key.signed(signature.text_of(digest, log))


class Verified(NamedTuple):
    """What was found of a signature: in words, whether it holds, and whether that could be told."""

    said: str
    holds: bool
    is_told: bool = True


def verify(name: str, trust: Trust) -> Verified:
    """Who stands for an exported ledger. Raises ``UserError`` for a file that is none."""
    signed = file.read_signed(Path(name))
    about = f"of {signed.ledger.about.source}, exported {signed.ledger.about.exported:%Y-%m-%d}"
    try:
        by = signature.signer_of(signed, trust.keys, trust.revoked)
        log = signature.checkpoint_of(signed)
    except NoteError as fault:
        return Verified(f"{name}: {fault}", False, not isinstance(fault, UnknownKey))
    events = "" if log is None else f", of a log of {log.size:,} events"
    return Verified(f"{name}: {about}{events}: signed by {by.name} ({by.id})", True)


def _ledger(source: Source, asked: Asked, at: Sequence[int]) -> ExportedLedger:
    office, as_of, by, since = asked
    [sheets] = source.balances([office], as_of, by)
    # Final on a day before all others: no reassignment counts, only where dossiers were received.
    [of_agencies] = source.balances([office], as_of, ("agency",), date.min)
    about = About(
        hoso=version("hoso"),
        source=source.name,
        position=at[0] if source.appends else None,
        exported=now(),
        as_of=as_of,
        zone=str(office.zone),
        calendar=office.calendar.version,
        policy=office.policy,
        by=by,
        since=since,
        received=received_by(of_agencies),
    )
    return exported(about, sheets, _taken_along(source, asked, sheets))


def _taken_along(source: Source, asked: Asked, sheets: BalanceSheets) -> TakenAlong:
    """What reassigned dossiers took along, where any was transferred between slices."""
    moved = sheets.balances.moved()
    if not np.any(moved.group % ACCOUNT_COUNT == TRANSFERRED_OUT):
        return NOTHING
    return source.taken_along(asked.office, asked.as_of, asked.by)
