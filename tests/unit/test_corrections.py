"""What does a log lack so that the events of a source are the wanted ones?"""

from datetime import datetime

from hypothesis import given as for_all
from hypothesis import strategies as st

from hoso.consumers.intake.corrections import corrections
from hoso.domain.dossier import life_of
from hoso.domain.events import Event
from tests.engine import LOCAL, examples, parsed
from tests.told import SOURCE, asked, received, resolved, said

NOW = datetime(2023, 4, 1, tzinfo=LOCAL)
RECEPTION = received("2023-03-01", 5)


def counting(known: list[Event]) -> list[tuple[str, datetime, object]]:
    """The events of the source that count, without their ids."""
    ours = (event for event in life_of(known, LOCAL) if event.source == SOURCE)
    return [(event.type, event.time, event.data) for event in ours]


def test_what_is_wanted_already_adds_nothing() -> None:
    known = parsed([RECEPTION, asked("2023-03-02")])
    renamed = [event.model_copy(update={"id": f"other {event.id}"}) for event in known]
    assert corrections(known, renamed, SOURCE) == []


def test_what_is_no_longer_wanted_is_annulled_and_what_is_missing_added() -> None:
    known = parsed([RECEPTION, resolved("2023-03-07")])
    annulment, added = corrections(known, parsed([RECEPTION, resolved("2023-03-06")]), SOURCE)
    assert annulment.data.model_dump()["event_id"] == "resolved D1 2023-03-07"
    assert added.id == "resolved D1 2023-03-06"


def test_what_was_annulled_can_come_again() -> None:
    with_end, without = parsed([RECEPTION, resolved("2023-03-07")]), parsed([RECEPTION])
    log = list(with_end)
    for wanted in (without, with_end, without, with_end):
        log += corrections(log, wanted, SOURCE)
        assert counting(log) == counting(wanted)
    assert len({event.id for event in log}) == len(log)


def test_events_of_other_sources_are_left_alone() -> None:
    other = parsed([{**RECEPTION, "source": "/another"}])
    assert corrections(other, [], SOURCE) == []


def test_events_of_one_instant_come_into_their_order() -> None:
    midnight = "2023-03-06T00:00:00+07:00"
    request, brought = said("supplement_requested", midnight), said("supplemented", midnight)
    log = parsed([RECEPTION, brought])
    log += corrections(log, parsed([RECEPTION, request, brought]), SOURCE)
    assert [event.type for event in life_of(log, LOCAL)][1:] == [request["type"], brought["type"]]


KINDS = st.sampled_from(("supplement_requested", "supplemented"))
LIVES = st.lists(st.builds(said, KINDS, st.sampled_from(("2023-03-06", "2023-03-07"))), max_size=4)


@for_all(st.lists(LIVES, max_size=6))
@examples(200)
def test_after_any_changes_of_mind_the_log_counts_what_is_wanted(
    lives: list[list[dict[str, object]]],
) -> None:
    log: list[Event] = []
    for life in lives:
        wanted = life_of(
            [
                event.model_copy(update={"id": f"{n} {event.id}"})
                for n, event in enumerate(parsed(life))
            ],
            LOCAL,
        )
        new = corrections(log, wanted, SOURCE)
        log += [event.model_copy(update={"recordedtime": NOW}) for event in new]
        assert counting(log) == counting(wanted)
        assert corrections(log, wanted, SOURCE) == []
    assert len({event.id for event in log}) == len(log)
