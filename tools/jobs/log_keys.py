"""Writes the key of a log into a file, and gives it to another store."""

from pathlib import Path

from hoso.consumers.store.log_key import LogKey
from hoso.consumers.store.proofs import take_key
from hoso.domain.errors import UserError
from hoso.projections import atomic
from hoso.tools.runtime import environment
from hoso.tools.sources.archive_proofs import OWNER_ONLY
from hoso.tools.sources.source import NO_LOG, Source


def write(source: Source, file: Path) -> None:
    """Write the key of a source's log into a new file that only its owner may read.

    Raises ``UserError`` for a source without one, and where there is a file already.
    """
    if (key := source.log_key()) is None:
        raise UserError(f"--of: {source.name}: {NO_LOG}")
    try:
        atomic.create(file, key.to_bytes(), OWNER_ONLY)
    except OSError as error:
        raise UserError(f"--out: {file}: {error.strerror}") from None


def take(file: str, store: str) -> str:
    """Give the key in a file to an empty store; returns the identity of its log.

    Raises ``UserError`` for a file that has none, and for a store that has a log of its own.
    """
    try:
        key = LogKey.from_bytes(Path(file).read_bytes(), file)
    except OSError as error:
        raise UserError(f"--take: {file}: {error.strerror}") from None
    take_key(store, key, environment.now())
    return key.identity
