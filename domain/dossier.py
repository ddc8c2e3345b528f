"""The dossier (hồ sơ) as an aggregate: its state, the commands to it, and what they do.

Three functions are all there is to an aggregate: ``initial_state``, ``decide`` and ``evolve``.
``decide`` turns a command into events, or refuses it with the rule that forbids it. ``evolve``
never refuses: a recorded event has happened, in whatever order it was recorded, and an event that
does not apply changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from hoso.domain import accounts, events, law, rules, validity
from hoso.domain.calendar import day_number, life_key, local_date
from hoso.domain.events import Event, Instant, Text, UriReference
from hoso.domain.kinds import KIND_OF
from hoso.domain.office import Office
from hoso.domain.policy import period_on, terms_in

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Dossier(NamedTuple):
    """The state of a dossier: its recorded events, and the clock that they lead to.

    ``place`` is the place in its life (``place_in_life``) of the last event that counts; None
    before the first.
    """

    code: str
    recorded: tuple[Event, ...]
    clock: rules.Clock
    place: int | None


def initial_state(code: str) -> Dossier:
    """The dossier with this code before its first event."""
    return Dossier(code, (), rules.BLANK, None)


def evolve(dossier: Dossier, event: Event, office: Office) -> Dossier:
    """The dossier after one more recorded event, which may be late, a repeat or an annulment.

    All its events are folded from the start. They are few, and so there is only one way to fold.
    """
    recorded = (*dossier.recorded, event)
    life = life_of(recorded, office.zone)
    clock, law, period = rules.BLANK, office.policy.as_rules_read_it(), 0
    for valid in life:
        if rules.applies(clock, KIND_OF[valid.type]):
            plain = plain_event(valid, office.zone)
            period = period_on(law, period, plain.day)
            clock = rules.step(clock, plain, terms_in(law, period), office.calendar.days)
    place = _place(life[-1], office.zone) if life else None
    return Dossier(dossier.code, recorded, clock, place)


def account(dossier: Dossier, on: date) -> str | None:
    """The name of the account in which the dossier stands at the end of a day; None before its
    reception. The day is that of its latest event or a later one."""
    number = rules.account(dossier.clock, day_number(on))
    return None if number == accounts.OUTSIDE else accounts.ACCOUNTS[number]


def life_of(recorded: Sequence[Event], zone: tzinfo) -> list[Event]:
    """The life of a dossier: those of its events that count, in the order of ``calendar.life_key``;
    where that is equal, in the order recorded."""
    by_recorded = sorted(recorded, key=events.recorded_at)
    judged = zip(by_recorded, verdicts(by_recorded), strict=True)
    valid = (event for event, verdict in judged if verdict == validity.VALID)
    return sorted(valid, key=lambda event: _place(event, zone))


def _place(event: Event, zone: tzinfo) -> int:
    return place_in_life(event.time, zone, is_reception=isinstance(event, events.Received))


def place_in_life(time: datetime, zone: tzinfo, *, is_reception: bool = False) -> int:
    """The sort key (``calendar.life_key``) of an event that occurred at a time."""
    try:
        offset = time.astimezone(zone).utcoffset()
    except OverflowError:  # at the edges of the years 1 to 9999
        offset = time.utcoffset()
    assert offset is not None
    instant_us = (time - EPOCH) // timedelta(microseconds=1)
    return life_key(instant_us, int(offset.total_seconds()), is_reception)


def verdicts(recorded: Sequence[Event]) -> list[int]:
    """How each event counts (``domain.validity``); the events are given in the order recorded."""
    return validity.verdicts(
        [event.subject for event in recorded],
        [(event.source, event.id) for event in recorded],
        [
            (event.source, event.data.event_id) if isinstance(event, events.Annulled) else None
            for event in recorded
        ],
    )


def plain_event(event: Event, zone: tzinfo) -> rules.PlainEvent:
    """An event as the rules read it; ``zone`` is the office's time zone."""
    due: date | None = getattr(event.data, "due", None)
    allowance, detail = rules.NOTHING, 0
    if isinstance(event, events.Received):
        if event.data.allowance is not None:
            allowance = event.data.allowance.value
            detail = rules.UNITS.index(event.data.allowance.unit)
        if event.data.received_at is not None:
            detail |= rules.ELSEWHERE_BIT
    if isinstance(event, events.Cancelled) and event.data.reason != "withdrawn":
        detail = accounts.VOIDED
    return rules.PlainEvent(
        kind=KIND_OF[event.type],
        day=day_number(local_date(event.time, zone)),
        due=rules.NOTHING if due is None else day_number(local_date(due, zone)),
        allowance=allowance,
        detail=detail,
    )


