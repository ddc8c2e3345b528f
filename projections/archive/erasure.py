"""Puts pseudonyms in the place of codes that were erased from the log of an archive.

The store of the log knows the pseudonyms, not the codes. So each text of the archive is looked up.
The dossiers that are renamed get other keys, and may move to other buckets.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa

from hoso.projections.archive.files import ARCHIVED
from hoso.projections.archive.manifest import Manifest
from hoso.projections.archive.writer import rewrite
from hoso.projections.log.schema import dossier_key, event_key

Kind = Literal["dossier", "official", "id"]
PseudonymOf = Callable[[Kind, str], str | None]
RENAMED: Final[dict[str, Kind]] = {
    "dossier": "dossier",
    "replaced_by": "dossier",
    "official": "official",
    "id": "id",
    "annuls": "id",
}
KEYS: Final = {"event": "id", "annulled": "annuls"}  # columns that stand for (source, id)


def rename(
    folder: Path, manifest: Manifest, pseudonym_of: PseudonymOf, erasures: int, last_event: int
) -> Manifest:
    """Rename in an archive what was erased from its log; returns the new manifest.

    ``erasures`` is how many codes were erased from the log, ``last_event`` the key of the log's
    event at the archive's position. Raises ``ArchiveError``, with the archive as it was, if that
    is not the archive's event.
    """
    return rewrite(
        folder, manifest, lambda table: renamed(table, pseudonym_of), erasures, last_event
    )


def renamed(table: pa.Table, pseudonym_of: PseudonymOf) -> pa.Table | None:
    """The rows of a file (``files.ARCHIVED``) with pseudonyms; None if nothing changes."""
    texts = {name: table[name].to_pylist() for name in RENAMED}
    changed = {name: _rename(texts[name], kind, pseudonym_of) for name, kind in RENAMED.items()}
    if not any(changed.values()):
        return None
    columns = {name: texts[name] for name, rows in changed.items() if rows}
    key, source = table["key"].to_pylist(), table["source"].to_pylist()
    for row in changed["dossier"]:
        key[row] = dossier_key(texts["dossier"][row])
    columns["key"] = key
    for name, text in KEYS.items():
        columns[name] = table[name].to_pylist()
        for row in changed[text]:
            columns[name][row] = event_key(source[row], texts[text][row])
    for name, values in columns.items():
        field = ARCHIVED.field(name)
        column = pa.array(values, pa.string() if name == "official" else field.type)
        table = table.set_column(table.schema.get_field_index(name), field, column.cast(field.type))
    return table


def _rename(texts: list[str | None], kind: Kind, pseudonym_of: PseudonymOf) -> list[int]:
    """Rename some texts in place; returns the rows that changed."""
    names = {text: pseudonym_of(kind, text) for text in {*texts} if text is not None}
    rows = [row for row, text in enumerate(texts) if text is not None and names[text] is not None]
    for row in rows:
        texts[row] = names[texts[row] or ""]
    return rows
