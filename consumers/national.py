"""What do the records that one-stop systems send to the national portal tell of a dossier?

The portal (Cổng Dịch vụ công quốc gia) takes snapshots: a dossier as it stands (dossier sync, đồng
bộ hồ sơ), or a status that it has reached (progress, cập nhật tiến độ). ``read`` judges the form of
one; ``tell`` holds it against what the log knows of the dossier, and returns what is new.

docs/NATIONAL.md has the mapping, and the reasons for it.
"""

import re
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import reduce
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import from_json

from consumers.intake import AHEAD_OF_CLOCK, Rejected
from domain import rules
from domain.calendar import EPOCH, local_date, working_days
from domain.dossier import happening, in_order
from domain.events import (
    EVENT,
    KIND_OF,
    Annulled,
    Event,
    Received,
    Rescheduled,
    Resumed,
    Supplemented,
    SupplementRequested,
    Text,
    fault,
    recorded,
)
from domain.kinds import KINDS
from domain.policy import Policy

SOURCE: Final = "/national-portal"
CHANNELS: Final = {"1": "in_person", "2": "online", "3": "post"}  # kênh thực hiện


class Status(StrEnum):
    """Trạng thái hồ sơ."""

    NEW = "1"  # mới đăng ký
    RECEIVED = "2"  # được tiếp nhận
    NOT_ACCEPTED = "3"  # không được tiếp nhận
    IN_PROCESS = "4"  # đang xử lý
    SUPPLEMENT = "5"  # yêu cầu bổ sung giấy tờ
    PAYMENT = "6"  # yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = "7"  # công dân yêu cầu rút hồ sơ
    STOPPED = "8"  # dừng xử lý
    PROCESSED = "9"  # đã xử lý xong
    HANDED_OVER = "10"  # đã trả kết quả


# --- Form ----------------------------------------------------------------------------------------


class _Clock(NamedTuple):
    """By which clock a record is read: where it hangs, and how late it may say it is."""

    zone: tzinfo
    latest: datetime


def _local(written: object, info: ValidationInfo[_Clock]) -> datetime:
    """A time by the office's clock."""
    try:
        if isinstance(written, str) and re.fullmatch("[0-9]{14}", written):
            return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=info.context.zone)
    except ValueError:
        pass  # no such day, or no such hour
    raise ValueError("Input should be a time yyyyMMddHHmmss, such as 20230315081244")


def _instant(written: object, info: ValidationInfo[_Clock]) -> datetime:
    try:
        moment = _local(written, info).astimezone(UTC)
    except OverflowError:
        raise ValueError("before the year 1 in UTC") from None
    if moment > info.context.latest:
        raise ValueError("more than a day ahead of the clock")
    return moment


def _day(written: object, info: ValidationInfo[_Clock]) -> date:
    return _local(written, info).date()


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]


