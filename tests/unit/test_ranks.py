"""How many bodies have each rank: in the quarterly report, by the scorecard and by the index."""

from collections import Counter
from datetime import date

from hoso.domain.windows import Window
from hoso.projections.documents.model import Document, Value
from tests.engine import ledger_of
from tests.filed import filed, row_of, table_of
from tests.told import received, resolved

MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
# Of the communes x1 and x2, only the first resolves in time; x3 had its dossiers before. The
# department answers everything in time.
LIVES = [
    *(
        event
        for agency, level, day in (
            ("x1", "commune", "2023-03-06"),
            ("x2", "commune", "2023-03-27"),
            ("so", "province", "2023-03-07"),
        )
        for event in (
            received("2023-03-01", 5, code=f"D-{agency}", agency=agency, level=level),
            resolved(day, code=f"D-{agency}"),
        )
    ),
    received("2023-02-01", 5, code="D-x3", agency="x3", level="commune"),
    resolved("2023-02-03", code="D-x3"),
]


def ranks_of(report: Document, table: str, level: str) -> Counter[Value]:
    """The ranks of the bodies of a level, as the table of the bodies has them."""
    keys = [row.key for row in table_of(report, table).rows if row.key.startswith(f"{level}/")]
    return Counter(str(row_of(report, table, key)["rank"]) for key in keys)


def test_the_quarterly_report_counts_the_bodies_of_each_rank_by_scorecard_and_index() -> None:
    reports = filed(ledger_of(LIVES), MARCH)
    for table, report, scores in (
        ("ranks", "scorecard", "scorecard"),
        ("index_ranks", "index766", "index766"),
    ):
        counted = table_of(reports["quarterly"], table)
        names = {column.key: column.headings[0] for column in counted.columns}
        for level in ("province", "commune"):
            row = row_of(reports["quarterly"], table, level)
            ranks = ranks_of(reports[report], scores, level)
            assert row["bodies"] == sum(ranks.values())
            assert row["unranked"] == ranks["–"]
            for key, name in names.items():
                if key.startswith("rank."):
                    assert row[key] == ranks[str(name)], (table, level, name)
        assert "xuất sắc" in counted.notes[0].vi.lower()


def test_each_table_of_ranks_names_by_what_bodies_are_ranked() -> None:
    quarterly = filed(ledger_of(LIVES), MARCH)["quarterly"]
    titles = [table_of(quarterly, key).title.vi for key in ("ranks", "index_ranks")]
    assert all(title.startswith("Số cơ quan theo xếp loại: ") for title in titles)
    assert titles[0] != titles[1]
