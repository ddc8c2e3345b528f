"""Columns of report tables: counts of figures, and shares of other columns."""

from collections.abc import Sequence
from typing import NamedTuple

from hoso.projections.documents.model import Bilingual, Column, Count, Percentage, Place, Sum
from hoso.projections.documents.vocabulary import SHARES, TERMS, capitalised, headings, words
from hoso.projections.reports.basis.cube import Cube


class CountColumn(NamedTuple):
    """A column of counts.

    It adds up ``figures`` of the cube, of one ``channel`` if given, or else the columns ``parts``
    of its own table. ``width`` is in characters.
    """

    key: str
    headings: tuple[Bilingual, ...]
    figures: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    channel: str | None = None
    width: int = 11

    def counted(self, cube: Cube) -> Count:
        """What its figures count in a cube."""
        return (cube.only(channel=self.channel) if self.channel else cube).count(*self.figures)


def term_column(
    key: str, term: str, *, parts: tuple[str, ...] = (), width: int = 11
) -> CountColumn:
    """The column of a term of the vocabulary. It adds up the columns ``parts`` of its table if they
    are given, or else counts what the term counts."""
    _, counts, _, _, channel = TERMS[term]
    return CountColumn(key, headings(term), () if parts else counts, parts, channel, width)


class ShareColumn(NamedTuple):
    """A column of percentages: the column ``part`` as a share of the sum of the columns ``whole``,
    which ``of`` names."""

    key: str
    headings: tuple[Bilingual, ...]
    part: str
    whole: tuple[str, ...]
    of: Bilingual

    def cell(self, row: str) -> Percentage:
        """The cell of a row."""
        return Percentage(
            (Place(row, self.part),), tuple(Place(row, column) for column in self.whole), self.of
        )


def share_column(key: str, share: str, part: str, whole: tuple[str, ...]) -> ShareColumn:
    """The column of a share of the vocabulary: the column ``part`` of the columns ``whole``."""
    name, _, of, *_ = SHARES[share]
    return ShareColumn(key, (capitalised(name),), part, whole, words(of))


def document_column(column: CountColumn | ShareColumn) -> Column:
    """The column as documents have it."""
    if isinstance(column, ShareColumn):
        return Column(column.key, column.headings, "percent")
    return Column(column.key, column.headings, width=column.width)


def summed(counted: Count, column: str, addends: Sequence[str]) -> Count | Sum:
    """A cell that adds up the rows ``addends`` of a column; they have the dossiers that are
    ``counted``. The count itself where it has no data: a sum of no rows is 0."""
    if counted.number is None:
        return counted
    return Sum(tuple(Place(addend, column) for addend in addends), counted.behind)