class _Sent(BaseModel):
    """Only the fields listed are read: the others may be personal data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, sent: object) -> object:
        """What was filled in; a number is as good as its digits, as some systems send either."""
        if not isinstance(sent, dict):
            return sent
        return {name: _as_text(value) for name, value in sent.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


class Supplement(_Sent):
    """Hồ sơ bổ sung: one request for something more, and what came of it."""

    requested: Instant | None = Field(None, alias="NgayBoSung")
    brought: Instant | None = Field(None, alias="NgayTiepNhanBoSung")
    due_before: Day | None = Field(None, alias="NgayHenTraTruoc")
    due_after: Day | None = Field(None, alias="NgayHenTraMoi")


class _Record(_Sent):
    code: Annotated[Text, Field(max_length=100)] = Field(alias="MaHoSo")  # an id holds more


class SyncRecord(_Record):
    """Đồng bộ hồ sơ: a dossier as it stands."""

    status: Status = Field(alias="TrangThaiHoSo")
    agency: Text = Field(alias="DonViXuLy")
    field: Text = Field(alias="MaLinhVuc")
    procedure: Text = Field(alias="MaTTHC")
    channel: Literal["1", "2", "3"] = Field(alias="KenhThucHien")
    received: Instant | None = Field(None, alias="NgayTiepNhan")
    due: Day | None = Field(None, alias="NgayHenTra")
    processed: Instant | None = Field(None, alias="NgayKetThucXuLy")
    handed_over: Instant | None = Field(None, alias="NgayTra")
    supplements: tuple[Supplement, ...] = Field((), alias="DanhSachHoSoBoSung")

    @property
    def reception(self) -> datetime | None:
        """When it was received; NgayTiepNhan is filled in even where it was not."""
        return None if self.status in (Status.NEW, Status.NOT_ACCEPTED) else self.received

    @property
    def first_due(self) -> date | None:
        """The appointment given at the reception, before a supplement moved it."""
        return next((entry.due_before for entry in self.supplements if entry.due_before), self.due)

    @property
    def reached(self) -> tuple[Status, datetime | None]:
        """The status, with its date if it has one: that of the completion where that is told."""
        if self.status == Status.HANDED_OVER and self.processed is None:
            return self.status, self.handed_over
        if self.status == Status.HANDED_OVER:
            return Status.PROCESSED, self.processed
        return self.status, self.processed if self.status in CLOSING else None


class ProgressRecord(_Record):
    """Cập nhật tiến độ hồ sơ: a status, and when it was reached."""

    status: Status = Field(alias="TrangThai")
    time: Instant = Field(alias="ThoiDiemXuLy")


Record = SyncRecord | ProgressRecord


def _which(sent: dict[str, object]) -> str | None:
    """Which of the two records it is, by the name that each gives its status."""
    return next((name for name in ("TrangThaiHoSo", "TrangThai") if name in sent), None)


RECORD: Final[TypeAdapter[Record]] = TypeAdapter(
    Annotated[
        Annotated[SyncRecord, Tag("TrangThaiHoSo")] | Annotated[ProgressRecord, Tag("TrangThai")],
        Discriminator(_which),
    ]
)


def read(raw: bytes, zone: tzinfo, now: datetime) -> Record:
    """The record that some bytes hold; its clock hangs in ``zone``.

    Raises ``Rejected`` where they hold none.
    """
    try:
        sent = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Rejected(f"not valid JSON: {error}") from None
    if not isinstance(sent, dict):
        raise Rejected("not a record: a line holds one JSON object, not an array of them")
    if _which(sent) is None:
        raise Rejected("not a record: no TrangThaiHoSo, no TrangThai; send what is in the envelope")
    try:
        record = RECORD.validate_python(sent, context=_Clock(zone, now + AHEAD_OF_CLOCK))
    except ValidationError as error:
        raise Rejected(fault(error)) from None
    if isinstance(record, SyncRecord) and record.reception and not record.first_due:
        raise Rejected("NgayHenTra: missing, and nothing is received without a deadline")
    return record


# --- What a record says --------------------------------------------------------------------------


class Change(NamedTuple):
    """What happened: an event's kind, and its data."""

    kind: str
    data: dict[str, Any]


CLOSING: Final = {
    Status.NOT_ACCEPTED: Change("returned", {"reason": "not_accepted"}),
    Status.WITHDRAWN: Change("cancelled", {"reason": "withdrawn"}),
    Status.STOPPED: Change("cancelled", {"reason": "other"}),
    Status.PROCESSED: Change("resolved", {"outcome": "granted"}),
    Status.HANDED_OVER: Change("resolved", {"outcome": "granted"}),
}
REQUESTED: Final = Change("supplement_requested", {})
PAUSED: Final = Change("paused", {"reason": "financial_obligation"})
UNDER_WAY: Final = (Status.RECEIVED, Status.IN_PROCESS)
ON_ARRIVAL: Final = "undated"  # begins what names a change that was first seen in a status


class Claim(NamedTuple):
    """That a dossier had got somewhere by some time: the ``steps`` that may take it there, each
    where the rules allow it.

    Where the record has no date for it, ``undated`` names what it does have, and ``time`` is the
    best that is known. ``listed`` is how many supplements the record knows of.
    """

    code: str
    time: datetime
    steps: tuple[Change, ...]
    undated: str = ""
    listed: int = 0


def _claims(record: Record, life: Sequence[Event], now: datetime, zone: tzinfo) -> list[Claim]:
    """What a record says, in order: nothing of a dossier that has not come in."""
    received = _is_received(life)
    if record.status == Status.NEW or (record.status == Status.NOT_ACCEPTED and not received):
        return []
    if isinstance(record, ProgressRecord):
        return [_reached(record.code, record.status, record.time)]
    since = life[-1].time if received else record.reception
    if since is None:
        return []
    claims = [] if received else [_reception(record, since)]
    claims += _supplements(record, life, since, now)
    claims += _status(record, _new_due(record, life, zone), now)
    return [claim._replace(listed=len(record.supplements)) for claim in claims]


def _is_received(life: Sequence[Event]) -> bool:
    return any(isinstance(event, Received) for event in life)


def _reached(
    code: str, status: Status, time: datetime, undated: str = "", due: date | None = None
) -> Claim:
    """That a status was reached. A hand-over's date only stands in for that of the completion."""
    if status == Status.HANDED_OVER and not undated:
        undated = f"handed over {_written(time)}"
    supplemented = Change("supplemented", {"due": due})
    if status in UNDER_WAY:
        return Claim(code, time, (supplemented, Change("resumed", {"due": due})), undated)
    if status == Status.PAYMENT:
        return Claim(code, time, (supplemented, PAUSED), undated)
    return Claim(code, time, (CLOSING.get(status, REQUESTED),), undated)


