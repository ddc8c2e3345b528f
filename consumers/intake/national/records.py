"""Validates the form of records of the national portal.

There are two kinds: the present state of a dossier (dossier sync, đồng bộ hồ sơ), and a status that
a dossier has reached (progress, cập nhật tiến độ). Fields that are not listed here may be personal
data, and are ignored.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple

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
    ValidationInfo,
    model_validator,
)
from pydantic_core import from_json

from hoso.consumers.intake.overlong import overlong_reason
from hoso.consumers.intake.validate import (
    AHEAD_OF_CLOCK,
    BLANKED,
    BLANKED_TEXT,
    STILL_BLANKED,
    Rejected,
)
from hoso.domain.events import TEXT_PATTERN, Text, describe_fault, one_spelling
from hoso.domain.windows import YEARS


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


ShortText = Annotated[
    str,
    StringConstraints(pattern=TEXT_PATTERN, max_length=100),
    AfterValidator(one_spelling),
]
CLOSED: Final = (
    Status.NOT_ACCEPTED,
    Status.WITHDRAWN,
    Status.STOPPED,
    Status.PROCESSED,
    Status.HANDED_OVER,
)


class _TimeContext(NamedTuple):
    """How the times of a record are read: its time zone, and the latest instant allowed."""

    zone: tzinfo
    latest: datetime


def _local_time(written: object, info: ValidationInfo[_TimeContext]) -> datetime:
    """A time of the office's clock, with its time zone."""
    try:
        if isinstance(written, str) and re.fullmatch("[0-9]{14}", written):
            local = datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=info.context.zone)
            if local.year in YEARS:
                return local
    except ValueError:
        pass  # no such day, or no such hour
    raise ValueError(
        "Input should be a time yyyyMMddHHmmss, such as 20230315081244, "
        f"in the years {YEARS[0]} to {YEARS[-1]}"
    )


def _instant(written: object, info: ValidationInfo[_TimeContext]) -> datetime:
    instant = _local_time(written, info).astimezone(UTC)
    if instant > info.context.latest:
        raise ValueError("more than a day ahead of the clock")
    return instant


def _day(written: object, info: ValidationInfo[_TimeContext]) -> date:
    return _local_time(written, info).date()


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]


class _PortalModel(BaseModel):
    """Reads only the fields that are listed: the others may be personal data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, fields: object) -> object:
        """The fields that are not blank, with numbers as text: some systems send numbers."""
        if not isinstance(fields, dict):
            return fields
        return {name: _as_text(value) for name, value in fields.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


class Supplement(_PortalModel):
    """Hồ sơ bổ sung: one request for a supplement, and the supplement if it was brought."""

    requested: Instant | None = Field(None, alias="NgayBoSung")
    brought: Instant | None = Field(None, alias="NgayTiepNhanBoSung")
    due_before: Day | None = Field(None, alias="NgayHenTraTruoc")
    due_after: Day | None = Field(None, alias="NgayHenTraMoi")


class _Record(_PortalModel):
    # An event's id holds the code and more: it must not become too long.
    code: ShortText = Field(alias="MaHoSo")


class SyncRecord(_Record):
    """Đồng bộ hồ sơ: the present state of a dossier."""

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
        """When the dossier was received; None if it was not. (Systems fill in NgayTiepNhan even
        for a dossier that was not accepted.)"""
        return None if self.status in (Status.NEW, Status.NOT_ACCEPTED) else self.received

    @property
    def first_due(self) -> date | None:
        """The due day given at the reception, before a supplement moved it."""
        return next((entry.due_before for entry in self.supplements if entry.due_before), self.due)

    @property
    def reached_status(self) -> tuple[Status, datetime | None]:
        """The status, and its date if the record has one. A hand-over counts as the completion
        before it, if the record dates the completion."""
        if self.status == Status.HANDED_OVER and self.processed is None:
            return self.status, self.handed_over
        if self.status == Status.HANDED_OVER:
            return Status.PROCESSED, self.processed
        return self.status, self.processed if self.status in CLOSED else None


class ProgressRecord(_Record):
    """Cập nhật tiến độ hồ sơ: a status, and when it was reached."""

    status: Status = Field(alias="TrangThai")
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


def model_of(fields: dict[str, object]) -> type[Record] | None:
    """Which record some fields are; None if they are none."""
    models: dict[str | None, type[Record]] = {
        "TrangThaiHoSo": SyncRecord,
        "TrangThai": ProgressRecord,
    }
    return models.get(_status_field(fields))


def any_time(zone: tzinfo) -> _TimeContext:
    """How the times of a record are read if any time may be there."""
    return _TimeContext(zone, datetime.max.replace(tzinfo=UTC))


def parse_record(raw: bytes, zone: tzinfo, now: datetime) -> Record:
    """The record that a message holds.

    ``zone`` is the time zone of the record's times, ``now`` the time of intake, in UTC.

    Raises ``Rejected`` if the message is no valid record, or if it has a time more than a day ahead
    of ``now``.
    """
    try:
        fields = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Rejected(overlong_reason(raw) or f"not valid JSON: {error}") from None
    if not isinstance(fields, dict):
        raise Rejected("not a record: a line holds one JSON object, not an array of them")
    if _status_field(fields) is None:
        raise Rejected("not a record: no TrangThaiHoSo, no TrangThai; send what is in the envelope")
    try:
        record = RECORD.validate_python(fields, context=_TimeContext(zone, now + AHEAD_OF_CLOCK))
    except ValidationError as error:
        raise Rejected(describe_fault(error)) from None
    if BLANKED in raw and BLANKED_TEXT in record.model_dump_json().encode():
        raise Rejected(STILL_BLANKED)
    if isinstance(record, SyncRecord) and record.reception and not record.first_due:
        raise Rejected("NgayHenTra: missing, and nothing is received without a deadline")
    return record
