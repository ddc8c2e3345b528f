"""Properties of explanations: they have the moves of the journal, and no others."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.accounts import OUTSIDE
from hoso.domain.calendar import day_number
from hoso.projections.ledger.explain import Step, explain
from hoso.projections.ledger.ledger import Ledger
from tests.engine import Json, examples, ledger_of
from tests.histories import as_ofs, histories, policies, standstills
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
IN_THE_END = day_number(datetime(2199, 12, 31, tzinfo=UTC).date())


@given(data=st.data(), events=ANY, rules=policies())
@examples(120)
def test_the_moves_told_are_the_moves_posted(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    ledger = ledger_of(events, rules, data.draw(as_ofs(events)))
    for number, code in known_dossiers(ledger):
        steps = explain(ledger, code, IN_THE_END)
        assert moves_told(steps) == moves_posted(ledger, number)


@given(data=st.data(), events=ANY, rules=policies())
@examples(120)
def test_what_is_told_to_be_in_suspense_is(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    ledger = ledger_of(events, rules, data.draw(as_ofs(events)))
    suspense = ledger.folded.suspense
    for number, code in known_dossiers(ledger):
        told = [step.day for step in explain(ledger, code, IN_THE_END) if step.suspense]
        assert sorted(told) == sorted(suspense.day[suspense.dossier == number].tolist())


@given(events=ANY, rules=policies())
@examples(60)
def test_every_step_that_decides_something_names_its_rule(events: list[Json], rules: Rules) -> None:
    ledger = ledger_of(events, rules)
    for _, code in known_dossiers(ledger):
        for step in explain(ledger, code, IN_THE_END):
            assert all(step.effect)
            assert step.law or "taken back" in step.effect.en


def known_dossiers(ledger: Ledger) -> list[tuple[int, str]]:
    """The dossiers of which something had been recorded, each behind its number."""
    seen = {*ledger.folded.journal.dossier.tolist(), *ledger.folded.suspense.dossier.tolist()}
    codes = ledger.log["dossier"].combine_chunks().dictionary.to_pylist()
    return [(number, codes[number]) for number in sorted(seen)]


def moves_told(steps: list[Step]) -> list[tuple[int, int, int]]:
    """Day, account left and account entered of each step that moved the dossier."""
    moves, held = [], OUTSIDE
    for step in steps:
        if step.account != held:
            moves.append((step.day, held, step.account))
            held = step.account
    return moves


def moves_posted(ledger: Ledger, number: int) -> list[tuple[int, int, int]]:
    """The same from the journal, up to what the explanation has seen."""
    journal = ledger.folded.journal
    mine = journal.dossier == number
    lines = zip(*(column[mine].tolist() for column in journal[2:]), strict=True)
    return [(day, out, into) for day, out, into in lines if day <= IN_THE_END]
