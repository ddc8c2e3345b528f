"""The figures that a block of a published report may give, and the terms that they are.

What they are called and what they count, the vocabulary says (``documents.vocabulary``).
"""

from collections.abc import Mapping
from typing import Final

from hoso.projections.documents.model import Bilingual
from hoso.projections.documents.vocabulary import TERMS, words
from hoso.projections.reports.basis.cube import accounts_of

TERM_OF: Final[Mapping[str, str]] = {
    "total": "total",
    "carried_over": "carried_over",
    "received": "received",
    "resolved": "resolved.total",
    "early": "resolved.early",
    "on_time": "resolved.on_time",
    "early_and_on_time": "resolved.in_time",
    "overdue": "resolved.overdue",
    "in_progress": "in_progress.total",
    "in_progress_in_time": "in_progress.in_time",
    "in_progress_overdue": "in_progress.overdue",
    "paused_or_awaiting_supplement": "standing",
    "returned": "returned.total",
    "cancelled_or_withdrawn": "cancelled.total",
    "online": "total.online",
}
FIGURE_NAMES: Final[Mapping[str, Bilingual]] = {
    figure: words(term) for figure, term in TERM_OF.items()
}
# The figures of a statement that a figure of a report adds up; ``online`` is of one channel.
STATEMENT_FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    figure: accounts_of(TERMS[term].counts) for figure, term in TERM_OF.items()
}
