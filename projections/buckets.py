"""What are the events of an archive's bucket, dossier by dossier, and how does each count?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from domain import history
from projections.archive import ORDERED_BY, READ_AT_ONCE, Bucket, File, life_order, read
from projections.columns import integers
from projections.entangled import Judged
from projections.lives import Verdicts, instant

UNKNOWN: Final = -1  # the verdict on an event that was not recorded yet


class Known(NamedTuple):
    """What is known of an archive at ``as_of`` (None: all of it): how its events count that cannot
    be judged by themselves, file by file."""

    folder: Path
    as_of: datetime | None
    judged: Mapping[str, Judged]


def events(known: Known, bucket: Bucket, columns: Sequence[str] = ()) -> pa.Table:
    """A bucket's events in the order of each life: READ_AT_ONCE, some columns, and ``verdict``
    (``domain.history``, or UNKNOWN).

    Raises as ``archive.read``.
    """
    several = len(bucket.files) > 1
    wanted = {*READ_AT_ONCE, *columns, *(ORDERED_BY if several else ())}
    if known.as_of is not None:
        wanted.add("recorded")
    tables = [_with_verdicts(known, file, sorted(wanted)) for file in bucket.files]
    whole = pa.concat_tables(tables).unify_dictionaries()
    return whole.take(pa.array(life_order(whole))) if several else whole


def _with_verdicts(known: Known, file: File, columns: Sequence[str]) -> pa.Table:
    table = read(known.folder, [file], columns)
    return table.append_column("verdict", pa.array(_verdicts(known, file, table)))


def _verdicts(known: Known, file: File, table: pa.Table) -> Verdicts:
    verdict = np.full(len(table), history.COUNTS, np.int8)
    if judged := known.judged.get(file.name):
        verdict[judged.row] = judged.verdict
    if known.as_of is not None:
        verdict[integers(table["recorded"]) > instant(known.as_of)] = UNKNOWN
    return verdict