def _reception(record: SyncRecord, time: datetime) -> Claim:
    data = {
        "agency": record.agency,
        "field": record.field,
        "procedure": record.procedure,
        "channel": CHANNELS[record.channel],
        "due": record.first_due,
    }
    return Claim(record.code, time, (Change("received", data),))


def _supplements(
    record: SyncRecord, life: Sequence[Event], since: datetime, now: datetime
) -> Iterator[Claim]:
    """The supplements listed, each as of its dates.

    One that came and went unseen, and has none, is told as of the last event before: the clock
    then stood still for no time, and the appointment is right from there on.
    """
    seen, last = _requests(life), len(record.supplements)
    for number, entry in enumerate(record.supplements, 1):
        name = f"supplement {number}"
        is_open = number == last and record.status == Status.SUPPLEMENT and not entry.due_after
        was_over = not is_open and (number > seen or seen == number < last)
        before = now if is_open else min(since, entry.brought or since)
        requested = entry.requested or (before if number > seen else None)
        if requested is not None:
            undated, since = "" if entry.requested else name, requested
            yield Claim(record.code, requested, (REQUESTED,), undated)
        brought = entry.brought or (since if was_over else None)
        if brought is not None:
            undated, since = "" if entry.brought else name, brought
            change = Change("supplemented", {"due": entry.due_after})
            yield Claim(record.code, brought, (change,), undated)


def _requests(life: Sequence[Event]) -> int:
    return sum(isinstance(event, SupplementRequested) for event in life)


def _status(record: SyncRecord, due: date | None, now: datetime) -> list[Claim]:
    """The status, as of its own date or else of the record's arrival; and the appointment, which
    comes first where the dossier is closed then."""
    status, dated = record.reached
    undated = "" if dated else f"{ON_ARRIVAL} {record.due} {len(record.supplements)}"
    claim = _reached(record.code, status, dated or now, undated, due)
    change = Change("rescheduled", {"due": record.due})
    moved = Claim(record.code, claim.time, (change,), f"due {record.due}")
    if status == Status.SUPPLEMENT and record.supplements:
        return [moved]  # the list says more
    if status == Status.RECEIVED and not record.supplements and due is None:
        return [moved]  # no more than that it was received
    return [moved, claim] if status in CLOSING else [claim, moved]


def _new_due(record: SyncRecord, life: Sequence[Event], zone: tzinfo) -> date | None:
    """The appointment that a record tells and the log does not know, if there is one."""
    dues = (*(entry.due_after for entry in record.supplements[-1:]), record.due)
    known = _appointments(life, zone) or [record.first_due]
    return next((due for due in dues if due not in (None, *known)), None)


def _appointments(life: Sequence[Event], zone: tzinfo) -> list[date | None]:
    """The days given to answer by; None where an event left the day to the rules."""
    giving = Received | Supplemented | Resumed | Rescheduled
    dues = [event.data.due for event in life if isinstance(event, giving)]
    return [None if due is None else local_date(due, zone) for due in dues]


# --- What is new in it ---------------------------------------------------------------------------


def tell(known: Sequence[Event], record: Record, now: datetime, zone: tzinfo) -> list[Event]:
    """The events that a record adds to those ``known`` of its dossier.

    Each thing that it says is held against the life as of that time, so that late news falls into
    its place. What was told before is not told again, even if it was taken back since.
    """
    life, told = in_order(known), list[Event]()
    ids = {event.id for event in known if event.source == SOURCE}
    while added := list(_added(_claims(record, life, now, zone), life, ids, zone)):
        told += added  # and again, until the same record would add nothing
        ids |= {event.id for event in added}
        life = reduce(_after, added, life)
    return told


def _added(
    claims: Sequence[Claim], life: list[Event], ids: Set[str], zone: tzinfo
) -> Iterator[Event]:
    """What claims add to a life, once; ``ids`` are those of the events told before."""
    told = set(ids)
    for claim in claims:
        if _id(claim, claim.steps[-1].kind) in ids:
            continue
        while (news := _next(claim, life, zone)) and told.isdisjoint(event.id for event in news):
            told |= {event.id for event in news}
            life = reduce(_after, news, life)
            yield from news


def _after(life: list[Event], event: Event) -> list[Event]:
    """A life with one event more; or with one less, where that is taken back."""
    if isinstance(event, Annulled):
        gone = (event.source, event.data.event_id)
        return [other for other in life if (other.source, other.id) != gone]
    return sorted([*life, event], key=lambda other: other.time)


