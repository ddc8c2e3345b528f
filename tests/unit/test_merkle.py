"""The tree, its proofs and its tiles against RFC 9162's definitions, written out by recursion."""

from hashlib import sha256

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hoso.projections.kernels.native import compiled
from hoso.projections.kernels.sha256 import hash_arrays, hash_messages, hashes_in
from hoso.projections.merkle import hashing, note, proofs, tiles
from hoso.projections.merkle.checkpoint import Checkpoint, log_origin
from hoso.projections.merkle.note import Note, NoteError, PublicKey, RevokedKey, UnknownKey

# The inputs and roots of the tests of certificate-transparency logs.
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(number: int) -> list[bytes]:
    return [hashing.leaf_hash(n.to_bytes(8)) for n in range(number)]


def root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256().digest()
    left = 1
    while 2 * left < len(hashes):
        left *= 2
    return sha256(b"\x01" + root(hashes[:left]) + root(hashes[left:])).digest()


def test_the_roots_are_those_of_certificate_logs() -> None:
    hashes = [hashing.leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    for size, expected in enumerate(ROOTS):
        assert root(hashes[:size]).hex() == expected
        assert hashing.root(hashing.to_hashes(b"".join(hashes[:size]))).hex() == expected


def test_many_leaves_are_hashed_as_one() -> None:
    rows = np.frombuffer(b"".join(n.to_bytes(8) for n in range(70)), np.uint8).reshape(-1, 8)
    assert hashing.leaf_hashes(rows).tobytes() == b"".join(leaves(70))


@pytest.mark.parametrize("width", [1, 54, 55, 63, 64, 118, 119, 300])
def test_the_kernel_hashes_as_hashlib_does(width: int) -> None:
    messages = np.random.default_rng(width).integers(0, 256, (101, width), np.uint8)
    native = compiled(hash_messages)
    assert native is not None
    arrays = hash_arrays(messages)
    native(arrays)
    expected = [sha256(message.tobytes()).digest() for message in messages]
    assert hashes_in(arrays, len(messages)).tobytes() == b"".join(expected)


@given(st.integers(1, 400), st.data())
def test_proofs_lead_to_the_root_and_others_do_not(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))

    def root_of(start: int, end: int) -> bytes:
        return root(hashes[start:end])

    path = proofs.inclusion(index, size, root_of)
    assert proofs.root_by_inclusion(hashes[index], index, size, path) == root(hashes)
    assert proofs.root_by_inclusion(bytes(32), index, size, path) != root(hashes)
    assert proofs.root_by_inclusion(hashes[index], index, size, [*path, bytes(32)]) is None
    other = data.draw(st.integers(0, size - 1))
    assert (other == index) == (
        proofs.root_by_inclusion(hashes[index], other, size, path) == root(hashes)
    )
    grown = proofs.consistency(old, size, root_of)
    roots = root(hashes[:old]), root(hashes)
    assert proofs.is_consistent(old, roots[0], size, roots[1], grown)
    assert not proofs.is_consistent(old, roots[0], size, roots[1], [*grown, bytes(32)])
    if old not in (0, size):
        assert not proofs.is_consistent(old, bytes(32), size, roots[1], grown)
        assert not proofs.is_consistent(old, roots[0], size, bytes(32), grown)
        assert not proofs.is_consistent(old, roots[0], size, roots[1], grown[:-1])
        assert not proofs.is_consistent(size, roots[1], old, roots[0], grown)


def kept_tiles(steps: list[int], hashes: list[bytes]) -> dict[tuple[int, int], bytes]:
    kept: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        return kept.get((level, number), b"")

    size = 0
    for step in steps:
        more = hashing.to_hashes(b"".join(hashes[size : size + step]))
        kept.update(tiles.grown(tile, size, more))
        size += step
    return kept


@given(st.lists(st.integers(0, 700), max_size=4), st.data())
def test_tiles_are_the_same_in_whichever_steps_they_grew(
    steps: list[int], data: st.DataObject
) -> None:
    size = sum(steps)
    hashes = leaves(size)
    kept = kept_tiles(steps, hashes)
    assert kept == kept_tiles([size], hashes)
    assert b"".join(kept[0, n] for n in range(-(-size // 256))) == b"".join(hashes)
    up_to = data.draw(st.integers(0, size))
    found = tiles.root_over(lambda level, number: kept.get((level, number), b""), 0, up_to)
    assert found == root(hashes[:up_to])


def test_the_third_level_has_the_roots_of_full_tiles_of_tiles() -> None:
    size = 3 * 256 * 256 + 5
    hashes = leaves(size)
    kept = kept_tiles([70_000, size - 70_000], hashes)
    assert {level for level, _ in kept} == {0, 1, 2}
    assert kept[2, 0] == b"".join(root(hashes[n : n + 65536]) for n in range(0, size - 5, 65536))


def test_a_missing_tile_is_no_hash() -> None:
    with pytest.raises(LookupError):
        tiles.root_over(lambda level, number: b"", 0, 1)


def test_the_public_key_of_the_specification_is_read() -> None:
    written = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = PublicKey.parse(written)
    assert (key.name, key.id, str(key)) == ("PeterNeumann", "c74f20a3", written)


def test_a_note_is_signed_by_its_key_and_no_other() -> None:
    private = Ed25519PrivateKey.generate()
    text = Checkpoint(log_origin("ab", "Asia/Ho_Chi_Minh"), 7, bytes(32)).text()
    parsed = Note.parse(note.sign(text, "so-tu-phap", private))
    key = PublicKey("so-tu-phap", private.public_key().public_bytes_raw())
    assert parsed.text == text
    assert parsed.is_signed_with(key)
    assert Checkpoint.parse(parsed.text).size == 7
    assert not parsed.is_signed_with(PublicKey("other", key.raw))
    assert not parsed.is_signed_with(PublicKey("so-tu-phap", bytes(32)))
    other = PublicKey("other", key.raw)
    assert note.signer(parsed, [other, key]) == key
    forged = parsed._replace(text=parsed.text.replace("7", "8"))
    assert note.signer(forged, [other, key]) is None
    with pytest.raises(UnknownKey, match=f"{key.id} of so-tu-phap, which is not known"):
        note.signer(parsed, [other])
    with pytest.raises(RevokedKey, match=f"{key.id} of so-tu-phap, which was revoked"):
        note.signer(parsed, [other, key], {key.id})
    assert PublicKey.parse(str(key)) == key


def test_what_is_no_note_no_key_and_no_checkpoint_is_refused() -> None:
    for text in ("", "a\n", "a\n\nb\n", "a\n\n— b c\n", "a\n\n— b YWJj\nmore\n"):
        with pytest.raises(NoteError):
            Note.parse(text)
    for text in ("", "a+b", "a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a+b+c"):
        with pytest.raises(NoteError):
            PublicKey.parse(text)
    for text in ("", "a\n07\nAA==\n", "a\n7\nAA==\n", "a\nx\n\n"):
        with pytest.raises(NoteError):
            Checkpoint.parse(text)
