"""The published language: the events that a one-stop system may send, as CloudEvents 1.0 in JSON.

Each kind of event is a frozen pydantic model. ``EVENT`` validates JSON into the model that its
``type`` names, and ``json_schemas`` gives the JSON Schema of each. The models judge the form only.
Whether an event applies to its dossier is decided by the rules when events are folded.

``data`` refuses fields that are not listed, so that no personal data gets in. Other unknown
attributes are accepted on the wire, but they are not part of the event and are never stored.

Sources: CloudEvents 1.0 and its JSON format; RFC 3339; NĐ 61/2018/NĐ-CP arts 15-19; Decision
766/QĐ-TTg of 2022 and TT 01/2018/TT-VPCP (quality facts).
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, get_args
from unicodedata import normalize

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
# The same for a schema: with the years that intake accepts (``windows.YEARS``) and no leap second.
_SCHEMA_DAY: Final = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_SCHEMA_TIME: Final = (
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_SCHEMA_FORMS: Final[dict[type[date], dict[str, Any]]] = {
    date: {"type": "string", "format": "date", "pattern": f"^{_SCHEMA_DAY}$"},
    datetime: {
        "type": "string",
        "format": "date-time",
        "pattern": f"^{_SCHEMA_DAY}{_SCHEMA_TIME}$",
    },
}
LONGEST_TEXT_CHARS: Final = 200
# Faults whose input is never quoted, as it may be personal data: an unlisted field, no object.
NEVER_QUOTED: Final = ("extra_forbidden", "model_type")
PLAIN_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]{0,39}")  # of a field
# A day or an instant, right or wrong, or the type of an event.
HARMLESS_TEXT: Final = re.compile(
    "([0-9]{4,5}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
    r"([Tt ][0-9]{2}:[0-9:.Zz+-]{2,25})?|[a-z]{1,20}\.[a-z_]{1,40}\.v[0-9]{1,3}"
)
LARGEST_HARMLESS: Final = 100_000  # numbers from here on may be those of papers or telephones
LONGEST_ALLOWANCE_DAYS: Final = 32_767  # what the archive's int16 column holds
LARGEST_AMOUNT_DONG: Final = 10**15  # above any fee, and the sum of 9,000 fits into 64 bits
HIGHEST_STEP: Final = 32_767  # what the archive's int16 column holds


class _Whole:
    """Validates a whole number: in JSON, 15.0 is the number 15, as JSON Schema has it."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        strict = core_schema.int_schema(strict=True)
        integral = core_schema.chain_schema(
            [core_schema.float_schema(strict=True), core_schema.int_schema(strict=False)]
        )
        number = core_schema.custom_error_schema(
            core_schema.union_schema([strict, integral], mode="left_to_right"),
            custom_error_type="whole_number",
            custom_error_message="Input should be a valid integer",
        )
        within = core_schema.int_schema(strict=True, ge=self.least, le=self.most)
        return core_schema.chain_schema([number, within])

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: Any) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class _Written:
    """Validates a date or an instant.

    In JSON it must be a string in the form that the standard gives: a number is refused, also
    within a string. In Python it must be a ``date`` or an aware ``datetime``.
    """

    def __init__(self, form: str, *patterns: tuple[str, type[date]]) -> None:
        self.form = form
        self.patterns = patterns

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        written = [
            core_schema.chain_schema(
                [core_schema.str_schema(pattern=f"^{pattern}$"), _moment(kind, strict=False)]
            )
            for pattern, kind in self.patterns
        ]
        return core_schema.json_or_python_schema(
            core_schema.custom_error_schema(
                core_schema.union_schema([*written]),
                custom_error_type="written_form",
                custom_error_message=f"Input should be {self.form}",
            ),
            core_schema.union_schema([_moment(kind, strict=True) for _, kind in self.patterns]),
        )

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: Any) -> dict[str, Any]:
        """What intake accepts, but for days that a month does not have: ``format`` says that."""
        forms = [_SCHEMA_FORMS[kind] for _, kind in self.patterns]
        return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _moment(kind: type[date], *, strict: bool) -> CoreSchema:
    if kind is datetime:
        return core_schema.datetime_schema(strict=strict, tz_constraint="aware")
    return core_schema.date_schema(strict=strict)


_AN_INSTANT: Final = "an RFC 3339 instant with an offset, such as 2023-03-15T08:12:44+07:00"
_AS_INSTANT: Final = (_DAY + _TIME, datetime)

