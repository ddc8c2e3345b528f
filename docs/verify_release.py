#!/usr/bin/env python3
"""Checks a release of hoso offline, with the public key of who signed it, and nothing of hoso.

    python3 -m venv checking && checking/bin/pip install cryptography
    checking/bin/python verify_release.py FOLDER KEY.pub

It shares no code with what wrote the release: the hashing is RFC 9162, sections 2.1.1 to 2.1.4, the
signatures are C2SP signed notes (Ed25519). Exit status: 0 it holds, 1 it does not, 2 it cannot be
checked. docs/PROVENANCE.md says what a release that holds proves, and what it does not.
"""

import json
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class DoesNotHold(Exception):
    """Something is not what was signed."""


def digest(*parts):
    """The SHA-256 of some bytes."""
    return sha256(b"".join(parts)).digest()


def checkpoint(note, key_line):
    """The origin, size and root that a signed note says, once its signature holds."""
    name, key_id, encoded = key_line.split("+", 2)
    key = b64decode(encoded)
    if digest(name.encode(), b"\n", key)[:4].hex() != key_id or key[:1] != b"\x01":
        raise ValueError("KEY.pub is no public key")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        _, signer, encoded = line.split(" ")
        signature = b64decode(encoded)
        if (signer, signature[:4].hex()) == (name, key_id):
            try:
                public = Ed25519PublicKey.from_public_bytes(key[1:])
                public.verify(signature[4:], f"{text}\n".encode())
            except InvalidSignature:
                raise DoesNotHold("the signature of a note is forged") from None
            origin, size, root = text.split("\n")[:3]
            return origin, int(size), b64decode(root)
    print(f"cannot be checked: no note is signed with {name}+{key_id}")
    sys.exit(2)


def root_by_inclusion(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2; the proof is empty at its end."""
    place, last, found = index, size - 1, leaf
    for beside in path:
        if place % 2 or place == last:
            found = digest(b"\x01", beside, found)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = digest(b"\x01", found, beside)
        place, last = place // 2, last // 2
    return found if last == 0 else None


def roots_by_consistency(old, old_root, new, path):
    """RFC 9162, section 2.1.4.2: the roots of both trees to which a proof leads."""
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place // 2, last // 2
    first, *rest = path if place else [old_root, *path]
    of_old = of_new = first
    for beside in rest:
        if place % 2 or place == last:
            of_old, of_new = digest(b"\x01", beside, of_old), digest(b"\x01", beside, of_new)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            of_new = digest(b"\x01", of_new, beside)
        place, last = place // 2, last // 2
    return (of_old, of_new) if last == 0 else None


def grew(growth, size, root):
    """Whether a log of a size and a root grew out of what it was, where there was one before."""
    if growth is None or growth["size"] in (0, size):
        return growth is None or growth["size"] == 0 or growth["root"] == root.hex()
    old_root, path = bytes.fromhex(growth["root"]), [bytes.fromhex(x) for x in growth["path"]]
    return roots_by_consistency(growth["size"], old_root, size, path) == (old_root, root)


def check(folder, key_line):
    """Raise ``DoesNotHold`` unless a release is what was signed; print what holds."""
    body = (folder / "release.json").read_bytes()
    release, receipt = json.loads(body), folder / "receipt"
    named = {**release["papers"], **release["inputs"], "receipt/behind.arrow": release["behind"]}
    for name, expected in named.items():
        if not (folder / name).is_file():
            raise DoesNotHold(f"{name}: is missing")
        if digest((folder / name).read_bytes()).hex() != expected:
            raise DoesNotHold(f"{name}: has been changed")
    print(f"{len(named)} files are those that release.json names")

    _, size, root = checkpoint((receipt / "release.note").read_text("utf-8"), key_line)
    proof = json.loads((receipt / "inclusion.json").read_bytes())
    path = [bytes.fromhex(each) for each in proof["path"]]
    found = root_by_inclusion(digest(b"\x00", body), proof["index"], proof["size"], path)
    if (proof["index"] + 1, proof["size"], found) != (release["number"], size, root):
        raise DoesNotHold("release.json is not the one that release.note signs")
    print(f"release.json is entry {release['number']} of {size} in the signed log of releases")

    origin, events, log_root = checkpoint(
        (receipt / "checkpoint.note").read_text("utf-8"), key_line
    )
    log = release["log"]
    if (origin, events, log_root.hex()) != (log["origin"], log["events"], log["root"]):
        raise DoesNotHold("checkpoint.note is of another log than release.json")
    print(f"it is of the first {events} events of the log {origin}")

    before = json.loads((receipt / "consistency.json").read_bytes())
    for name, now in (("log", (events, log_root)), ("releases", (size, root))):
        if not grew(then := before[name], *now):
            raise DoesNotHold("consistency.json does not prove that the logs only grew")
        if then is not None:
            old_root = b64encode(bytes.fromhex(then["root"])).decode()
            print(f"{name}: grew out of its first {then['size']}, of root {old_root}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        check(Path(sys.argv[1]), Path(sys.argv[2]).read_text("utf-8").strip())
    except DoesNotHold as fault:
        print(f"DOES NOT HOLD: {fault}")
        sys.exit(1)
    except (OSError, ValueError, KeyError) as fault:
        print(f"cannot be checked: {type(fault).__name__}: {fault}")
        sys.exit(2)
    print("it holds")