class Command(BaseModel):
    """A command to a dossier; its event has the same ``id``, ``source`` and ``time``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Text
    source: UriReference
    time: Instant


class Receive(Command):
    """Tiếp nhận."""

    data: events.ReceivedData


class RequestSupplement(Command):
    """Yêu cầu bổ sung."""

    data: events.SupplementRequestedData = events.SupplementRequestedData()


class Supplement(Command):
    """Nhận bổ sung."""

    data: events.SupplementedData = events.SupplementedData()


class Pause(Command):
    """Tạm dừng."""

    data: events.PausedData


class Resume(Command):
    """Tiếp tục."""

    data: events.ResumedData = events.ResumedData()


class Reschedule(Command):
    """Xin lỗi và hẹn lại."""

    data: events.RescheduledData


class Return(Command):
    """Trả lại."""

    data: events.ReturnedData


class Cancel(Command):
    """Hủy, rút."""

    data: events.CancelledData


class Resolve(Command):
    """Trả kết quả."""

    data: events.ResolvedData


class Annul(Command):
    """Thu hồi một sự kiện."""

    data: events.AnnulledData


class Arrive(Command):
    """Nhận được hồ sơ do nơi khác tiếp nhận."""

    data: events.ArrivedData = events.ArrivedData()


class Reassign(Command):
    """Chuyển thẩm quyền giải quyết."""

    data: events.ReassignedData


class Digitise(Command):
    """Số hóa thành phần hồ sơ hoặc kết quả."""

    data: events.DigitisedData


class Pay(Command):
    """Thanh toán."""

    data: events.PaidData


class Rate(Command):
    """Đánh giá."""

    data: events.RatedData


class Sync(Command):
    """Đồng bộ."""

    data: events.SyncedData = events.SyncedData()


class Reuse(Command):
    """Tái sử dụng dữ liệu."""

    data: events.ReusedData = events.ReusedData()


class Contact(Command):
    """Liên hệ thêm với người nộp."""

    data: events.ContactedData


class Complain(Command):
    """Phản ánh, kiến nghị."""

    data: events.ComplainedData


class Transfer(Command):
    """Chuyển cơ quan khác thực hiện một bước."""

    data: events.TransferredData


class FinishStep(Command):
    """Xong một bước."""

    data: events.StepDoneData


EVENT_OF: Final[dict[type[Command], type[BaseModel]]] = {
    Receive: events.Received,
    RequestSupplement: events.SupplementRequested,
    Supplement: events.Supplemented,
    Pause: events.Paused,
    Resume: events.Resumed,
    Reschedule: events.Rescheduled,
    Return: events.Returned,
    Cancel: events.Cancelled,
    Resolve: events.Resolved,
    Annul: events.Annulled,
    Arrive: events.Arrived,
    Reassign: events.Reassigned,
    Digitise: events.Digitised,
    Pay: events.Paid,
    Rate: events.Rated,
    Sync: events.Synced,
    Reuse: events.Reused,
    Contact: events.Contacted,
    Complain: events.Complained,
    Transfer: events.Transferred,
    FinishStep: events.StepDone,
}


class Refused(Exception):
    """The command is illegal; ``rule`` is the rule that forbids it."""

    def __init__(self, dossier: Dossier, command: Command, rule: law.Rule) -> None:
        self.rule = rule
        name = type(command).__name__.lower()
        super().__init__(f"{dossier.code}: {name} refused by {rule.name}: {rule.says}")


def decide(dossier: Dossier, command: Command, office: Office) -> list[Event]:
    """The events that a command leads to: one, or none when the command was carried out before.

    Raises ``Refused`` when a rule forbids the command.
    """
    identity = (command.source, command.id)
    if any((event.source, event.id) == identity for event in dossier.recorded):
        return []
    event = event_for(command, dossier)
    rule = refusing_rule(dossier, event, office.zone)
    if rule is not None:
        raise Refused(dossier, command, rule)
    return [event]


def refusing_rule(dossier: Dossier, event: Event, zone: tzinfo) -> law.Rule | None:
    """The rule that forbids the event as the next one of the dossier; None if it is legal."""
    if isinstance(event, events.Annulled):
        recorded = (*dossier.recorded, event)
        return None if verdicts(recorded)[-1] == validity.ANNULMENT else law.ANNUL_EARLIER
    if dossier.place is not None and _place(event, zone) < dossier.place:
        return law.IN_ORDER
    return law.refusing_rule(dossier.clock, KIND_OF[event.type])


def event_for(command: Command, dossier: Dossier) -> Event:
    """The event of a command that is carried out.

    Its ``recordedtime`` is that of the dossier's last recorded event, if that is later than
    ``time``: an event is recorded after those on which ``decide`` based it. Else it has none.
    """
    attributes = command.model_dump(exclude_none=True)
    event_type = events.type_of(EVENT_OF[type(command)])
    latest = max(map(events.recorded_at, dossier.recorded), default=command.time)
    if latest > command.time:
        attributes["recordedtime"] = latest
    return events.EVENT.validate_python(
        {**attributes, "specversion": "1.0", "type": event_type, "subject": dossier.code}
    )
