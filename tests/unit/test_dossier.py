"""What may be done to a dossier, and what comes of it? Given events, when a command, then events.

A refused command names the rule that does not allow it. What rebuilds a dossier never refuses.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pydantic import ValidationError

from hoso.domain import events, law
from hoso.domain.dossier import (
    Annul,
    Cancel,
    Command,
    Complain,
    Contact,
    Digitise,
    Dossier,
    FinishStep,
    Pause,
    Pay,
    Rate,
    Receive,
    Refused,
    RequestSupplement,
    Reschedule,
    Resolve,
    Resume,
    Return,
    Reuse,
    Supplement,
    Sync,
    Transfer,
    account,
    decide,
    evolve,
    initial_state,
)
from hoso.domain.events import Event
from hoso.domain.law import Rule
from tests.engine import LOCAL, Json, accounts_on, day_of, examples, ledger_of, office, parsed
from tests.histories import histories, policies, standstills
from tests.model import Rules
from tests.told import (
    FACTS,
    SOURCE,
    annulled,
    asked,
    brought,
    lives,
    paused,
    received,
    recorded,
    resolved,
    resumed,
    working_days,
)

OFFICE = office()
FACTS_AND_TERMS = FACTS | {"channel": "online", "allowance": working_days(5)}
DATA: dict[type[Command], Json] = {
    Receive: FACTS_AND_TERMS,
    RequestSupplement: {"reason": "missing_papers"},
    Supplement: {},
    Pause: {"reason": "other"},
    Resume: {},
    Reschedule: {"due": date(2023, 3, 31)},
    Return: {"reason": "not_eligible"},
    Cancel: {"reason": "withdrawn"},
    Resolve: {"outcome": "granted"},
    Digitise: {"part": "result", "complete": True},
    Pay: {"amount": 30_000, "channel": "online"},
    Rate: {"satisfied": True, "channel": "online"},
    Sync: {},
    Reuse: {},
    Contact: {"reason": "paper_missing", "applicant_fault": False},
    Complain: {"settled_in_time": True},
    Transfer: {"to_agency": "H52.03", "step": 1},
    FinishStep: {"step": 1},
}
NOTED: list[type[Command]] = [
    *(Digitise, Pay, Rate, Sync, Reuse, Contact, Complain, Transfer, FinishStep)
]
KINDS: dict[type[Command], str] = {
    Receive: "received",
    RequestSupplement: "supplement_requested",
    Supplement: "supplemented",
    Pause: "paused",
    Resume: "resumed",
    Reschedule: "rescheduled",
    Return: "returned",
    Cancel: "cancelled",
    Resolve: "resolved",
    Digitise: "digitised",
    Pay: "paid",
    Rate: "rated",
    Sync: "synced",
    Reuse: "reused",
    Contact: "contacted",
    Complain: "complained",
    Transfer: "transferred",
    FinishStep: "step_done",
}
BEGUN = received("2023-03-01", 5)
LIVES = lives(BEGUN)


def do(command: type[Command], when: str = "2023-03-20", name: str = "new", **data: Any) -> Command:
    """A command to D1 at eight in the morning."""
    moment = datetime.fromisoformat(f"{when}T08:00:00+07:00")
    return command.model_validate(
        {"id": name, "source": SOURCE, "time": moment, "data": data or DATA[command]}
    )


class Given(NamedTuple):
    """A dossier of which some events are recorded."""

    dossier: Dossier

    def when(self, command: Command) -> "Outcome":
        """What the command comes to."""
        try:
            return Outcome(decide(self.dossier, command, OFFICE), None)
        except Refused as refused:
            return Outcome([], refused.rule)


class Outcome(NamedTuple):
    """What a command came to."""

    events: list[Event]
    rule: Rule | None

    def then(self, *expected: Json) -> None:
        """It made these events happen."""
        assert (self.events, self.rule) == (parsed(expected), None)

    def refused(self, rule: str) -> None:
        """The rule of this name refused it."""
        assert self.rule is not None
        assert self.rule.name == rule


def given(*recorded_events: Json) -> Given:
    """What is recorded of D1."""
    return Given(rebuilt(recorded_events))


def rebuilt(
    recorded_events: "list[Json] | tuple[Json, ...]", rules: Rules | None = None
) -> Dossier:
    """The dossier that some events make up."""
    dossier = initial_state("D1")
    for event in parsed(recorded_events):
        dossier = evolve(dossier, event, office(rules) if rules else OFFICE)
    return dossier


def told(command: type[Command], when: str = "2023-03-20", **data: Any) -> Json:
    """The event that tells of a command."""
    data = data or DATA[command]
    data = {k: v.isoformat() if isinstance(v, date) else v for k, v in data.items()}
    return {
        "specversion": "1.0",
        "id": "new",
        "source": SOURCE,
        "type": f"dossier.{KINDS[command]}.v1",
        "subject": "D1",
        "time": f"{when}T08:00:00+07:00",
        "data": data,
    }


# --- Commands that are carried out ---------------------------------------------------------------

LEGAL: list[tuple[str, type[Command]]] = [
    ("none", Receive),
    ("in progress", Pause),
    ("awaiting", Supplement),
    ("paused", Resume),
    *(
        (phase, command)
        for phase in ("in progress", "awaiting", "paused")
        for command in (RequestSupplement, Reschedule, Return, Cancel, Resolve)
    ),
    *((phase, command) for phase in LIVES if phase != "none" for command in NOTED),
]


@pytest.mark.parametrize(("phase", "command"), LEGAL)
def test_a_legal_command_makes_its_event_happen(phase: str, command: type[Command]) -> None:
    given(*LIVES[phase]).when(do(command)).then(told(command))


def test_a_command_carried_out_before_makes_nothing_happen() -> None:
    life = [BEGUN, told(Pause)]
    given(*life).when(do(Pause)).then()
    given(*life, resumed("2023-03-21")).when(do(Pause)).then()
    given(*life, resolved("2023-03-21")).when(do(Resolve)).then()  # whatever it says now
    given(*life, annulled(told(Pause), "2023-03-21")).when(do(Pause)).then()


def test_the_same_id_from_another_source_is_another_command() -> None:
    elsewhere = told(Pause) | {"source": "/another"}
    given(BEGUN, elsewhere).when(do(Pause)).refused("pause-while-in-progress")


def test_a_command_at_the_instant_of_the_last_event_is_in_order() -> None:
    given(BEGUN).when(do(Pause, "2023-03-01")).then(told(Pause, "2023-03-01"))


def test_an_annulment_takes_back_what_was_recorded() -> None:
    mistake = resolved("2023-03-02")
    back = {"event_id": mistake["id"], "reason": "mistake"}
    expected = annulled(mistake, "2023-03-20") | {"id": "new"}
    given(BEGUN, mistake).when(do(Annul, **back)).then(expected)
    reopened = given(BEGUN, mistake, expected)
    reopened.when(do(Pause, name="later")).then(told(Pause) | {"id": "later"})
    # The annulment itself may be taken back, too.
    again = do(Annul, name="again", event_id="new", reason="mistake")
    assert len(reopened.when(again).events) == 1


# --- Commands that are refused -------------------------------------------------------------------

ALL: list[type[Command]] = [
    Receive,
    RequestSupplement,
    Supplement,
    Pause,
    Resume,
    Reschedule,
    Return,
    Cancel,
    Resolve,
    *NOTED,
]
NOT_WHILE_OPEN: dict[type[Command], str] = {
    Receive: "reception",
    Supplement: "supplement-answers-request",
    Pause: "pause-while-in-progress",
    Resume: "resume-after-pause",
}
ILLEGAL: list[tuple[str, type[Command], str]] = [
    *(("none", command, "reception") for command in ALL if command is not Receive),
    *(
        (phase, command, rule)
        for phase in ("in progress", "awaiting", "paused")
        for command, rule in NOT_WHILE_OPEN.items()
        if (phase, command) not in LEGAL
    ),
    *(
        (phase, command, "closed-for-good")
        for phase in ("resolved", "returned", "cancelled")
        for command in ALL
        if command not in NOTED
    ),
]


def test_every_command_is_legal_or_refused_in_every_phase() -> None:
    assert len(LEGAL) + len(ILLEGAL) == len(LIVES) * len(ALL)


@pytest.mark.parametrize(("phase", "command", "rule"), ILLEGAL)
def test_an_illegal_command_is_refused_by_name(
    phase: str, command: type[Command], rule: str
) -> None:
    given(*LIVES[phase]).when(do(command)).refused(rule)


@pytest.mark.parametrize("command", [c for c in ALL if c is not Receive])
def test_a_command_dated_before_what_already_happened_is_refused(command: type[Command]) -> None:
    given(BEGUN, paused("2023-03-10")).when(do(command, "2023-03-09")).refused("in-order")


@pytest.mark.parametrize(
    "life",
    [
        [],
        [BEGUN],
        [BEGUN, paused("2023-03-02") | {"source": "/another", "id": "wanted"}],
    ],
)
def test_an_annulment_that_points_to_nothing_is_refused(life: list[Json]) -> None:
    back = do(Annul, event_id="wanted", reason="mistake")
    given(*life).when(back).refused("annul-earlier")


def test_an_annulment_of_itself_is_refused() -> None:
    given(BEGUN).when(do(Annul, event_id="new", reason="mistake")).refused("annul-earlier")


def test_a_refusal_says_which_command_which_rule_and_why() -> None:
    with pytest.raises(Refused) as refusal:
        decide(rebuilt([BEGUN]), do(Resume), OFFICE)
    text = str(refusal.value)
    assert text == f"D1: resume refused by resume-after-pause: {law.RESUME_PAUSED.says}"
    assert "\n" not in text


def test_every_refusal_that_there_is_has_its_source() -> None:
    assert all(rule.source and rule.says.endswith(".") for rule in law.RULES)
    assert len({rule.name for rule in law.RULES}) == len(law.RULES)


@pytest.mark.parametrize("command", [*ALL])
def test_a_command_refuses_fields_that_are_not_listed(command: type[Command]) -> None:
    with pytest.raises(ValidationError):
        do(command, **DATA[command], citizen="Nguyễn Văn A")


# --- What is recorded happened -------------------------------------------------------------------

ONE_LIFE = st.one_of(histories(max_dossiers=1), standstills(max_dossiers=1))


def of_one_dossier(history: list[Json]) -> list[Json]:
    """The events of the first dossier in a history, as D1."""
    code = history[0]["subject"]
    return [event | {"subject": "D1"} for event in history if event["subject"] == code]


@for_all(history=ONE_LIFE, rules=policies())
@examples(150)
def test_rebuilding_agrees_with_the_fold_whatever_was_recorded(
    history: list[Json], rules: Rules
) -> None:
    life = of_one_dossier(history)
    ledger, dossier = ledger_of(life, rules), rebuilt(life, rules)
    latest = max(map(day_of, life))
    for day in (latest + timedelta(days=lag) for lag in (0, 1, 10, 100)):
        assert account(dossier, day) == accounts_on(ledger, day).get("D1")


@for_all(data=st.data(), history=ONE_LIFE)
@examples(60)
def test_the_order_in_which_it_was_rebuilt_does_not_matter(
    data: DataObject, history: list[Json]
) -> None:
    start = datetime(2026, 6, 1, tzinfo=LOCAL)
    life = [
        event | {"recordedtime": (start + timedelta(seconds=number)).isoformat()}
        for number, event in enumerate(of_one_dossier(history))
    ]
    shuffled = rebuilt(data.draw(st.permutations(life)))
    assert shuffled.clock == rebuilt(life).clock


COMMANDS: dict[str, type[Command]] = {f"dossier.{KINDS[c]}.v1": c for c in ALL}


def command_for(event: Event) -> Command:
    """The command that this event would tell of."""
    given_data = event.data.model_dump(exclude_none=True)
    return COMMANDS[event.type].model_validate(
        {
            "id": "commanded",
            "source": event.source,
            "time": event.time,
            "data": given_data,
        }
    )


def takes_effect(life: list[Json], command: Command) -> bool:
    """Whether a command is refused, or else changes the dossier once its event is recorded."""
    before = rebuilt(life)
    try:
        (event,) = decide(before, command, OFFICE)
    except Refused:
        return True
    return evolve(before, event, OFFICE).clock != before.clock


@for_all(history=ONE_LIFE)
@examples(60)
def test_what_is_decided_takes_effect_when_recorded(history: list[Json]) -> None:
    # Recorded as it occurred, as a system does that decides on commands.
    life = [event | {"recordedtime": event["time"]} for event in of_one_dossier(history)]
    for number, event in enumerate(parsed(life)):
        if not isinstance(event, events.Annulled):
            assert takes_effect(life[:number], command_for(event))


def test_what_is_decided_takes_effect_though_the_last_event_was_recorded_late() -> None:
    life = [recorded(BEGUN, "2023-03-02")]
    assert takes_effect(life, do(Pause, "2023-03-01"))


def test_a_command_of_a_day_whose_last_event_has_no_hour_is_refused_unless_it_has_none() -> None:
    life, command = (
        [BEGUN, paused(midnight := "2023-03-10T00:00:00+07:00")],
        do(Resume, "2023-03-10"),
    )
    with pytest.raises(Refused, match="no earlier than what already happened"):
        decide(rebuilt(life), command, OFFICE)
    at_no_hour = command.model_copy(update={"time": datetime.fromisoformat(midnight)})
    assert decide(rebuilt(life), at_no_hour, OFFICE)
    assert takes_effect(life, at_no_hour)


def test_an_annulment_takes_effect_though_it_is_dated_before_what_it_takes_back() -> None:
    life = [BEGUN, paused("2023-03-10")]
    back = {"event_id": life[-1]["id"], "reason": "mistake"}
    assert takes_effect(life, do(Annul, "2023-03-05", **back))


@pytest.mark.parametrize(
    "life",
    [
        [received("0001-01-01T00:00:00+07:00", 5), paused("2023-03-02"), resumed("2023-03-03")],
        [received("2023-03-01", due="9999-12-31"), asked("2023-03-02"), brought("2023-03-03")],
        [received("2023-03-01", due="0001-01-01T00:00:00+12:00"), resolved("2023-03-02")],
        [received("2023-03-01", 32_767), asked("2023-03-02"), brought("2023-03-03")],
        [paused("2023-03-01"), resolved("2023-03-02"), annulled(BEGUN, "2023-03-03")],
    ],
)
def test_rebuilding_never_fails_however_odd_the_dates(life: list[Json]) -> None:
    ledger, dossier = ledger_of(life), rebuilt(life)
    for day in (date(2023, 3, 3), date.max):
        assert account(dossier, day) == accounts_on(ledger, day).get("D1")
