"""What is one dossier, and what may be done to it? The aggregate (hồ sơ).

The whole theory of an aggregate is three functions: ``initial_state``, ``decide`` and ``evolve``.
``decide`` judges a command at once and refuses an illegal one; ``evolve`` never refuses: what is
recorded happened, in whatever order it came in, and what makes no sense changes nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from hoso.domain import accounts, events, law, rules, validity
from hoso.domain.calendar import day_number, local_date
from hoso.domain.events import Event, Instant, Text, UriReference
from hoso.domain.kinds import KIND_OF
from hoso.domain.office import Office


class Dossier(NamedTuple):
    """A dossier's state: what was recorded of it, and where its clock stands for that.

    ``latest`` is the time of the last event that counts; None before the first.
    """

    code: str
    recorded: tuple[Event, ...]
    clock: rules.Clock
    latest: datetime | None


def initial_state(code: str) -> Dossier:
    """A dossier of which nothing has been recorded yet."""
    return Dossier(code, (), rules.BLANK, None)


def evolve(dossier: Dossier, event: Event, office: Office) -> Dossier:
    """The dossier after one more recorded event; late, repeated and annulled ones included.

    The life is folded anew: it is a handful of events, and so there is but one way to fold it.
    """
    recorded = (*dossier.recorded, event)
    life = in_order(recorded)
    clock, terms = rules.BLANK, office.policy.terms()
    for past in life:
        if rules.applies(clock.phase, KIND_OF[past.type]):
            clock = rules.step(clock, plain_event(past, office.zone), terms, office.calendar.days)
    return Dossier(dossier.code, recorded, clock, life[-1].time if life else None)


def account(dossier: Dossier, on: date, office: Office) -> str | None:
    """The account it stands in at the end of ``on``, a day from its latest event on; None before
    its reception."""
    number = rules.account(dossier.clock, office.policy.terms(), day_number(on))
    return None if number == accounts.OUTSIDE else accounts.ACCOUNTS[number]


def in_order(recorded: Sequence[Event]) -> list[Event]:
    """The events that count in a dossier's life, as they occurred."""
    known = sorted(recorded, key=events.recorded)
    judged = zip(known, verdicts(known), strict=True)
    life = (event for event, verdict in judged if verdict == validity.VALID)
    return sorted(life, key=lambda event: event.time)


def verdicts(known: Sequence[Event]) -> list[int]:
    """How each event of one dossier counts (``domain.validity``), in the order recorded."""
    return validity.verdicts(
        [event.subject for event in known],
        [(event.source, event.id) for event in known],
        [
            (event.source, event.data.event_id) if isinstance(event, events.Annulled) else None
            for event in known
        ],
    )


def plain_event(event: Event, zone: tzinfo) -> rules.PlainEvent:
    """An event as the rules read it."""
    due: date | None = getattr(event.data, "due", None)
    allowance, detail = rules.NOTHING, 0
    if isinstance(event, events.Received) and event.data.allowance is not None:
        allowance = event.data.allowance.value
        detail = rules.UNITS.index(event.data.allowance.unit)
    if isinstance(event, events.Cancelled) and event.data.reason != "withdrawn":
        detail = accounts.VOIDED
    return rules.PlainEvent(
        KIND_OF[event.type],
        day_number(local_date(event.time, zone)),
        rules.NOTHING if due is None else day_number(local_date(due, zone)),
        allowance,
        detail,
    )


class Command(BaseModel):
    """Something to be done to a dossier, and the identity of the event that tells of it."""

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
    """A command that a rule does not allow; ``rule`` is that rule."""

    def __init__(self, dossier: Dossier, command: Command, rule: law.Rule) -> None:
        self.rule = rule
        act = type(command).__name__.lower()
        super().__init__(f"{dossier.code}: {act} refused by {rule.name}: {rule.says}")


def decide(dossier: Dossier, command: Command, office: Office) -> list[Event]:
    """The events that a command makes happen; none where it was already carried out.

    Raises ``Refused`` with the rule that does not allow it.
    """
    if any((e.source, e.id) == (command.source, command.id) for e in dossier.recorded):
        return []
    event = event_for(command, dossier)
    rule = refusing_rule(dossier, event)
    if rule is not None:
        raise Refused(dossier, command, rule)
    return [event]


def refusing_rule(dossier: Dossier, event: Event) -> law.Rule | None:
    """The rule that does not allow this to happen to the dossier next, if any does not."""
    if isinstance(event, events.Annulled):
        known = (*dossier.recorded, event)
        return None if verdicts(known)[-1] == validity.ANNULMENT else law.ANNUL_EARLIER
    if dossier.latest is not None and event.time < dossier.latest:
        return law.IN_ORDER
    return law.refusing_rule(dossier.clock.phase, KIND_OF[event.type])


def event_for(command: Command, dossier: Dossier) -> Event:
    """The event that tells of a command carried out.

    It says when it was recorded where that is later than it occurred: what it was decided on had
    been recorded before.
    """
    attributes = command.model_dump(exclude_none=True)
    event_type = events.type_of(EVENT_OF[type(command)])
    latest = max(map(events.recorded, dossier.recorded), default=command.time)
    if latest > command.time:
        attributes["recordedtime"] = latest
    return events.EVENT.validate_python(
        {**attributes, "specversion": "1.0", "type": event_type, "subject": dossier.code}
    )
