"""Makes a source of what a person wrote: a file, a store's address, or an archive's folder.

Each kind is a module of its own, loaded when it is asked for: so that an answer from kept balance
sheets starts as fast as what it needs can be loaded.
"""

from collections.abc import Sequence
from pathlib import Path

from hoso.domain.errors import UserError
from hoso.tools.sources.source import Options, Source


def open_source(names: Sequence[str], options: Options) -> Source:
    """The source that some names stand for; several are added up.

    A name is a file of JSON lines (``-``: standard input; ``.gz`` and ``.zst`` are unpacked), a
    store's address, or an archive's folder. Raises ``UserError`` for a name that is none, and for
    sources that have a dossier in common.
    """
    sources = [_open(name, options) for name in names]
    if len(sources) == 1:
        return sources[0]
    from hoso.tools.sources.several import SeveralSources

    return SeveralSources(sources)


def _open(name: str, options: Options) -> Source:
    if not name:
        raise UserError("--source: is empty; name a file, - for standard input, or sqlite:///FILE")
    if is_archive(name):
        from hoso.tools.sources.archive import ArchiveSource

        return ArchiveSource(Path(name), options)
    if options.map_buckets is not None:
        fault = f"folds archives; make one of {name}: hoso archive --out DIR"
        raise UserError(f"--engine spark: {fault}")
    if is_store(name):
        from hoso.tools.sources.store import StoreSource

        return StoreSource(name, options)
    from hoso.tools.sources.file import FileSource

    return FileSource(name, options)


def is_store(name: str) -> bool:
    """Whether a name is a store's address."""
    return "://" in name


def is_archive(name: str) -> bool:
    """Whether a name is that of a folder, which only an archive can be."""
    return bool(name) and not is_store(name) and Path(name).is_dir()
