"""Validates the form of records of the national portal.

There are two kinds: the present state of a dossier (dossier sync, đồng bộ hồ sơ), and a status that
a dossier has reached (progress, cập nhật tiến độ). Fields that are not listed here may be personal
data, and are ignored.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json, to_json

from hoso.consumers.intake.national.times import DayOrNone, Instant, InstantOrNone, TimeContext
from hoso.consumers.intake.overlong import overlong_reason
from hoso.consumers.intake.validate import (
    AHEAD_OF_CLOCK,
    BLANKED,
    BLANKED_TEXT,
    STILL_BLANKED,
    Rejected,
)
from hoso.domain.events import TEXT_PATTERN, Allowance, Text, describe_fault, one_spelling

Channel = Literal["1", "2", "3"]
CHANNELS: Final[dict[Channel, str]] = {
    "1": "in_person",
    "2": "online",
    "3": "post",
}  # kênh thực hiện


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


class Defaults(NamedTuple):
    """What records may lack: the channel (``1``, ``2``, ``3``), and the allowance of a procedure,
    by its code."""

    channel: Channel | None = None
    allowances: Mapping[str, Allowance] = {}


NO_DEFAULTS: Final = Defaults()
REQUIRED: Final = ("agency", "field", "procedure")  # of a reception; so are channel and deadline
NO_DEADLINE: Final = (
    "NgayHenTra: missing, and nothing is received without a deadline (--procedures gives it the "
    "allowance of its procedure)"
)


def _as_digits(value: object) -> object:
    """A whole number as its digits: the meaning of a status or a channel is certain."""
    return str(value) if type(value) is int else value


def _no_number(value: object) -> object:
    """A code that is a text. A number may have lost zeros of the code that it stands for."""
    if isinstance(value, int | float):
        raise ValueError("a code is a text, never a number: write it in quotation marks")
    return value


ShortText = Annotated[
    str,
    StringConstraints(pattern=TEXT_PATTERN, max_length=100),
    AfterValidator(one_spelling),
    BeforeValidator(_no_number),
]
CodeText = Annotated[Text, BeforeValidator(_no_number)]
StatusDigits = Annotated[Status, BeforeValidator(_as_digits)]


class _PortalModel(BaseModel):
    """Reads only the fields that are listed: the others may be personal data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, fields: object) -> object:
        if not isinstance(fields, dict):
            return fields
        return {name: value for name, value in fields.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class Supplement(_PortalModel):
    """Hồ sơ bổ sung: one request for a supplement, and the supplement if it was brought."""

    requested: InstantOrNone = Field(None, alias="NgayBoSung")
    brought: InstantOrNone = Field(None, alias="NgayTiepNhanBoSung")
    due_before: DayOrNone = Field(None, alias="NgayHenTraTruoc")
    due_after: DayOrNone = Field(None, alias="NgayHenTraMoi")


class _Record(_PortalModel):
    # An event's id holds the code and more: it must not become too long.
    code: ShortText = Field(alias="MaHoSo")


class SyncRecord(_Record):
    """Đồng bộ hồ sơ: the present state of a dossier.

    ``allowance`` is not the sender's: intake adds it to a reception without a due day.
    """

    status: StatusDigits = Field(alias="TrangThaiHoSo")
    agency: CodeText | None = Field(None, alias="DonViXuLy")
    field: CodeText | None = Field(None, alias="MaLinhVuc")
    procedure: CodeText | None = Field(None, alias="MaTTHC")
    channel: Annotated[Channel | None, BeforeValidator(_as_digits)] = Field(
        None, alias="KenhThucHien"
    )
    received: InstantOrNone = Field(None, alias="NgayTiepNhan")
    due: DayOrNone = Field(None, alias="NgayHenTra")
    processed: InstantOrNone = Field(None, alias="NgayKetThucXuLy")
    refused: InstantOrNone = Field(None, alias="NgayTuChoi")
    handed_over: InstantOrNone = Field(None, alias="NgayTra")
    supplements: tuple[Supplement, ...] = Field((), alias="DanhSachHoSoBoSung")
    allowance: Allowance | None = Field(None, alias="hoso.allowance")

    @property
    def reception(self) -> datetime | None:
        """When the dossier was received; None if it was not. (Systems fill in NgayTiepNhan even
        for a dossier that was not accepted.)"""
        return None if self.status in (Status.NEW, Status.NOT_ACCEPTED) else self.received

    @property
    def first_due(self) -> date | None:
        """The due day given at the reception, before a supplement moved it."""
        return next((entry.due_before for entry in self.supplements if entry.due_before), self.due)

    @property
    def dated_status(self) -> tuple[Status, datetime | None]:
        """The status, and the date at which it was reached if the record has one. Where a dossier
        was handed over, its completion before that if the record dates it."""
        match self.status:
            case Status.HANDED_OVER if self.processed is None:
                return self.status, self.handed_over
            case Status.HANDED_OVER:
                return Status.PROCESSED, self.processed
            case Status.NOT_ACCEPTED:
                return self.status, self.refused or self.processed
            case Status.WITHDRAWN | Status.STOPPED | Status.PROCESSED:
                return self.status, self.processed
        return self.status, None

    def completed(self, defaults: Defaults) -> Self:
        """The record with what it lacks of a reception. Raises ``Rejected`` if it still lacks
        something."""
        if self.reception is None:
            return self
        named = {name: type(self).model_fields[name].alias for name in REQUIRED}
        faults = [f"{named[name]}: missing" for name in REQUIRED if getattr(self, name) is None]
        channel, allowance = self.channel, None
        if channel is None and (channel := defaults.channel) is None:
            faults.append("KenhThucHien: missing (--channel says which one to take)")
        if self.first_due is None:
            allowance = defaults.allowances.get(self.procedure or "")
            if allowance is None:
                faults.append(NO_DEADLINE)
        if faults:
            raise Rejected("; ".join(faults))
        if (channel, allowance) == (self.channel, None):
            return self
        return self.model_copy(update={"channel": channel, "allowance": allowance})


class ProgressRecord(_Record):
    """Cập nhật tiến độ hồ sơ: a status, and when it was reached."""

    status: StatusDigits = Field(alias="TrangThai")
    time: Instant = Field(alias="ThoiDiemXuLy")


Record = SyncRecord | ProgressRecord


def _status_field(fields: dict[str, object]) -> str | None:
    """The name of the field with the status, which differs between the two kinds of records."""
    return next((name for name in ("TrangThaiHoSo", "TrangThai") if name in fields), None)


RECORD: Final[TypeAdapter[Record]] = TypeAdapter(
    Annotated[
        Annotated[SyncRecord, Tag("TrangThaiHoSo")] | Annotated[ProgressRecord, Tag("TrangThai")],
        Discriminator(_status_field),
    ]
)


FIELDS: Final[TypeAdapter[dict[str, object]]] = TypeAdapter(dict[str, object])


def model_of(fields: dict[str, object]) -> type[Record] | None:
    """Which record some fields are; None if they are none."""
    models: dict[str | None, type[Record]] = {
        "TrangThaiHoSo": SyncRecord,
        "TrangThai": ProgressRecord,
    }
    return models.get(_status_field(fields))


def any_time(zone: tzinfo) -> TimeContext:
    """How the times of a record are read if any time may be there."""
    return TimeContext(zone, datetime.max.replace(tzinfo=UTC))


def split_message(raw: bytes) -> list[tuple[str, bytes, object]]:
    """The records that a message holds: itself, those of an array, or those in the portal's
    envelope (``service``, ``isUpdating``, ``data``).

    Each has its place in the message as a person reads it (empty if it is all of it), its bytes,
    and its fields. Raises ``Rejected`` if the message is no JSON.
    """
    try:
        message = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Rejected(overlong_reason(raw) or f"not valid JSON: {error}") from None
    held = message
    if isinstance(message, dict) and _status_field(message) is None:
        held = message.get("data", message)
    if not isinstance(held, list):
        return [("", raw, held)]
    return [
        (f"record {number} of {len(held)}: " if len(held) > 1 else "", to_json(each), each)
        for number, each in enumerate(held, 1)
    ]


def read_record(
    raw: bytes, fields: object, zone: tzinfo, now: datetime, defaults: Defaults = NO_DEFAULTS
) -> Record:
    """The record that some fields, with their bytes, are.

    ``zone`` is the time zone of the record's times, ``now`` the time of intake, in UTC.

    Raises ``Rejected`` if they are no valid record, or if it has a time more than a day ahead of
    ``now``, or if a reception has no channel or no due day and ``defaults`` have none for it.
    """
    if not isinstance(fields, dict):
        raise Rejected("not a record: a record is a JSON object")
    if _status_field(fields) is None:
        raise Rejected("not a record: no TrangThaiHoSo, no TrangThai")
    try:
        record = RECORD.validate_python(fields, context=TimeContext(zone, now + AHEAD_OF_CLOCK))
    except ValidationError as error:
        raise Rejected(describe_fault(error)) from None
    if BLANKED in raw and BLANKED_TEXT in record.model_dump_json().encode():
        raise Rejected(STILL_BLANKED)
    return record.completed(defaults) if isinstance(record, SyncRecord) else record


def stored_record(record: Record) -> bytes:
    """A record as it is kept: its listed fields as JSON, without the dossier's code."""
    return record.__pydantic_serializer__.to_json(
        record, by_alias=True, exclude_none=True, exclude={"code"}
    )


def kept_record(code: str, body: bytes, zone: tzinfo) -> Record:
    """A dossier's record, as ``stored_record`` kept it. Raises ``ValueError`` if it is damaged."""
    fields = FIELDS.validate_json(body)
    return RECORD.validate_python({"MaHoSo": code, **fields}, context=any_time(zone))