Instant = Annotated[datetime, _Written(_AN_INSTANT, _AS_INSTANT)]
DayOrInstant = Annotated[
    datetime | date,
    _Written(f"a date such as 2023-03-15 or {_AN_INSTANT}", _AS_INSTANT, (_DAY, date)),
]
# Controls (C0 and C1), and what turns a text around where it is shown.
_CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_BLANKS: Final = re.compile("[\\s\u00a0\u200b-\u200d\u2060\ufeff]+")


def one_spelling(text: str) -> str:
    """A text as it is compared and stored: in Unicode's form NFC, without blanks around it, each
    run of blanks made one space. No-break and zero-width spaces are blanks.

    Raises ``ValueError`` for a text of blanks only.
    """
    if text.isascii() and "  " not in text and text[0] != " " != text[-1]:
        return text
    return _spelled(text)


@lru_cache(maxsize=4_096)  # names of agencies, fields and procedures come again and again
def _spelled(text: str) -> str:
    spelled = _BLANKS.sub(" ", normalize("NFC", text)).strip()
    if not spelled:
        raise ValueError("a text of blanks only")
    return spelled


TEXT_PATTERN: Final = rf"^[^{_CONTROLS}]{{1,{LONGEST_TEXT_CHARS}}}$"
Text = Annotated[
    str,
    StringConstraints(pattern=TEXT_PATTERN),
    AfterValidator(one_spelling),
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
UriReference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,400}$")
]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


OfficialCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class _EventData(_Data):
    """The data of any event. ``official`` is an opaque staff code, never a name, of who handled it:
    it judges nothing, and is personal data."""

    official: OfficialCode | None = None


class Allowance(_Data):
    """Thời hạn giải quyết: the time a procedure may take."""

    value: Annotated[int, _Whole(0, LONGEST_ALLOWANCE_DAYS)]
    unit: Literal["working_days", "calendar_days"]


Level = Literal["province", "district", "commune"]


class ReceivedData(_EventData):
    """Tiếp nhận: what was handed in, where, and by when it is due.

    ``agency`` is the body competent to resolve it; ``received_at`` the office that took it in,
    where that is another body. ``online_service``: toàn trình or một phần.
    """

    agency: Text
    field: Text
    procedure: Text
    channel: Literal["online", "in_person", "post"]
    online_service: Literal["full", "partial"] | None = None
    received_at: Text | None = None
    level: Level | None = None
    on_the_spot: bool | None = None
    allowance: Allowance | None = None
    due: DayOrInstant | None = None

    @model_validator(mode="after")
    def _is_online(self) -> "ReceivedData":
        if self.online_service is not None and self.channel != "online":
            raise ValueError("online_service: only a dossier with channel online has one")
        return self

    @model_validator(mode="after")
    def _has_a_deadline(self) -> "ReceivedData":
        if self.allowance is None and self.due is None:
            raise ValueError("a deadline is missing: give allowance, due or both")
        return self


class SupplementRequestedData(_EventData):
    """Yêu cầu bổ sung: why something is missing."""

    reason: Code | None = None


class SupplementedData(_EventData):
    """Đã bổ sung: the new appointment, if one was given."""

    due: DayOrInstant | None = None


class PausedData(_EventData):
    """Tạm dừng: what the office waits for."""

    reason: Literal["awaiting_authority", "financial_obligation", "other"]


class ResumedData(_EventData):
    """Tiếp tục: the new appointment, if one was given."""

    due: DayOrInstant | None = None


class RescheduledData(_EventData):
    """Hẹn lại: the new appointment, and whether an apology came with it."""

    due: DayOrInstant
    reason: Code | None = None
    apology: bool | None = None


class ArrivedData(_EventData):
    """Đã nhận được hồ sơ do nơi khác tiếp nhận: the new appointment, if one was given."""

    due: DayOrInstant | None = None


class ReassignedData(_EventData):
    """Chuyển thẩm quyền: the agency that is competent from this day on, and what else changes."""

    agency: Text
    level: Level | None = None
    field: Text | None = None
    reason: Code | None = None


class ReturnedData(_EventData):
    """Trả lại: why the dossier is not eligible."""

    reason: Code


