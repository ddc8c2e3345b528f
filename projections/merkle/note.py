"""Signs texts and checks who signed them: signed notes with Ed25519, as C2SP specifies them.

A note is a text, an empty line, and signatures: ``— NAME BASE64``. A key has a name, and an id that
follows from the name and the public key. Its public part is written ``NAME+ID+BASE64``.
https://c2sp.org/signed-note
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hoso.domain.errors import UserError

ED25519: Final = b"\x01"  # the kind of a key
ID_BYTES, PUBLIC_BYTES = 4, 32
NAME: Final = re.compile(r"[^\s+]+")
SIGNATURE: Final = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})\n")
BETWEEN: Final = "\n\n"  # the text, which ends with a line feed, and the signatures


class NoteError(UserError):
    """A text is no signed note, or a key is none; the message says why."""


class UnknownKey(NoteError):
    """A note is signed, but with no key that is known: whether it holds cannot be checked."""


class RevokedKey(NoteError):
    """A note is signed with a key that was revoked: its signature proves nothing any more."""


class PublicKey(NamedTuple):
    """The public part of a signing key, and the name of who signs with it."""

    name: str
    raw: bytes

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that follow from the name and the key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:ID_BYTES].hex()

    def __str__(self) -> str:
        return f"{self.name}+{self.id}+{b64encode(ED25519 + self.raw).decode()}"

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The public key that a line writes. Raises ``NoteError``."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _decoded(encoded)
        key = cls(name, raw[1:])
        if not NAME.fullmatch(name) or raw[:1] != ED25519 or len(key.raw) != PUBLIC_BYTES:
            raise NoteError("is no public key; `hoso key --out FILE` writes one to FILE.pub")
        if key.id != key_id:
            raise NoteError(f"the id of the public key of {name} does not follow from it")
        return key


class Signature(NamedTuple):
    """A signature of a note: by whom, as it says, and with which key."""

    name: str
    key_id: str
    raw: bytes


class Note(NamedTuple):
    """A text, each line of it ended, and its signatures, which nobody has checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> "Note":
        """The parts of a note. Raises ``NoteError`` for a text that is none."""
        text, between, rest = note.rpartition(BETWEEN)
        lines = SIGNATURE.findall(rest)
        if not between or not lines or SIGNATURE.sub("", rest):
            raise NoteError("is no signed note")
        return cls(f"{text}\n", tuple(_signatures(lines)))

    def is_signed_with(self, key: PublicKey) -> bool:
        """Whether a signature with a key is there, and holds."""
        mine = [each for each in self.signatures if (each.name, each.key_id) == (key.name, key.id)]
        return bool(mine) and all(_holds(key, self.text, each.raw) for each in mine)


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A note: the text, whose lines are all ended, and one signature."""
    public = PublicKey(name, key.public_key().public_bytes_raw())
    signature = bytes.fromhex(public.id) + key.sign(text.encode())
    return f"{text}\n— {name} {b64encode(signature).decode()}\n"


def signer(
    note: Note, keys: Iterable[PublicKey], revoked: Collection[str] = ()
) -> PublicKey | None:
    """Who signed a note, among some known keys; None where a signature with one does not hold.

    ``revoked`` are ids of keys. Raises ``UnknownKey`` and ``RevokedKey``.
    """
    made_with = {(each.name, each.key_id) for each in note.signatures}
    known = [key for key in keys if (key.name, key.id) in made_with and key.id not in revoked]
    if known:
        return known[0] if all(map(note.is_signed_with, known)) else None
    name, key_id = sorted(made_with, key=lambda each: each[1] not in revoked)[0]
    if key_id in revoked:
        raise RevokedKey(f"is signed with the key {key_id} of {name}, which was revoked")
    raise UnknownKey(f"is signed with the key {key_id} of {name}, which is not known")


def _signatures(lines: Iterable[tuple[str, str]]) -> Iterator[Signature]:
    for name, encoded in lines:
        raw = _decoded(encoded)
        yield Signature(name, raw[:ID_BYTES].hex(), raw[ID_BYTES:])


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NotBase64:
        raise NoteError("is no base64") from None


def _holds(key: PublicKey, text: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
