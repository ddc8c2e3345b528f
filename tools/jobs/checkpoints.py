"""Signs a checkpoint of a log: how many events it has, and the root of their tree."""

from typing import NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.merkle.checkpoint import Checkpoint, log_origin
from hoso.projections.merkle.log_tree import Tree, grow
from hoso.projections.merkle.note import Note
from hoso.projections.merkle.shelf import ProofShelf
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.sources.source import Source


class Signed(NamedTuple):
    """A checkpoint, its signed note, and the tree that it is of."""

    checkpoint: Checkpoint
    note: str
    tree: Tree


def sign_checkpoint(source: Source, key: SigningKey, until: int | None = None) -> Signed:
    """Bring the tree of a log forward to a position (None: its end), sign its checkpoint, and keep
    that beside the log.

    Raises ``UserError`` for a source that is no log, and where the tree did not grow out of that of
    the last checkpoint: then nothing is signed.
    """
    shelf = source.proofs()
    tree = grow(shelf, source.tables, until)
    refuse_another_past(source.name, shelf, tree)
    checkpoint = Checkpoint(log_origin(shelf.identity, shelf.zone), tree.size, tree.root())
    note = key.signed(checkpoint.text())
    shelf.add_checkpoint(note)
    return Signed(checkpoint, note, tree)


def refuse_another_past(name: str, shelf: ProofShelf, tree: Tree) -> None:
    """Raise ``UserError`` where a tree did not grow out of that of the log's last checkpoint."""
    last = last_checkpoint(shelf, log_origin(shelf.identity, shelf.zone))
    if last is not None and last.size <= tree.size and tree.root(last.size) != last.root:
        fault = f"its tree is not that of its last checkpoint, of {last.size:,} events"
        raise UserError(f"{name}: {fault}: nothing was signed; hoso verify says more")


def last_checkpoint(shelf: ProofShelf, origin: str) -> Checkpoint | None:
    """The newest checkpoint of an origin that is kept beside a log; None where there is none."""
    kept = (Checkpoint.parse(Note.parse(note).text) for note in reversed(shelf.checkpoints()))
    return next((each for each in kept if each.origin == origin), None)
