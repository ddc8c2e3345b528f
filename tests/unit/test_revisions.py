"""Is each part of a revision told with its dossiers, and with what made it so?"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from hoso.domain.windows import Window
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.statement import statement
from hoso.projections.releases.behind import behind
from hoso.projections.releases.history import Revised
from hoso.projections.releases.past import Past
from hoso.projections.releases.program import of_program
from hoso.projections.releases.revisions import Change
from hoso.projections.releases.statement import Question, revisions
from tests.engine import LOCAL, Json, log_of, office_in_law
from tests.model import Law
from tests.told import received, resolved, said

MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
APRIL = datetime(2023, 4, 10, tzinfo=LOCAL)
TODAY = date(2023, 6, 1)
ONE_REQUEST = [
    received("2023-03-01", 10, code="A"),
    said("supplement_requested", "2023-03-02", code="A"),
    said("supplemented", "2023-03-03", code="A"),
    resolved("2023-03-06", code="A"),
]


def hashes(_kind: str, texts: Sequence[str]) -> bytes:
    return b"".join(sha256(text.encode()).digest()[:8] for text in texts)


def explained(
    events: list[Json], known: int, *, then: Law, now: Law, program: Law | None = None
) -> dict[str, Change]:
    """The changes of the total of March by figure: of its first events a program made a release
    that judged by ``then``, or by another law where it had a fault."""
    log, question = log_of(events), Question(MARCH)
    by_then, by_now, older = (
        office_in_law(law, None, TODAY) for law in (then, now, program or then)
    )
    past = Past(known, APRIL)
    before = replay(past.of(log), older, APRIL)
    revised = Revised(log, past, by_then, by_now)
    kept = behind(before, MARCH, (), "held", hashes)
    found = revisions(
        revised,
        question,
        statement(before, MARCH),
        statement(replay(log, by_now), MARCH),
        lambda: of_program(revised.ledger_then, question, kept, hashes),
    )
    return {change.name.figure: change for change in found}


def test_a_late_event_is_told_with_its_days_and_what_it_took_back() -> None:
    back = said("annulled", "2023-03-07", code="A", event_id=ONE_REQUEST[-1]["id"], reason="x")
    events = [*ONE_REQUEST, back | {"recordedtime": "2023-04-20T08:00:00+07:00"}]
    change = explained(events, 4, then=Law(), now=Law())["resolved.total"]
    assert change.parts == {"data": -1, "law": 0, "program": 0}
    [moved] = change.dossiers
    [cause] = moved.causes
    assert (moved.dossier, moved.part, moved.net) == ("A", "data", -1)
    assert (cause.id, cause.late_days) == (back["id"], 44)
    assert cause.annuls == ("resolved", ONE_REQUEST[-1]["id"])


def test_another_law_is_told_with_its_provision() -> None:
    now = Law(pinned={"supplement_limit": 0})
    change = explained(ONE_REQUEST, 4, then=Law(), now=now)["resolved.overdue"]
    assert change.parts == {"data": 0, "law": 1, "program": 0}
    [moved] = change.dossiers
    [cause] = moved.causes
    assert (moved.dossier, moved.part, moved.net) == ("A", "law", 1)
    assert cause.kind == "supplement_requested"
    assert [each.parameter for each in cause.provisions] == ["supplement_limit"]


def test_another_program_is_told_with_its_dossiers() -> None:
    faulty = Law(pinned={"supplement_limit": 0})
    changes = explained(ONE_REQUEST, 4, then=Law(), now=Law(), program=faulty)
    for figure, net in (("resolved.overdue", -1), ("resolved.early", 1)):
        assert changes[figure].parts == {"data": 0, "law": 0, "program": net}
        [moved] = changes[figure].dossiers
        assert (moved.dossier, moved.part, moved.net) == ("A", "program", net)
        assert [cause.kind for cause in moved.causes] == ["resolved"]
    assert "resolved.total" not in changes


def test_a_deadline_that_passed_since_is_told_with_the_event_that_set_it() -> None:
    events = [received("2023-03-01", 60, code="A"), received("2023-03-01", 5, code="B")]
    log, question = log_of(events), Question(MARCH)
    office, past = office_in_law(Law(), None, TODAY), Past(2, datetime(2023, 3, 3, tzinfo=LOCAL))
    released = statement(replay(log, office, past.as_of), MARCH)
    revised = Revised(log, past, office, office)
    found = revisions(revised, question, released, statement(replay(log, office), MARCH))
    [overdue] = (change for change in found if change.name.figure == "in_progress.overdue")
    assert overdue.parts == {"data": 1, "law": 0, "program": 0}
    assert [(each.dossier, len(each.causes)) for each in overdue.dossiers] == [("B", 1)]
