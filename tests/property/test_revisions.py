"""Is every later difference of a released figure explained exactly, down to events?"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents.figures import FIGURES, figure
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import ATTRIBUTIONS, statement, told_of
from hoso.projections.releases.behind import behind
from hoso.projections.releases.history import Revised
from hoso.projections.releases.past import Past
from hoso.projections.releases.program import of_program
from hoso.projections.releases.revisions import PARTS, Change, Moved
from hoso.projections.releases.statement import Question, revisions
from tests.engine import LOCAL, Json, examples, log_of, office_in_law
from tests.histories import (
    as_ofs_in_law,
    histories,
    histories_in_law,
    laws,
    laws_as_of,
    todays,
    windows_in_law,
)

ANY = st.one_of(histories(), histories_in_law())
NO_SLICES: list[str] = []
BY = st.one_of(
    st.just(NO_SLICES),
    st.sampled_from([["agency"], ["agency", "field"], ["level"]]),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2),
)


class Story(NamedTuple):
    """A history, what a release knew of it, the law then and now, and the statement as released by
    a program that may have judged by other rules."""

    log: pa.Table
    past: Past
    then: Office
    now: Office
    question: Question
    released: Json
    kept: pa.Table | None = None

    def changes(self) -> list[Change]:
        revised = Revised(self.log, self.past, self.then, self.now)
        now = self.of(self.log, self.now)
        return revisions(
            revised,
            self.question,
            self.released,
            now,
            lambda: of_program(revised.ledger_then, self.question, self.kept, hashes),
        )

    def behind(self, office: Office) -> pa.Table:
        """What a release by an office keeps of the dossiers behind its figures."""
        ledger = replay(self.past.of(self.log), office, self.past.as_of)
        window, by, attribution, _ = self.question
        return behind(ledger, window, by, attribution, hashes)

    def of(self, log: pa.Table, office: Office, as_of: datetime | None = None) -> Json:
        window, by, attribution, _ = self.question
        return statement(replay(log, office, as_of), window, by, attribution)

    def as_of_then(self) -> Json:
        return self.of(self.past.of(self.log), self.then, self.past.as_of)

    def is_over(self) -> bool:
        """Whether the window was over when the release was made, or nothing has been told since."""
        then = told_of(self.question.window, self.then, self.past.as_of)
        return then == told_of(self.question.window, self.now, None)


@st.composite
def stories(draw: DrawFn) -> Story:
    events = draw(ANY)
    log = log_of(events)
    today = draw(todays(events))
    offices = [
        office_in_law(law, draw(laws_as_of(law)), today) for law in (draw(laws()), draw(laws()))
    ]
    then = offices[0]
    now = draw(st.sampled_from(offices))
    tonight = datetime.combine(today, time(23, 59, 59), LOCAL)  # a release is of no later instant
    as_of = min(draw(as_ofs_in_law(events)) or tonight, tonight)
    past = Past(draw(st.integers(0, len(events))), as_of)
    question = Question(
        Window(*draw(windows_in_law(events))), draw(BY), draw(st.sampled_from(ATTRIBUTIONS))
    )
    story = Story(log, past, then, now, question, {})
    older = draw(st.sampled_from([then, then, office_in_law(draw(laws()), None, today)]))
    released = story.of(past.of(log), older, past.as_of)
    return story._replace(released=released, kept=story.behind(older))


def hashes(_kind: str, texts: Sequence[str]) -> bytes:
    return b"".join(sha256(text.encode()).digest()[:8] for text in texts)


def cells(stated: Json) -> dict[tuple[tuple[str | None, ...], str], int]:
    """The figures of a statement by slice and name; the total has no slice."""
    lines = [(tuple(line["slice"].values()), line) for line in stated["lines"] if stated["by"]]
    named = [*lines, ((), stated["total"])]
    return {(slice_, name): figure(line, name) for slice_, line in named for name in FIGURES}


def key(change: Change) -> tuple[tuple[str | None, ...], str]:
    return tuple(value for _, value in change.name.slice), change.name.figure


@given(story=stories())
@examples(12)
def test_what_was_released_and_the_parts_are_what_is_stated_today(story: Story) -> None:
    now, released = cells(story.of(story.log, story.now)), cells(story.released)
    then, known = cells(story.as_of_then()), cells(story.of(story.log, story.then))
    changes = {key(change): change for change in story.changes()}
    for name in {*now, *released, *then, *known}:
        r, a, b, c = (each.get(name, 0) for each in (released, then, known, now))
        if (b - a, c - b, a - r) == (0, 0, 0):
            assert name not in changes
            continue
        change = changes.pop(name)
        assert (change.released, change.now, change.difference) == (r, c, c - r)
        assert change.parts == {"data": b - a, "law": c - b, "program": a - r}
    assert not changes


@given(story=stories())
@examples(12)
def test_the_dossiers_of_a_part_add_up_to_it(story: Story) -> None:
    for change in story.changes():
        for part in PARTS:
            named = [moved for moved in change.dossiers if moved.part == part]
            assert sum(moved.net or 0 for moved in named) == change.parts[part]
            assert part == "program" or all(moved.causes for moved in named)


@given(story=stories())
@examples(12)
def test_without_its_events_what_a_dossier_moved_goes_away(story: Story) -> None:
    if not story.is_over():
        return
    known = cells(story.of(story.log, story.then))
    for change in story.changes():
        for moved in of_data(change):
            less = cells(story.of(without(story, events_of([moved])), story.then))
            assert known.get(key(change), 0) - less.get(key(change), 0) == moved.net


@given(story=stories())
@examples(12)
def test_the_events_of_its_dossiers_are_all_that_a_part_needs(story: Story) -> None:
    if not story.is_over():
        return
    then = cells(story.as_of_then())
    for change in story.changes():
        named = events_of(of_data(change))
        every = {*identities(story.log.filter(pa.array(story.past.is_later(story.log))))}
        only = cells(story.of(without(story, every - named), story.then))
        assert only.get(key(change), 0) - then.get(key(change), 0) == change.parts["data"]


@given(data=st.data(), story=stories())
@examples(12)
def test_without_a_dossier_what_the_law_moved_of_it_goes_away(
    data: DataObject, story: Story
) -> None:
    keys = story.log["event"].to_pylist()
    moved_by_law = [(c, m) for c in story.changes() for m in c.dossiers if m.part == "law"]
    # With twins, another dossier's event may count in the place of one that is left out.
    if len(set(keys)) < len(keys) or not moved_by_law:
        return
    change, moved = data.draw(st.sampled_from(moved_by_law))
    codes = np.array(story.log["dossier"].to_pylist())
    others = story.log.filter(pa.array(codes != moved.dossier))
    before, after = (cells(story.of(others, office)) for office in (story.then, story.now))
    rest = after.get(key(change), 0) - before.get(key(change), 0)
    assert rest + (moved.net or 0) == change.parts["law"]


def of_data(change: Change) -> list[Moved]:
    return [moved for moved in change.dossiers if moved.part == "data"]


def events_of(moved: Sequence[Moved]) -> set[tuple[str, str]]:
    return {(cause.source, cause.id) for each in moved for cause in each.causes}


def identities(log: pa.Table) -> Iterator[tuple[str, str]]:
    return zip(log["source"].to_pylist(), log["id"].to_pylist(), strict=True)


def without(story: Story, left_out: Collection[tuple[str, str]]) -> pa.Table:
    """The log without some of the later events."""
    later = story.past.is_later(story.log)
    kept = [
        not is_later or identity not in left_out
        for identity, is_later in zip(identities(story.log), later, strict=True)
    ]
    return story.log.filter(pa.array(kept, pa.bool_()))
