"""Tables of how many bodies of each level have each rank (số cơ quan theo xếp loại)."""

from collections.abc import Sequence
from typing import Final

from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Column,
    Count,
    Row,
    Table,
    Words,
)
from hoso.projections.reports.basis.bodies import LEVEL_NAMES, LevelBodies
from hoso.projections.reports.evaluation.profiles import Ranking

LEVEL_COLUMN: Final = Column("level", (Bilingual("Cấp", "Level"),), "text", width=20)
BODIES_BY_RANK: Final = Bilingual("Số cơ quan theo xếp loại", "Bodies by rank")


def rank_table(
    key: str,
    scored_by: Bilingual,
    levels: Sequence[LevelBodies],
    scores: Table,
    ranking: Ranking,
) -> Table:
    """How many bodies of each level have each rank.

    ``scores`` has the row of each body (``bodies.ranked_rows``) with its ``rank``; ``scored_by`` is
    the name of what they are scored by.
    """
    names = [rank.name for rank in ranking.ranks]
    columns = (
        LEVEL_COLUMN,
        Column("bodies", (Bilingual("Số cơ quan", "Bodies"),)),
        *(Column(f"rank.{n}", (name,)) for n, name in enumerate(names)),
        Column("unranked", (Bilingual("Không xếp loại", "No rank"),)),
    )
    rows = []
    for level, bodies in levels:
        ranks = [row.cells["rank"] for row in scores.rows if row.key.startswith(f"{level}/")]
        counts = {f"rank.{n}": Count(ranks.count(Words(name))) for n, name in enumerate(names)}
        others = {"bodies": Count(len(bodies)), "unranked": Count(ranks.count(Words(NO_DATA)))}
        rows.append(Row(str(level), {"level": Words(LEVEL_NAMES[level]), **others, **counts}))
    title = Bilingual(
        f"{BODIES_BY_RANK.vi}: {scored_by.vi}", f"{BODIES_BY_RANK.en}: {scored_by.en}"
    )
    return Table(key, title, columns, tuple(rows), (ranking.note(),))
