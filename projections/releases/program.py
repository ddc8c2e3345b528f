"""Which dossiers another version of the program counts otherwise, without that version.

A release keeps a keyed hash of each dossier behind each figure (``behind``). Today's program says
the same of the events and the law of then; what is on one side only is the part of the program.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.projections.documents.comparison import ASKED
from hoso.projections.documents.figures import FIGURES
from hoso.projections.documents.statement import SUMS
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.merkle.leaf import CodeHashes
from hoso.projections.releases.behind import HASH, behind
from hoso.projections.releases.statement import Contributions, Question


def of_program(
    then: Ledger, asked: Question, released: pa.Table, code_hashes: CodeHashes
) -> Contributions:
    """By how much each dossier moves each figure of a statement of all dossiers: ``released`` are
    the rows behind it as released, ``then`` is what today's program makes of the same."""
    today = behind(then, asked.window, asked.by, asked.attribution, code_hashes)
    found: dict[tuple[Slice | None, str], dict[str, int]] = {}
    for row in _differing(today, released, _codes(then.log, code_hashes)):
        slice_ = tuple(row[name] for name in asked.by)
        for name in _sums_with(row["figure"]):
            for place in dict.fromkeys([slice_ if asked.by else None, None]):
                nets = found.setdefault((place, ASKED[name]), {})
                nets[row["code"]] = nets.get(row["code"], 0) + row["net"]
    return {key: {c: net for c, net in nets.items() if net} for key, nets in found.items()}


def _differing(
    today: pa.Table, released: pa.Table, codes: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    """The rows that one side has more often, with the dossier's code and by how much more often
    today has them."""
    sides = [
        side.set_column(0, "figure", side["figure"].cast(pa.string())).append_column(
            "net", pa.array(np.full(len(side), sign))
        )
        for side, sign in ((today, 1), (released, -1))
    ]
    keys = today.column_names
    texts = pa.schema(
        [(name, pa.uint64() if name == "dossier" else pa.string()) for name in keys]
    ).append(pa.field("net", pa.int64()))
    both = pa.concat_tables([side.cast(texts) for side in sides])
    summed = both.group_by(keys).aggregate([("net", "sum")])
    for row in summed.filter(pc.not_equal(summed["net_sum"], 0)).to_pylist():
        if (code := codes.get(row["dossier"])) is not None:
            yield {**row, "code": code, "net": row["net_sum"]}


def _codes(log: pa.Table, code_hashes: CodeHashes) -> dict[int, str]:
    """The codes of a log's dossiers by their hashes."""
    codes = log["dossier"].combine_chunks().dictionary.to_pylist()
    hashes = np.frombuffer(code_hashes("dossier", codes), HASH)
    return dict(zip(hashes.tolist(), codes, strict=True))


@cache
def _sums_with(figure: str) -> tuple[str, ...]:
    """The figures of a statement that a figure is a part of, with itself."""
    return tuple(name for name in FIGURES if figure in _parts(name))


def _parts(name: str) -> set[str]:
    if name not in SUMS:
        return {name}
    return {part for each in SUMS[name] for part in _parts(each)}
