"""Makes and reads the keys that sign checkpoints and releases, and the lists of those that check.

A signing key is an Ed25519 key in a file of PEM (PKCS8) that only its owner may read, with its name
in the line above. Its public part stands beside it, in FILE.pub: one line, to be given to others.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hoso.domain.errors import UserError
from hoso.projections.merkle import note
from hoso.projections.merkle.note import NoteError, PublicKey
from hoso.projections.releases.verification import Trust
from hoso.tools.inputs.text_files import read_option_text

VARIABLE: Final = "HOSO_SIGNING_KEY"  # names the file of the key that signs
PUBLIC: Final = ".pub"
NAMED: Final = re.compile(r"name: ([^\s+]+)\n")
MAX_BYTES: Final = 100_000
NO_KEY: Final = (
    "--key: name the file of a signing key, or set $HOSO_SIGNING_KEY; hoso key makes one"
)


class SigningKey(NamedTuple):
    """A key that signs, and the name of who signs with it."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """Its public part."""
        return PublicKey(self.name, self.private.public_key().public_bytes_raw())

    def signed(self, text: str) -> str:
        """The signed note of a text, whose lines are all ended."""
        return note.sign(text, self.name, self.private)


def make(file: Path, name: str | None) -> PublicKey:
    """Make a signing key in a new file, and FILE.pub beside it; returns its public part.

    Raises ``UserError`` where either file is there already: no key is ever replaced.
    """
    key = SigningKey(name or file.stem, Ed25519PrivateKey.generate())
    if not note.NAME.fullmatch(key.name):
        raise UserError(f"--name: {key.name!r}: a name has no blanks and no +; give another")
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = file.with_name(file.name + PUBLIC)
    if public.exists():
        raise UserError(f"--out: {public}: is there already; name another file")
    _write_new(file, f"name: {key.name}\n".encode() + pem, 0o600)
    _write_new(public, f"{key.public}\n".encode(), 0o644)
    return key.public


def signing_key(option: str | None) -> SigningKey:
    """The key in the file that ``--key`` or $HOSO_SIGNING_KEY names.

    Raises ``UserError`` where there is none, or others than its owner may read it.
    """
    if not (file := option or os.environ.get(VARIABLE)):
        raise UserError(NO_KEY)
    text = read_option_text("--key", file, MAX_BYTES)
    if Path(file).stat().st_mode & 0o077:
        raise UserError(f"--key: {file}: others may read it; chmod 600 {file}")
    named = NAMED.match(text)
    try:
        private = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        private = None
    if named is None or not isinstance(private, Ed25519PrivateKey):
        raise UserError(f"--key: {file}: is no signing key of hoso's; hoso key makes one")
    return SigningKey(named[1], private)


def trust(keys: Sequence[str], revoked: str | None) -> Trust:
    """The public keys in some files, and the key ids that another one lists as revoked.

    Raises ``UserError`` for a file that cannot be read, or has another line.
    """
    return Trust(
        tuple(key for file in keys for key in _public_keys(file)),
        frozenset(_revoked(revoked)) if revoked is not None else frozenset(),
    )


def _public_keys(file: str) -> Iterator[PublicKey]:
    found = False
    for number, line in _lines("--key", file):
        try:
            yield PublicKey.parse(line)
        except NoteError as error:
            raise UserError(f"--key: {file}:{number}: {error}") from None
        found = True
    if not found:
        raise UserError(f"--key: {file}: has no public key; hoso key writes one to FILE.pub")


def _revoked(file: str) -> Iterator[str]:
    for number, line in _lines("--revoked", file):
        key_id = line.split("+")[1] if line.count("+") > 1 else line
        if not re.fullmatch("[0-9a-f]{8}", key_id):
            fault = "is no id of a key: eight digits of 0-9 a-f, or the line of FILE.pub"
            raise UserError(f"--revoked: {file}:{number}: {fault}")
        yield key_id


def _lines(option: str, file: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers; without empty ones and those that begin with #."""
    for number, line in enumerate(read_option_text(option, file, MAX_BYTES).splitlines(), 1):
        if (line := line.strip()) and not line.startswith("#"):
            yield number, line


def _write_new(file: Path, body: bytes, mode: int) -> None:
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise UserError(f"--out: {file}: is there already; name another file") from None
    except OSError as error:
        raise UserError(f"--out: {file}: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(body)
        opened.flush()
        os.fsync(descriptor)
