"""What falls due as the entries of a calendar: one for each day, with how many dossiers and where.

The entry of the day itself is always there; it also counts what is overdue or held up. No entry
names a dossier: calendars are shown on telephones and shared.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from hoso.domain.calendar import date_of
from hoso.projections.documents.due import (
    FALLS_DUE,
    GROUP_NAMES,
    HELD_UP,
    OVERDUE,
    TITLE,
    agency_in_words,
    due_days,
    name_of,
)
from hoso.projections.documents.model import Bilingual, counted, same
from hoso.projections.ledger.balances import slice_order
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.due import NOTICE
from hoso.projections.ledger.register import Moment

Listed = Mapping[str, Any]  # a row of ``ledger.due.SCHEMA``


class Entry(NamedTuple):
    """What a calendar says of a day: in one line, and in some more."""

    day: date
    summary: Bilingual
    lines: tuple[Bilingual, ...]


class DayCalendar(NamedTuple):
    """A calendar: its name, and one entry at most for each day."""

    name: Bilingual
    entries: tuple[Entry, ...]


def calendar(
    rows: Sequence[Listed], moment: Moment, selected: DossierFilter = EVERY_DOSSIER
) -> DayCalendar:
    """The calendar of a list of what falls due; ``selected`` says whose dossiers they are, and what
    agencies are called."""
    today, name = date_of(moment.day), TITLE
    if selected.under is not None:
        body = name_of(selected.under, selected)
        name = Bilingual(f"{TITLE.vi}: {body}", f"{TITLE.en}: {body}")
    by_day: dict[date, list[Listed]] = {day: [] for day in sorted({today, *due_days(rows)})}
    for row in rows:
        by_day[row["due"] if row["group"] == FALLS_DUE else today].append(row)
    notices = sum(row["waits_for"] == NOTICE for row in rows)
    entries = (
        _entry(day, of_day, selected, is_today=day == today, notices=notices if day == today else 0)
        for day, of_day in by_day.items()
    )
    return DayCalendar(name, tuple(entries))


def _entry(
    day: date, rows: Sequence[Listed], selected: DossierFilter, *, is_today: bool, notices: int
) -> Entry:
    """The entry of a day on which some dossiers fall due; today also what needs attention, and how
    many new appointments must be announced."""
    groups = Counter(row["group"] for row in rows)
    told = [(groups[FALLS_DUE], "hồ sơ đến hạn", "due")]
    if is_today:
        held_up = sum(groups[name] for name in HELD_UP)
        told += [(groups[OVERDUE], "đã quá hạn", "overdue"), (held_up, "vướng mắc", "held up")]
    words = [counted(number, vi, en) for number, vi, en in told]
    summary = Bilingual("; ".join(w.vi for w in words), "; ".join(w.en for w in words))
    return Entry(day, summary, (*_lines(rows, selected), *_notices(notices)))


def _lines(rows: Sequence[Listed], selected: DossierFilter) -> Iterator[Bilingual]:
    """How many dossiers each agency has, group by group."""
    for group, name in GROUP_NAMES.items():
        agencies = Counter(row["agency"] for row in rows if row["group"] == group)
        if agencies:
            yield name
            for agency in sorted(agencies, key=lambda code: slice_order((code,))):
                yield same(f"• {agency_in_words(agency, selected)}: {agencies[agency]}")


def _notices(number: int) -> Iterator[Bilingual]:
    """How many new appointments must be announced today, if any."""
    if number:
        yield Bilingual(
            f"Nếu không kịp, phải thông báo hẹn lại ngay hôm nay: {number}",
            f"Notice of a new appointment today, if they cannot be done in time: {number}",
        )
