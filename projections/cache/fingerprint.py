"""Names a cache entry by all that its content depends on."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from hoso.projections.cache.kinds import Kind

ROOT: Final = Path(__file__).parents[2]  # the folder of the package hoso
HEX_DIGITS: Final = 32


def fingerprint(kind: Kind, *basis: str) -> str:
    """The name of an entry of a kind: 32 hexadecimal digits.

    ``basis`` are texts for whatever else the content depends on, such as a policy or a time zone.
    The sources of the packages that make the kind are included: whoever changes a line there gets
    new names, and so new entries.
    """
    return digest(kind.name, sources(kind.made_by), *basis)


@cache
def sources(modules: tuple[str, ...]) -> str:
    """A digest of the source of every module named, and of all modules of every package named."""
    files = sorted({file for module in modules for file in source_files(module)})
    return digest(*(f"{file.relative_to(ROOT)}\n{_text(file)}" for file in files))


def source_files(module: str) -> Iterable[Path]:
    """The source files of a module of hoso, or of all modules below a package of hoso."""
    place = ROOT.joinpath(*module.split(".")[1:])
    return place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]


def digest(*texts: str) -> str:
    """A digest of some texts, in order: 32 hexadecimal digits."""
    hashed = hashlib.sha256()
    for text in texts:
        body = text.encode()
        hashed.update(b"%d:" % len(body) + body)  # the length, or "ab","c" would equal "a","bc"
    return hashed.hexdigest()[:HEX_DIGITS]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
