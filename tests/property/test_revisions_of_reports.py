"""Is every later difference in a released report explained exactly, scores and ranks included?"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Final

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.office import Office
from hoso.domain.windows import Window, period_before, same_period_last_year
from hoso.projections.documents.model import Document
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.releases.folder import CellPlace
from hoso.projections.releases.history import OWN_PARTS, Revised
from hoso.projections.releases.past import Past
from hoso.projections.releases.reports import Listed, Made, moved_cells
from hoso.projections.releases.revisions import Change, Moved, Part, Value, with_dossiers
from hoso.projections.reports.behind import Lists
from hoso.tools.jobs.report import KINDS
from tests.engine import LOCAL, Json, examples, log_of, office_in_law
from tests.filed import LEAST, checked_lives, filed
from tests.histories import (
    as_ofs_in_law,
    histories_in_law,
    laws,
    laws_as_of,
    noted,
    todays,
    windows_in_law,
)
from tests.model import PROVISIONS

ANY = st.one_of(noted(), noted(), histories_in_law())
REGIMES = laws().filter(lambda law: law.provisions is PROVISIONS)  # others have no duties
NO_AGENCIES: Final = AgencyRegistry()


class Story:
    """A history, what a release knew of it, the law then and now, and the report as released by a
    program that may have judged by other rules."""

    def __init__(
        self, name: str, log: pa.Table, past: Past, window: Window, offices: Sequence[Office]
    ) -> None:
        self.name, self.log, self.past, self.window = name, log, past, window
        self.then, self.now, older = offices
        self.released = self.report(past.of(log), older, past.as_of)

    def report(self, log: pa.Table, office: Office, as_of: datetime | None = None) -> Document:
        return filed(replay(log, office, as_of), self.window, LEAST, [self.name])[self.name]

    @cached_property
    def made(self) -> Made:
        return Made(
            values(self.released),
            self.report(self.past.of(self.log), self.then, self.past.as_of),
            self.report(self.log, self.then),
            self.report(self.log, self.now),
        )

    @cached_property
    def changes(self) -> list[Change]:
        revised = Revised(self.log, self.past, self.then, self.now)
        every = [self.window, period_before(self.window), same_period_last_year(self.window)]
        lists: dict[Part, Listed] = {}
        for part in OWN_PARTS:
            if sides := revised.sides(part, every):
                before, after = (self.lists(each) for each in sides)
                lists[part] = Listed(sides, before, after, every)
        moved = moved_cells(self.name, self.made, "vi", lists)
        return list(with_dossiers(moved, revised.causes_in(every)))

    def lists(self, ledger: Ledger) -> Lists:
        whole = replay(self.log if ledger.as_of is None else self.past.of(self.log), ledger.office,
                       ledger.as_of)  # fmt: skip
        integrity = checked_lives(whole, self.window, NO_AGENCIES).within(LEAST.scope, NO_AGENCIES)
        return Lists(ledger, lambda _: NO_AGENCIES, integrity)


@st.composite
def stories(draw: DrawFn) -> Story:
    events: list[Json] = draw(ANY)
    today = draw(todays(events))
    known_laws = [(law, draw(laws_as_of(law))) for law in (draw(REGIMES), draw(REGIMES))]
    then, other = (office_in_law(law, known, today) for law, known in known_laws)
    tonight = datetime.combine(today, time(23, 59, 59), LOCAL)  # a release is of no later instant
    as_of = min(draw(as_ofs_in_law(events)) or tonight, tonight)
    past = Past(draw(st.integers(0, len(events))), as_of)
    now, older = draw(st.sampled_from([then, other])), draw(st.sampled_from([then, then, other]))
    name, window = draw(st.sampled_from([*KINDS])), Window(*draw(windows_in_law(events)))
    return Story(name, log_of(events), past, window, (then, now, older))


def values(report: Document) -> dict[CellPlace, Value]:
    """The cells of a report as its JSON paper has them."""
    from json import loads

    from hoso.tools.output import Paper, printed

    document = loads(printed(report._replace(data=None), "vi", Paper.json), parse_float=Decimal)
    return {
        CellPlace(part["table"], row["key"], column): cell["value"]
        for part in document["parts"]
        for row in part.get("rows", ())
        for column, cell in row["cells"].items()
    }


def number(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def cell_of(change: Change) -> CellPlace:
    assert change.name.table is not None and change.name.place is not None  # noqa: PT018
    return CellPlace(change.name.table, *change.name.place)


@given(story=stories())
@examples(5)
def test_what_was_released_and_the_parts_are_what_is_reported_today(story: Story) -> None:
    then, known, now = (values(each) for each in story.made[1:])
    released, changes = values(story.released), {cell_of(each): each for each in story.changes}
    for place in {*released, *then, *known, *now}:
        moments = [each.get(place) for each in (released, then, known, now)]
        change = changes.get(place)
        if change is None:
            numbers = [number(each) for each in moments]
            assert len(set(numbers)) == 1, place
            continue
        assert (change.released, change.now) == (moments[0], moments[3])
        if change.difference is not None:
            r, a, b, c = map(number, moments)
            assert change.parts == {"data": b - a, "law": c - b, "program": a - r}
            assert change.difference == c - r
            assert sum(map(number, change.parts.values())) == change.difference


@given(story=stories())
@examples(5)
def test_the_dossiers_that_are_counted_add_up_to_the_part(story: Story) -> None:
    for change in story.changes:
        for part in OWN_PARTS:
            named = [moved for moved in change.dossiers if moved.part == part]
            if any(moved.net is not None for moved in named):
                assert sum(moved.net or 0 for moved in named) == change.parts[part]
            assert bool(named) == (change.parts[part] not in (0, None)), change.name


@given(data=st.data(), story=stories())
@examples(5)
def test_the_events_of_its_dossiers_are_all_that_a_part_needs(
    data: DataObject, story: Story
) -> None:
    moved = [change for change in story.changes if change.parts["data"] not in (0, None)]
    if not moved:
        return
    change = data.draw(st.sampled_from(moved))
    later = story.past.is_later(story.log)
    every = {*identities(story.log.filter(pa.array(later)))}
    only = without(story, every - events_of(change.dossiers))
    known, found = (values(each) for each in (story.made.known, story.report(only, story.then)))
    assert found.get(cell_of(change)) == known.get(cell_of(change)), change.name


def events_of(moved: Sequence[Moved]) -> set[tuple[str, str]]:
    return {(c.source, c.id) for each in moved if each.part == "data" for c in each.causes}


def identities(log: pa.Table) -> Iterator[tuple[str, str]]:
    return zip(log["source"].to_pylist(), log["id"].to_pylist(), strict=True)


def without(story: Story, left_out: Collection[tuple[str, str]]) -> pa.Table:
    """The log without some of the later events."""
    later = story.past.is_later(story.log)
    pairs = zip(identities(story.log), later, strict=True)
    return story.log.filter(pa.array([not is_l or i not in left_out for i, is_l in pairs]))