def _next(claim: Claim, life: Sequence[Event], zone: tzinfo) -> list[Event]:
    """What must happen next for a claim to hold; nothing once it does."""
    phase, by = _standing([event for event in life if event.time <= claim.time], zone)
    if phase == rules.CLOSED and by is not None:
        return [_taken_back(by, claim)] if _reopens(claim, by) else []
    change = next((step for step in claim.steps if _applies(step, phase, life, zone)), None)
    if change is None or (by is not None and _is_old(claim, by, life)):
        return []
    later = next((event for event in life if event.time > claim.time), None)
    if later is None or (later.source, _kind(later)) != (SOURCE, change.kind):
        return [_event(claim, change)]
    return _dated_earlier(claim, change, later, zone)


def _dated_earlier(claim: Claim, change: Change, later: Event, zone: tzinfo) -> list[Event]:
    """What to make of a change that is told already, as of a later time. Figures are by the day."""
    if claim.undated or local_date(later.time, zone) == local_date(claim.time, zone):
        return []
    if _when(later) == _written(later.time):
        return [_event(claim, change)]
    return [_taken_back(later, claim), _event(claim, Change(change.kind, later.data.model_dump()))]


NO_DAYS_OFF: Final = working_days(EPOCH, EPOCH, (), ())  # phases do not depend on the calendar,
TERMS: Final = Policy().terms()  # nor on the policy
AS_IF_RECEIVED: Final = rules.BLANK._replace(phase=rules.IN_PROGRESS)


def _standing(life: Sequence[Event], zone: tzinfo) -> tuple[int, Event | None]:
    """The phase that a life has come to, and the event that brought it there.

    Before its reception is told, a dossier is taken to be in progress: what is told of it stands
    in suspense until then.
    """
    clock, by = rules.BLANK if _is_received(life) else AS_IF_RECEIVED, None
    for event in life:
        if rules.applies(clock.phase, KIND_OF[event.type]):
            before, clock = clock, rules.step(clock, happening(event, zone), TERMS, NO_DAYS_OFF)
            by = by if clock.phase == before.phase else event
    return clock.phase, by


def _reopens(claim: Claim, closing: Event) -> bool:
    """Whether a claim takes back that the dossier was closed. What has no date never does: it may
    be an old record, sent again."""
    same = claim.steps[-1] == Change(_kind(closing), closing.data.model_dump())
    return closing.source == SOURCE and not claim.undated and not same


def _applies(step: Change, phase: int, life: Sequence[Event], zone: tzinfo) -> bool:
    """Whether a step changes anything for a dossier in this phase."""
    if step.kind == "rescheduled":
        known, due = _appointments(life, zone), step.data["due"]
        return known[-1:] not in ([], [None]) and due not in (None, *known)
    if step.kind == "received":
        return not _is_received(life)
    if step.kind == "supplement_requested" and phase == rules.AWAITING:
        return False
    return rules.applies(phase, KINDS.index(step.kind))


def _is_old(claim: Claim, standstill: Event, life: Sequence[Event]) -> bool:
    """Whether a claim that a standstill is over may have been made before it began.

    Not if it has a date, a new appointment, or the supplement in its list. If it has none of these,
    and the standstill no date either, then records are taken to come in order.
    """
    if not claim.undated or claim.steps[-1] != Change("resumed", {"due": None}):
        return False
    lists_it = isinstance(standstill, SupplementRequested) and claim.listed >= _requests(life)
    return not lists_it and not _when(standstill).startswith(ON_ARRIVAL)


# --- Events --------------------------------------------------------------------------------------


def _event(claim: Claim, change: Change) -> Event:
    return _made(claim.code, _id(claim, change.kind), claim.time, change)


def _id(claim: Claim, kind: str) -> str:
    """An id made of nothing but what the record says, and when that was."""
    return f"{kind} {claim.code} {claim.undated or _written(claim.time)}"


def _when(event: Event) -> str:
    """The end of such an id."""
    return event.id.removeprefix(f"{_kind(event)} {event.subject} ")


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()


def _kind(event: Event) -> str:
    return KINDS[KIND_OF[event.type]]


def _taken_back(event: Event, claim: Claim) -> Event:
    """The annulment of an event of ours, which cannot be recorded before that was."""
    change = Change("annulled", {"event_id": event.id, "reason": "corrected"})
    time = max(claim.time, recorded(event))
    return _made(claim.code, f"annulled {event.id}", time, change)


def _made(code: str, event_id: str, time: datetime, change: Change) -> Event:
    return EVENT.validate_python(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": f"dossier.{change.kind}.v1",
            "subject": code,
            "time": time,
            "data": change.data,
        }
    )
