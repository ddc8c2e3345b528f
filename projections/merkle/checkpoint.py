"""Says in a text what a log was: its origin, its size, and the root of its tree.

Signed as a note (``note``), a checkpoint is what a log's owner stands for: no event up to there can
be changed without another root. https://c2sp.org/tlog-checkpoint
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Final, NamedTuple

from hoso.projections.merkle.hashing import HASH_BYTES
from hoso.projections.merkle.note import NoteError

ORIGIN: Final = "hoso"
LINES: Final = 3


class Checkpoint(NamedTuple):
    """The root over the first ``size`` entries of the log that ``origin`` names."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The checkpoint as the text of a note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint that a note's text writes. Raises ``NoteError``."""
        try:
            origin, size, root = text.split("\n")[:LINES]
            found = cls(origin, int(size), b64decode(root, validate=True))
        except (ValueError, NotBase64):
            raise NoteError("is no checkpoint: its lines are an origin, a size, a root") from None
        if not origin or str(found.size) != size or len(found.root) != HASH_BYTES:
            raise NoteError("is no checkpoint: its lines are an origin, a size, a root")
        return found


def log_origin(identity: str, zone: str) -> str:
    """The origin of a log of events, whose due days are those of a time zone."""
    return f"{ORIGIN}/{identity}/{zone}"


def releases_origin(identity: str) -> str:
    """The origin of the log of releases that stands beside a log of events."""
    return f"{ORIGIN}/{identity}/releases"
