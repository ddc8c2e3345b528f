"""Makes a source of what a person wrote: a file, a store's address, an archive's folder, or
exported ledgers.

Each kind is a module of its own, loaded when it is asked for: so that an answer from kept balance
sheets starts as fast as what it needs can be loaded.
"""

from collections.abc import Sequence
from pathlib import Path

from hoso.domain.errors import UserError
from hoso.projections.federation import SUFFIX
from hoso.tools.sources.source import Options, Source


def open_source(names: Sequence[str], options: Options) -> Source:
    """The source that some names stand for; several are added up.

    A name is a file of JSON lines (``-``: standard input; ``.gz`` and ``.zst`` are unpacked), a
    store's address, an archive's folder, or an exported ledger (``.ledger``). Raises ``UserError``
    for a name that is none, and for sources that have a dossier in common.
    """
    if any(map(is_ledger, names)):
        return _exported(names, options)
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


def _exported(names: Sequence[str], options: Options) -> Source:
    if others := [name for name in names if not is_ledger(name)]:
        fault = f"exported ledgers add up with each other only; export that of {others[0]} as well"
        raise UserError(f"--source: {fault}: hoso ledger export --source {others[0]} --out …")
    if options.map_buckets is not None:
        raise UserError("--engine spark: folds archives; an exported ledger is folded already")
    from hoso.tools.sources.ledger import LedgerSource

    return LedgerSource(names)


def is_ledger(name: str) -> bool:
    """Whether a name is that of an exported ledger."""
    return name.endswith(SUFFIX) and not is_store(name)


def is_store(name: str) -> bool:
    """Whether a name is a store's address."""
    return "://" in name


def is_archive(name: str) -> bool:
    """Whether a name is that of a folder, which only an archive can be."""
    return bool(name) and not is_store(name) and Path(name).is_dir()
