"""Columns that offices add to forms II.06a and 07a, 07b, 07c, where a folding says so.

They stand to the right of the form's own columns and change none of them. Dossiers taken in for
other bodies count for the office that took them in, so they are no part of what the form has as
received. The others are parts of the form's columns: overdue dossiers with and without an apology,
and what was stopped or withdrawn.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual, Column
from hoso.projections.reports.forms.folding import Added, Folding
from hoso.projections.reports.forms.headings import OPEN, OVERDUE, SETTLED

HEADING: Final = Bilingual("Cột cơ quan thêm", "Columns that offices add")
LATE_SETTLED: Final = Bilingual(f"{SETTLED.vi} quá hạn", f"{SETTLED.en} when {OVERDUE.en.lower()}")
LATE_OPEN: Final = Bilingual(f"{OPEN.vi} quá hạn", f"{OPEN.en}, {OVERDUE.en.lower()}")
WITH_APOLOGY: Final = Bilingual("Có xin lỗi", "With an apology")
WITHOUT_APOLOGY: Final = Bilingual("Không xin lỗi", "Without one")


class AddedColumn(NamedTuple):
    """A column: its key, its headings under HEADING, and what it counts: ``figures``, or of each
    account that the folding has in the column ``of`` the measure ``apology``."""

    key: str
    headings: tuple[Bilingual, ...]
    figures: tuple[str, ...] = ()
    of: str | None = None
    apology: str | None = None


ADDED_COLUMNS: Final[Mapping[Added, tuple[AddedColumn, ...]]] = {
    "taken_in": (
        AddedColumn(
            "taken_in",
            (Bilingual("Tiếp nhận thay cơ quan khác", "Taken in for other bodies"),),
            ("taken_in",),
        ),
    ),
    "apology": tuple(
        AddedColumn(f"{of}_{said}", (late, named), of=of, apology=said)
        for of, late in (("overdue", LATE_SETTLED), ("in_process_overdue", LATE_OPEN))
        for said, named in (("apologised", WITH_APOLOGY), ("unapologised", WITHOUT_APOLOGY))
    ),
    "stopped": (
        AddedColumn("stopped", (Bilingual("Dừng giải quyết", "Stopped"),), ("cancelled.voided",)),
    ),
    "withdrawn": (
        AddedColumn("withdrawn", (Bilingual("Rút", "Withdrawn"),), ("cancelled.withdrawn",)),
    ),
}


def added_columns(folding: Folding, form: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns that a folding adds to those of a form, numbered on from these."""
    return tuple(
        Column(column.key, (HEADING, *column.headings), "count", f"({number})")
        for number, column in enumerate(_added(folding), len(form) + 1)
    )


def added_figures(folding: Folding) -> dict[str, tuple[str, ...]]:
    """What each column that a folding adds counts, by the key of the column."""
    return {column.key: tuple(_figures(folding, column)) for column in _added(folding)}


def _added(folding: Folding) -> Iterator[AddedColumn]:
    return (column for name in folding.added for column in ADDED_COLUMNS[name])


def _figures(folding: Folding, column: AddedColumn) -> Iterator[str]:
    if column.of is None:
        yield from column.figures
        return
    for account in folding.accounts(column.of):
        yield f"{column.apology}.{account.removesuffix('.overdue')}"
