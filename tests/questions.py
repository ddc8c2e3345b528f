"""Questions to the engine and to the model, and how tests read the statements they get.

A question is all that a statement is asked with, besides the window and the slices: a law, the day
on which it is known, an as-of instant, and today.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from hoso.domain.office import Office
from hoso.projections.ledger.ledger import Ledger, replay
from tests import model
from tests.engine import (
    LOCAL,
    Json,
    accounts_in_law,
    day_of,
    is_working,
    log_of,
    office_in_law,
    stated,
)
from tests.histories import as_ofs_in_law, laws, laws_as_of, todays
from tests.model import Law

Window = tuple[date, date]
By = tuple[str, ...]
Slice = tuple[str | None, ...]

ONE_DAY = timedelta(days=1)
MONTHS = timedelta(days=100)
IN_FORCE = Law()
BY = st.one_of(
    st.sampled_from([("agency",), ("agency", "level"), ("field",), ("received_at",), ()]),
    st.lists(st.sampled_from(model.DIMENSIONS), unique=True, max_size=3).map(tuple),
)


@dataclass(frozen=True)
class Asked:
    """All that a statement is asked with, besides the window and the slices."""

    law: Law = IN_FORCE
    law_as_of: date | None = None
    as_of: datetime | None = None
    today: date | None = None

    def office(self) -> Office:
        """The office that is asked."""
        return office_in_law(self.law, self.law_as_of, self.today)

    def ledger(self, events: Sequence[Json]) -> Ledger:
        """The engine's ledger."""
        return replay(log_of(events), self.office(), self.as_of)

    def statement(
        self, events: Sequence[Json], window: Window, by: By = (), attribution: str = "held"
    ) -> Json:
        """What the engine states."""
        return stated(events, window, by, attribution=attribution, **vars(self))

    def accounts(self, events: Sequence[Json], days: Iterable[date]) -> dict[date, dict[str, str]]:
        """Where the engine puts each dossier on each of the days."""
        return accounts_in_law(events, days, **vars(self))

    def modelled(self, events: Sequence[Json], window: Window, by: By, attribution: str) -> Json:
        """What the model states."""
        return model.statement(
            model.as_recorded(events),
            window,
            by=by,
            attribution=attribution,
            is_working=is_working,
            zone=LOCAL,
            **vars(self),
        )

    def modelled_accounts(
        self, events: Sequence[Json], days: Iterable[date]
    ) -> dict[date, dict[str, str]]:
        """Where the model puts each dossier on each of the days."""
        log = model.as_recorded(events)
        return {
            day: model.accounts_on(log, day, is_working=is_working, zone=LOCAL, **vars(self))
            for day in days
        }

    def modelled_register(self, events: Sequence[Json], day: date) -> list[Json]:
        """The rows of the model's register at the end of a day, dossier by dossier."""
        log = model.as_recorded(events)
        rows = model.register(log, day, is_working=is_working, zone=LOCAL, **vars(self))
        return [rows[code] for code in sorted(rows)]

    def days_of_interest(self, events: Sequence[Json]) -> list[date]:
        """Each day on which something occurred, was due, or turned overdue by the model."""
        due = model.due_days(
            model.as_recorded(events),
            law=self.law,
            law_as_of=self.law_as_of,
            as_of=self.as_of,
            is_working=is_working,
            zone=LOCAL,
        )
        days = {day_of(event) for event in events} | due | {day + ONE_DAY for day in due}
        return sorted(days | {max(days) + MONTHS})


@st.composite
def asked(draw: DrawFn, events: Sequence[Json]) -> Asked:
    """A law, the day on which it is known, an as-of instant, and the day of the question."""
    law = draw(laws())
    return Asked(law, draw(laws_as_of(law)), draw(as_ofs_in_law(events)), draw(todays(events)))


def leaves(figures: Json) -> dict[str, int]:
    """Every number of a line by its name: ``resolved.early``."""
    return dict(_leaves(figures))


def _leaves(figures: Json) -> Iterator[tuple[str, int]]:
    for name, value in figures.items():
        if isinstance(value, int):
            yield name, value
        elif name != "slice":
            yield from ((f"{name}.{part}", number) for part, number in value.items())


def by_slice(document: Json) -> dict[Slice, dict[str, int]]:
    """The numbers of every line, by its slice."""
    return {tuple(line["slice"].values()): leaves(line) for line in document["lines"]}


def recorded(event: Json) -> datetime:
    """The instant at which an event counts as recorded."""
    text: str = event["recordedtime"] if "recordedtime" in event else event["time"]
    return datetime.fromisoformat(text)
