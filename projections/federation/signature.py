"""Who stands for an exported ledger: a signed note over the digest of its bytes.

Where the ledger is that of a store, the note has the checkpoint of its log as well: the receipt for
the events that the figures were made of, although nobody but the log's owner sees them.
"""

from base64 import b64encode
from collections.abc import Collection, Sequence
from typing import Final

from hoso.projections.federation.file import SignedLedger
from hoso.projections.merkle.checkpoint import Checkpoint
from hoso.projections.merkle.note import Note, NoteError, PublicKey, UnknownKey, signer

TITLE: Final = "hoso/ledger"


def text_of(digest: bytes, checkpoint: Checkpoint | None) -> str:
    """What is signed: the digest of a ledger's bytes, and the checkpoint of its log."""
    log = "" if checkpoint is None else checkpoint.text()
    return f"{TITLE}\n{b64encode(digest).decode()}\n{log}"


def signer_of(
    signed: SignedLedger, keys: Sequence[PublicKey], revoked: Collection[str]
) -> PublicKey:
    """Who signed a ledger, among some known keys; ``revoked`` are ids of keys.

    Raises ``UnknownKey`` where that cannot be told, and ``NoteError`` for a signature that does not
    hold, that is of another ledger, or with a revoked key.
    """
    if not signed.note:
        raise UnknownKey("is not signed")
    note = Note.parse(signed.note)
    found = signer(note, keys, revoked)
    if found is None:
        raise NoteError("its signature does not hold")
    if not note.text.startswith(text_of(signed.digest, None)):
        raise NoteError("its signature is of another ledger")
    return found


def checkpoint_of(signed: SignedLedger) -> Checkpoint | None:
    """The checkpoint of a signed ledger's log; None where there is none. Raises ``NoteError``."""
    rest = Note.parse(signed.note).text.removeprefix(text_of(signed.digest, None))
    return Checkpoint.parse(rest) if rest else None