class CancelledData(_EventData):
    """Hủy, rút: by the applicant's own wish, or for another reason.

    ``expired``: closed because no supplement came. ``replaced_by`` is the code of the dossier that
    takes the place of a duplicate or re-entered one.
    """

    reason: Literal["withdrawn", "duplicate", "re_entered", "incomplete", "expired", "other"]
    replaced_by: Text | None = None

    @model_validator(mode="after")
    def _is_replaced(self) -> "CancelledData":
        if self.replaced_by is not None and self.reason not in ("duplicate", "re_entered"):
            raise ValueError("replaced_by: only with the reason duplicate or re_entered")
        return self


class ResolvedData(_EventData):
    """Kết quả: granted or refused."""

    outcome: Literal["granted", "refused"]


class AnnulledData(_EventData):
    """Thu hồi: which event of the same source is taken back, and why."""

    event_id: Text
    reason: Code


class DigitisedData(_EventData):
    """Số hóa: which part was digitised, and whether all of it."""

    part: Literal["components", "result"]
    complete: bool


class PaidData(_EventData):
    """Thanh toán: how much, in đồng, and which way."""

    amount: Annotated[int, _Whole(0, LARGEST_AMOUNT_DONG)]
    channel: Literal["online", "direct"]


class RatedData(_EventData):
    """Đánh giá: whether the applicant was satisfied, and where the rating was given."""

    satisfied: bool
    channel: Literal["online", "in_person"]


class SyncedData(_EventData):
    """Đồng bộ: no data."""


class ReusedData(_EventData):
    """Tái sử dụng: no data."""


class ContactedData(_EventData):
    """Liên hệ thêm: why the applicant had to come or call again, and whose fault it was."""

    reason: Code
    applicant_fault: bool


class ComplainedData(_EventData):
    """Phản ánh, kiến nghị: whether the complaint was settled in time."""

    settled_in_time: bool


class TransferredData(_EventData):
    """Liên thông: the agency of the step, the step's number, and its due day, if it has one."""

    to_agency: Text
    step: Annotated[int, _Whole(0, HIGHEST_STEP)]
    step_due: DayOrInstant | None = None


class StepDoneData(_EventData):
    """Xong bước: the step's number."""

    step: Annotated[int, _Whole(0, HIGHEST_STEP)]


class _Event(BaseModel):
    """The envelope of every event: the CloudEvents attributes that hoso knows."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: Text
    source: UriReference
    subject: Text
    time: Instant
    recordedtime: Instant | None = None
    datacontenttype: Text | None = None
    partitionkey: Text | None = None
    sequence: Text | None = None
    traceparent: Text | None = None
    tracestate: Text | None = None


class Received(_Event):
    """Tiếp nhận hồ sơ: the dossier's life begins."""

    type: Literal["dossier.received.v1"]
    data: ReceivedData


class SupplementRequested(_Event):
    """Yêu cầu bổ sung: the applicant is asked for something more."""

    type: Literal["dossier.supplement_requested.v1"]
    data: SupplementRequestedData = SupplementRequestedData()


class Supplemented(_Event):
    """Đã bổ sung: what was asked for has come in."""

    type: Literal["dossier.supplemented.v1"]
    data: SupplementedData = SupplementedData()


class Paused(_Event):
    """Tạm dừng: the clock stops for a reason that is not a missing supplement."""

    type: Literal["dossier.paused.v1"]
    data: PausedData


class Resumed(_Event):
    """Tiếp tục: the clock runs again."""

    type: Literal["dossier.resumed.v1"]
    data: ResumedData = ResumedData()


class Rescheduled(_Event):
    """Xin lỗi và hẹn lại: an apology and a new appointment."""

    type: Literal["dossier.rescheduled.v1"]
    data: RescheduledData


class Returned(_Event):
    """Trả lại hồ sơ: handed back to the applicant, not eligible."""

    type: Literal["dossier.returned.v1"]
    data: ReturnedData


class Cancelled(_Event):
    """Hủy hoặc rút hồ sơ: withdrawn or voided."""

    type: Literal["dossier.cancelled.v1"]
    data: CancelledData


class Resolved(_Event):
    """Đã giải quyết: the result is ready."""

    type: Literal["dossier.resolved.v1"]
    data: ResolvedData


class Annulled(_Event):
    """Thu hồi một sự kiện: an earlier event of the same dossier and source is taken back."""

    type: Literal["dossier.annulled.v1"]
    data: AnnulledData


