"""Puts pseudonyms in the place of codes that were erased, wherever they come in again.

A pseudonym is ``erased-`` and a keyed hash of the code: who has the store's key finds it from the
code, and nobody finds the code from it. The store keeps the hashes of what was erased, and no code.
So an event that comes again, as when a topic is read anew, is that of its pseudonym and stays a
repeat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Final, Literal

import orjson

from hoso.domain.events import LONGEST_TEXT_CHARS, one_spelling

Hash = Callable[[str], str]
# What a text is: the code of a dossier or of an official, or the id of an event, which may contain
# the code of its dossier.
Kind = Literal["dossier", "official", "id"]

HASH_BYTES: Final = 8
PREFIX: Final = "erased-"
# The fields of events, and of records of the national portal, that hold such texts.
KINDS: Final[Mapping[str, Kind]] = {
    "subject": "dossier",
    "partitionkey": "dossier",
    "replaced_by": "dossier",
    "MaHoSo": "dossier",
    "official": "official",
    "id": "id",
    "event_id": "id",
}


def keyed_hash(key: bytes) -> Hash:
    """The function that hashes texts with a key: 16 hexadecimal digits."""
    return lambda text: blake2b(
        text.encode(errors="surrogatepass"), key=key, digest_size=HASH_BYTES
    ).hexdigest()


class CodeHashes:
    """The keyed hashes of many texts at once, HASH_BYTES each, as ``Pseudonyms.hash_of`` has them.

    ``erased`` has the hash of what was erased, by its kind and what stands in its place. So a
    text's hash stays the same when the text is erased.
    """

    def __init__(self, key: bytes, erased: Mapping[tuple[str, str], str]) -> None:
        self._key = key
        hash_of = Pseudonyms(keyed_hash(key), {}).hash_of
        # A pseudonym, or an id that contains one, may have been erased in its turn.
        before = {hash_of(kind, name): hashed for (kind, name), hashed in erased.items()}  # type: ignore[arg-type]
        self._erased = {of: bytes.fromhex(_first(before, hashed)) for of, hashed in erased.items()}

    def of(self, kind: Kind, texts: Sequence[str]) -> bytes:
        """The hashes of some texts of a kind, one behind the other."""
        begun = blake2b(f"{kind}\n".encode(), key=self._key, digest_size=HASH_BYTES)
        hashes: list[bytes] = []
        for raw in _one_spelling_of_each(texts):
            hashed = begun.copy()  # the key need not be hashed again
            hashed.update(raw)
            hashes.append(hashed.digest())
        if self._erased:
            for place, text in enumerate(texts):
                hashes[place] = self._erased.get((kind, text), hashes[place])
        return b"".join(hashes)


def _one_spelling_of_each(texts: Sequence[str]) -> list[bytes]:
    """The bytes of each text as it is hashed. Most are plain, and are looked at all together."""
    together = "\n".join(texts)
    is_plain = together.isascii() and " " not in together
    if is_plain and together.count("\n") == len(texts) - 1:
        return together.encode().split(b"\n")
    return [_hashed_spelling(text).encode(errors="surrogatepass") for text in texts]


def _hashed_spelling(text: str) -> str:
    with suppress(ValueError):  # a text of blanks only: intake refuses it
        return one_spelling(text) if text else text
    return text


def _first(before: Mapping[str, str], hashed: str) -> str:
    """The hash of a text as it first was, from that of what took its place."""
    while (earlier := before.get(hashed, hashed)) != hashed:
        hashed = earlier
    return hashed


class Pseudonyms:
    """What stands in the place of erased texts. ``known`` has it by their hashes (``hash_of``)."""

    def __init__(self, hashed: Hash, known: Mapping[str, str]) -> None:
        self._hashed, self._known = hashed, known

    def __len__(self) -> int:
        return len(self._known)

    def hash_of(self, kind: Kind, text: str) -> str:
        """The keyed hash of a text, in whichever of its spellings (``one_spelling``); the same text
        of another kind has another one."""
        return self._hashed(f"{kind}\n{_hashed_spelling(text)}")

    def of(self, kind: Kind, text: str) -> str | None:
        """What stands in the place of a text; None if it was not erased."""
        return self._known.get(self.hash_of(kind, text)) if self._known else None

    def known_as(self, code: str) -> str:
        """The code by which the store knows a dossier: its pseudonym if it was erased."""
        return self.of("dossier", code) or code

    def renamed(self, raw: bytes) -> bytes:
        """A JSON message with pseudonyms in the place of erased texts; the same if it has none.

        In a message about an erased dossier, ids that contain its code change, too. What is no
        JSON stays as it is.
        """
        if not self._known:
            return raw
        try:
            message = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw
        erased = {text: name for kind, text in texts_of(message) if (name := self.of(kind, text))}
        return orjson.dumps(self._replaced(message, erased)) if erased else raw

    def id_without(self, code: str, pseudonym: str, text: str) -> str:
        """An event's id with a pseudonym in the place of a code; where that is too long for an id,
        a hash of it."""
        new = text.replace(code, pseudonym)
        return new if len(new) <= LONGEST_TEXT_CHARS else PREFIX + self.hash_of("id", text)

    def _replaced(self, value: Any, erased: Mapping[str, str]) -> Any:
        """A JSON value with the texts that were found in it replaced."""
        match value:
            case dict():
                return {
                    name: self._text(KINDS[name], each, erased)
                    if name in KINDS and isinstance(each, str)
                    else self._replaced(each, erased)
                    for name, each in value.items()
                }
            case list():
                return [self._replaced(each, erased) for each in value]
        return value

    def _text(self, kind: Kind, text: str, erased: Mapping[str, str]) -> str:
        if (name := self.of(kind, text)) is not None:
            return name
        if kind == "id":
            for code, pseudonym in erased.items():
                if self.of("dossier", code) == pseudonym and code in text:
                    text = self.id_without(code, pseudonym, text)
        return text


def texts_of(value: Any) -> Iterator[tuple[Kind, str]]:
    """The texts of a JSON value that may be erased, each with what it is."""
    match value:
        case dict():
            for name, each in value.items():
                if name in KINDS and isinstance(each, str):
                    yield KINDS[name], each
                else:
                    yield from texts_of(each)
        case list():
            for each in value:
                yield from texts_of(each)
