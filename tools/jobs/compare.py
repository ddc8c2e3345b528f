"""Compares two sides of a history."""

from collections.abc import Sequence

from hoso.projections.documents import comparison as documents
from hoso.projections.documents.model import Document
from hoso.projections.ledger.comparison import Side, compare, differing
from hoso.tools.jobs.sides import AskedSide
from hoso.tools.sources.source import Source


def compared(
    source: Source,
    sides: tuple[AskedSide, AskedSide],
    figures: Sequence[str],
    by: Sequence[str],
    attribution: str,
    ask: tuple[str, ...],
) -> Document:
    """Two sides figure by figure; or, where ``figures`` are named, the dossiers that these count on
    one side only.

    ``ask`` is how other commands read the same history, without as-of instant and law.
    """
    own, other = sides
    ledger = source.ledger(own.office, own.as_of)
    is_same = (own.office.policy, own.as_of) == (other.office.policy, other.as_of)
    against = ledger if is_same else source.ledger(other.office, other.as_of)
    a = Side(ledger, own.window, own.selected, attribution)
    b = Side(against, other.window, other.selected, attribution)
    if figures:
        return documents.dossiers(a, b, differing(a, b, figures, by), figures, by, ask)
    found = compare(a, b, [*documents.ASKED.values()], by)
    return documents.document(a, b, found, ask)
