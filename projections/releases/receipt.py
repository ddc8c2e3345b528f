"""The receipt of a release: signed notes, and the proofs that go with them, each a small file.

    checkpoint.note   how many events the log had, and its root, signed
    release.note      how many releases the log of releases had, and its root, signed
    inclusion.json    that release.json is the newest entry of the log of releases
    consistency.json  that both logs grew out of what they were before
    key.pub           the public key, to be compared with the one that the office has published
    timestamp.tsr     when a time-stamp authority saw release.note (RFC 3161), if one was asked
    behind.arrow      the dossiers behind each figure (``behind``)

The entry of a release in the log of releases is its ``release.json``, byte by byte: the leaf's hash
is SHA-256 of a zero byte and these bytes (RFC 9162). Hashes in JSON are hexadecimal.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hoso.domain.errors import UserError
from hoso.projections.merkle import proofs
from hoso.projections.merkle.checkpoint import Checkpoint
from hoso.projections.merkle.hashing import Hashes, leaf_hash, root, to_hashes
from hoso.projections.merkle.log_tree import Tree
from hoso.projections.merkle.note import Note, NoteError, PublicKey
from hoso.projections.releases.release import RECEIPT
from hoso.projections.reports.basis.validation import first_fault

CHECKPOINT_NOTE: Final = f"{RECEIPT}/checkpoint.note"
RELEASE_NOTE: Final = f"{RECEIPT}/release.note"
INCLUSION: Final = f"{RECEIPT}/inclusion.json"
CONSISTENCY: Final = f"{RECEIPT}/consistency.json"
PUBLIC_KEY: Final = f"{RECEIPT}/key.pub"
TIMESTAMP: Final = f"{RECEIPT}/timestamp.tsr"
FILES: Final = (CHECKPOINT_NOTE, RELEASE_NOTE, INCLUSION, CONSISTENCY, PUBLIC_KEY, TIMESTAMP)

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Proof(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_bytes(self) -> bytes:
        """The proof as a file."""
        how = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps(self.model_dump(mode="json"), option=how)


ProofFile = TypeVar("ProofFile", bound=_Proof)


class Inclusion(_Proof):
    """That a release is the entry no. ``index`` (from 0 on) of the first ``size`` ones."""

    index: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=1)]
    path: tuple[Hash, ...]


class Growth(_Proof):
    """That a log grew out of what it was: its size and its root then, and the proof."""

    size: Annotated[int, Field(ge=0)]
    root: Hash
    path: tuple[Hash, ...]


class Consistency(_Proof):
    """That the log grew out of that of the last checkpoint before, and the log of releases out of
    that of the release before; None where there was none."""

    log: Growth | None
    releases: Growth | None


class Receipt(NamedTuple):
    """The notes and proofs of a release, as its folder has them."""

    checkpoint: Note
    releases: Note
    inclusion: Inclusion
    consistency: Consistency
    key: PublicKey


def inclusion_of(entries: Sequence[bytes]) -> Inclusion:
    """The proof that the last of some releases is in the log of them."""
    size = len(entries)
    path = proofs.inclusion(size - 1, size, _root_of(entries))
    return Inclusion(index=size - 1, size=size, path=tuple(each.hex() for each in path))


def growth_of_releases(entries: Sequence[bytes]) -> Growth | None:
    """The proof that the log of releases grew by the last of them."""
    size = len(entries)
    if size == 1:
        return None
    path = proofs.consistency(size - 1, size, _root_of(entries))
    return _growth(size - 1, releases_root(entries[:-1]), path)


def growth_of_log(tree: Tree, before: Checkpoint | None) -> Growth | None:
    """The proof that a log grew out of what it was at a checkpoint."""
    if before is None:
        return None
    return _growth(before.size, before.root, tree.consistency(before.size))


def releases_root(entries: Sequence[bytes]) -> bytes:
    """The root of the log of releases."""
    return root(_leaves(entries))


def read_receipt(folder: Path) -> Receipt:
    """The receipt in a release's folder. Raises ``UserError`` for a part that is missing, or is
    none."""
    return Receipt(
        _note(folder / CHECKPOINT_NOTE),
        _note(folder / RELEASE_NOTE),
        _proof(Inclusion, folder / INCLUSION),
        _proof(Consistency, folder / CONSISTENCY),
        public_key(folder / PUBLIC_KEY),
    )


def public_key(file: Path) -> PublicKey:
    """The public key in a file. Raises ``UserError``."""
    try:
        return PublicKey.parse(_read(file).decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: {error}") from None


def _growth(size: int, old_root: bytes, path: Sequence[bytes]) -> Growth:
    return Growth(size=size, root=old_root.hex(), path=tuple(each.hex() for each in path))


def _leaves(entries: Sequence[bytes]) -> Hashes:
    return to_hashes(b"".join(map(leaf_hash, entries)))


def _root_of(entries: Sequence[bytes]) -> proofs.RootOf:
    leaves = _leaves(entries)
    return lambda start, end: root(leaves[start:end])


def _note(file: Path) -> Note:
    try:
        return Note.parse(_read(file).decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: {error}") from None


def _proof(kind: type[ProofFile], file: Path) -> ProofFile:
    try:
        return kind.model_validate_json(_read(file))
    except ValidationError as error:
        steps, fault = first_fault(error)
        raise UserError(f"{file}: {'.'.join(map(str, steps))}: {fault}") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
