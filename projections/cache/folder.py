"""What is kept on disk from one run to the next, because it takes long to make? Bytes, under names.

A name tells of all that they depend on. What is kept is never needed: where it is missing or
damaged, or there is nowhere to keep it, it is made anew.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from xxhash import xxh3_64_digest

SUM_BYTES: Final = 8
CODE, HOLIDAYS = "code", "holidays"  # kinds


def kept(kind: str, basis: str, make: Callable[[], bytes]) -> bytes:
    """What is kept of a kind on some basis; made, and kept from now on, where it is not there."""
    there = folder()
    if there is None:
        return make()
    place = there / f"{kind}-{fingerprint(basis)}"
    body = _read(place)
    if body is None:
        body = make()
        _write(place, body)
    return body


def has(kind: str) -> bool:
    """Whether anything of a kind is kept."""
    there = folder()
    return there is not None and any(there.glob(f"{kind}-*"))


def folder() -> Path | None:
    """Where it is kept: ``$XDG_CACHE_HOME/hoso/made``, or in ``~/.cache``; None for a user who has
    no home."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    return Path(home) / "hoso" / "made"


def fingerprint(*parts: str) -> str:
    """What stands for some texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def source_of(module: str) -> str:
    """The source of a module, for what depends on it; it need not be loaded for that."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


def sealed(body: bytes) -> bytes:
    """Bytes, and behind them what they sum up to."""
    return body + xxh3_64_digest(body)


def unsealed(whole: bytes) -> bytes | None:
    """The bytes that were sealed; None where they have changed."""
    body, summed_up = whole[:-SUM_BYTES], whole[-SUM_BYTES:]
    return body if xxh3_64_digest(body) == summed_up else None


def _read(place: Path) -> bytes | None:
    try:
        return unsealed(place.read_bytes())
    except OSError:
        return None


def _write(place: Path, body: bytes) -> None:
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(sealed(body))
        fresh.replace(place)