class Arrived(_Event):
    """Đã nhận được hồ sơ do nơi khác tiếp nhận: the competent body has it."""

    type: Literal["dossier.arrived.v1"]
    data: ArrivedData = ArrivedData()


class Reassigned(_Event):
    """Chuyển thẩm quyền: from this day on another agency is competent to resolve it."""

    type: Literal["dossier.reassigned.v1"]
    data: ReassignedData


class Digitised(_Event):
    """Số hóa: components or result were digitised."""

    type: Literal["dossier.digitised.v1"]
    data: DigitisedData


class Paid(_Event):
    """Thanh toán: fees were paid."""

    type: Literal["dossier.paid.v1"]
    data: PaidData


class Rated(_Event):
    """Đánh giá: the applicant rated the service."""

    type: Literal["dossier.rated.v1"]
    data: RatedData


class Synced(_Event):
    """Đồng bộ: the dossier's state reached the national portal."""

    type: Literal["dossier.synced.v1"]
    data: SyncedData = SyncedData()


class Reused(_Event):
    """Tái sử dụng: digitised data was used again."""

    type: Literal["dossier.reused.v1"]
    data: ReusedData = ReusedData()


class Contacted(_Event):
    """Liên hệ thêm: the applicant had to come or call again."""

    type: Literal["dossier.contacted.v1"]
    data: ContactedData


class Complained(_Event):
    """Phản ánh, kiến nghị: somebody complained about the dossier."""

    type: Literal["dossier.complained.v1"]
    data: ComplainedData


class Transferred(_Event):
    """Liên thông: the step of another agency begins."""

    type: Literal["dossier.transferred.v1"]
    data: TransferredData


class StepDone(_Event):
    """Xong bước: an agency has finished its step."""

    type: Literal["dossier.step_done.v1"]
    data: StepDoneData


Event = (
    Received
    | SupplementRequested
    | Supplemented
    | Paused
    | Resumed
    | Rescheduled
    | Returned
    | Cancelled
    | Resolved
    | Annulled
    | Arrived
    | Reassigned
    | Digitised
    | Paid
    | Rated
    | Synced
    | Reused
    | Contacted
    | Complained
    | Transferred
    | StepDone
)
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def recorded_at(event: Event) -> datetime:
    """When an event was recorded: its ``recordedtime``, or ``time`` where it has none.

    Every event in the log has a ``recordedtime``; one in a file may lack it (docs/CONTRACT.md,
    section 8).
    """
    return event.recordedtime or event.time


def type_of(model: type[BaseModel]) -> str:
    """The published type of an event model: ``dossier.received.v1``."""
    return str(get_args(model.model_fields["type"].annotation)[0])


def json_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema (2020-12) of each event, by its published type."""
    return {
        type_of(model): {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(),
        }
        for model in get_args(Event)
    }


def describe_fault(error: ValidationError) -> str:
    """What is wrong with an event, and in which field, on one line.

    A day, an instant, a short number and a type are quoted. Any other value may be personal data,
    and so may the name of a field that is no plain identifier.
    """
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"not valid JSON: {first['ctx']['error']}"
    if first["type"] == "union_tag_not_found":
        return "type: missing"
    if first["type"] == "union_tag_invalid":
        return f"type: unknown event type{_quoted(first['input'].get('type'))}"
    field = ".".join(map(_name, first["loc"][1:]))
    message = first["msg"].removeprefix("Value error, ")
    is_listed = field and first["type"] not in NEVER_QUOTED
    quote = _quoted(first["input"]) if is_listed else ""
    more = f"; and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"{field or 'event'}: {message}{quote}{more}"


def _name(part: str | int) -> str:
    """The name of a field as it can be shown."""
    return str(part) if isinstance(part, int) or PLAIN_NAME.fullmatch(part) else "<blanked name>"


def _quoted(value: object) -> str:
    """A value in a message, if it cannot be personal data; else what it is."""
    if is_harmless(value):
        return f" (given: {value})"
    return f" (given: a text of {len(value):,} characters)" if isinstance(value, str) else ""


def is_harmless(value: object) -> bool:
    """Whether the value of a listed field cannot be personal data, though it is not valid there: a
    day or an instant, a short number, the type of an event."""
    if isinstance(value, str):
        return HARMLESS_TEXT.fullmatch(value) is not None
    return isinstance(value, int | float) and abs(value) < LARGEST_HARMLESS
