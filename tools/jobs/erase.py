"""Erases the code of a dossier or an official from a store, and from archives of its log."""

import re
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

import orjson

from hoso.consumers.store.backend import StoreUnavailable
from hoso.consumers.store.erase import EMPTIED, CodeKind, Erased, erase, pseudonym_in
from hoso.consumers.store.log import Erasure, Store
from hoso.consumers.store.proofs import log_key
from hoso.domain.errors import UserError
from hoso.projections.archive.erasure import rename
from hoso.projections.archive.manifest import ArchiveError, Manifest, read_manifest
from hoso.projections.archive.writer import KEY_FILE, OTHER_LOG, current_manifest, locked
from hoso.projections.log.schema import event_key
from hoso.tools.runtime import environment
from hoso.tools.sources.archive_proofs import keep_key

REASON: Final = re.compile("[a-z_]{1,40}")  # as reasons of events
REMAINS: Final = "The code may still stand in:"
ELSEWHERE: Final = (
    "backups and snapshots of the store and of archives",
    "archives that were not named (hoso archive does not extend them until they are)",
    "papers, lists and registers that were made before",
    "files of events, other stores, and the systems that sent the events",
    "rejects that are no JSON and were kept with --keep-raw after this",
    "access logs of proxies, and of hoso serve --log-codes",
)
KAFKA: Final = "kafka:"  # begins the names of Kafka's streams
POSTGRESQL: Final = (
    "the files of PostgreSQL until VACUUM FULL stored_events (nobody reads or writes meanwhile), "
    "and its write-ahead log and replicas"
)


def check_reason(because: str) -> None:
    """Raise ``UserError`` where a reason is not one word."""
    if not REASON.fullmatch(because):
        raise UserError("--because: give the reason as one word of a to z and _, such as request")


def erase_code(
    store: Store, kind: CodeKind, code: str, because: str, archives: Sequence[Path]
) -> Erased | str:
    """Erase a code from a store, then from archives of its log.

    Returns what became of the code; its pseudonym, where it had been erased before. Raises
    ``UserError`` for a code that the store does not have, and for archives of other logs; nothing
    is erased then.
    """
    zone = environment.zone()
    for folder in archives:
        follow(store, folder, zone)  # also shows that it is an archive of this log
    before = pseudonym_in(store, kind, code)
    erased = before or erase(store, kind, code, because, environment.now())
    for folder in archives:
        follow(store, folder, zone)
    return erased


def outcome(store: Store, erased: Erased | str) -> Iterator[str]:
    """What became of a code, in lines; ``erased`` is what ``erase_code`` returned."""
    if isinstance(erased, str):
        yield f"{store.name}: was erased before, as {erased}"
        return
    yield f"{store.name}: erased, now {erased.pseudonym}"
    yield f"{erased.events:,} events and {erased.rejects:,} rejects changed; no figure did"
    if erased.elsewhere:
        yield f"{erased.elsewhere:,} events of it have the code in a source or a name still"


def overwrite(store: Store) -> str | None:
    """Have the database overwrite the old bytes. Returns why they may still be there."""
    try:
        store.forget(*EMPTIED)
    except StoreUnavailable as error:
        return str(error)
    return None


def follow(store: Store, folder: Path, zone: tzinfo) -> None:
    """Erase from an archive all that was erased from the store of its log.

    Raises ``ArchiveError``, with the archive as it was, for one of another log.
    """
    read_manifest(folder)  # a folder that is none is not made one
    with locked(folder):
        manifest = current_manifest(folder, zone)
        pseudonyms, erasures = store.pseudonyms(), store.count_erasures()
        expected = _event_at(store, manifest, folder)
        if manifest.erasures < erasures:
            rename(folder, manifest, pseudonyms.of, erasures, expected)
        elif manifest.erasures > erasures or manifest.last_event != expected:
            raise ArchiveError(f"{folder}: {OTHER_LOG.format(store.name, manifest.position)}")
        if (folder / KEY_FILE).exists():  # it says what stands in the place of what was erased
            keep_key(folder, log_key(store, zone))


def _event_at(store: Store, manifest: Manifest, folder: Path) -> int:
    """The key of the store's event at the position up to which an archive has its log."""
    for stored in store.events_at([manifest.position]):
        event = orjson.loads(stored.state)
        return event_key(event["source"], event["id"])
    raise ArchiveError(f"{folder}: {OTHER_LOG.format(store.name, manifest.position)}")


def places(store: Store) -> list[str]:
    """Where a code may still stand that was erased from a store, as far as hoso knows."""
    streams = store.offsets_with_prefix(KAFKA)
    topics = sorted({stream.removeprefix(KAFKA).rpartition(":")[0] for stream in streams})
    found = [f"Kafka's topic {topic}, for as long as it keeps messages" for topic in topics]
    if store.name.startswith("postgresql"):
        found.append(POSTGRESQL)
    return [*found, *ELSEWHERE]


def line(erasure: Erasure, zone: tzinfo) -> str:
    """An erasure as one line: when, what, its pseudonym, and why."""
    when = erasure.erased_at.astimezone(zone).isoformat(timespec="seconds")
    return f"{when}  {erasure.kind:<8}  {erasure.name}  {erasure.because}"
