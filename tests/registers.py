"""Writes simulated dossiers as the register that an office would have of them on a day."""

import csv
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.command import asked

Event = dict[str, Any]
HEADINGS = (
    *("Mã hồ sơ", "Thủ tục", "Lĩnh vực", "Cơ quan giải quyết", "Cấp", "Hình thức tiếp nhận"),
    *("Mức độ", "Ngày tiếp nhận", "Thời hạn giải quyết", "Ngày hẹn trả"),
    *("Ngày yêu cầu bổ sung", "Ngày bổ sung", "Ngày tạm dừng", "Ngày tiếp tục"),
    *("Ngày thông báo hẹn lại", "Ngày hẹn lại", "Ngày kết thúc", "Trạng thái"),
)
COLUMN_OF = {
    "supplement_requested": "Ngày yêu cầu bổ sung",
    "supplemented": "Ngày bổ sung",
    "paused": "Ngày tạm dừng",
    "resumed": "Ngày tiếp tục",
    "rescheduled": "Ngày thông báo hẹn lại",
    "resolved": "Ngày kết thúc",
    "returned": "Ngày kết thúc",
    "cancelled": "Ngày kết thúc",
}
STATUS = {
    "in_progress": "Đang xử lý",
    "awaiting_supplement": "Chờ bổ sung",
    "paused": "Tạm dừng",
    "resolved": "Đã trả kết quả",
    "returned": "Trả lại hồ sơ",
}
WORDS = {"online": "Trực tuyến", "in_person": "Trực tiếp", "post": "Bưu chính"} | {
    "full": "Toàn trình",
    "partial": "Một phần",
    "province": "Tỉnh",
    "district": "Huyện",
    "commune": "Xã",
}
# A register has one column for each, so one of each can be told.
ONCE = ("supplement_requested", "supplemented", "paused", "resumed", "rescheduled")
NEVER = ("arrived", "reassigned", "annulled")  # a register has no column for these


def kind(event: Event) -> str:
    return str(event["type"]).split(".")[1]


def tellable(file: Path, kept: Path) -> tuple[int, int]:
    """Keep the events of the dossiers that a register can tell of; how many, of how many.

    It cannot tell of another agency that takes over, of what was taken back, of two supplements or
    pauses, of a deadline that had passed when the clock stopped, nor of events after the closing.
    Of those that were rescheduled, hoso's register lacks the first appointment: it is known here
    where the reception has it, or working days.
    """
    lives = defaultdict(list)
    for line in file.read_text().splitlines():
        lives[json.loads(line)["subject"]].append(line)
    lapsed = {row["dossier"] for row in rows_of(file, None) if row["lapsed"] == "true"}
    told = [
        line
        for code, lines in lives.items()
        if code not in lapsed and _is_tellable([json.loads(line) for line in lines])
        for line in lines
    ]
    kept.write_text("".join(f"{line}\n" for line in told))
    return len({json.loads(line)["subject"] for line in told}), len(lives)


def _is_tellable(events: list[Event]) -> bool:
    kinds = [kind(event) for event in events]
    received = events[0]["data"]
    calendar_days = received.get("allowance", {}).get("unit") == "calendar_days"
    if "rescheduled" in kinds and calendar_days and "due" not in received:
        return False
    closings = [k for k in kinds if k in ("resolved", "returned", "cancelled")]
    return (
        not {*NEVER} & {*kinds}
        and all(kinds.count(name) <= 1 for name in ONCE)
        and len(closings) <= 1
        and (not closings or kinds[-1] == closings[0])
    )


def rows_of(file: Path, day: date | None) -> list[dict[str, str]]:
    """The dossiers of a file as they stand at the end of a day, as hoso prints them."""
    out = file.with_suffix(".csv")
    as_of = () if day is None else ("--as-of", f"{day}T23:59:59+07:00")
    asked(file.parent, "register", "--source", file.name, *as_of, "--out", out.name)
    with out.open(encoding="utf-8-sig", newline="") as opened:
        return [*csv.DictReader(opened)]


def register_on(file: Path, day: date) -> list[list[Any]]:
    """The register of the dossiers in a file on a day: headings, and a row for each."""
    events = defaultdict(list)
    for line in file.read_text().splitlines():
        event = json.loads(line)
        if datetime.fromisoformat(event["time"]).date() <= day:
            events[event["subject"]].append(event)
    return [[*HEADINGS], *(_row(row, events[row["dossier"]]) for row in rows_of(file, day))]


def _row(stands: dict[str, str], events: list[Event]) -> list[Any]:
    received = next(event for event in events if kind(event) == "received")
    data = received["data"]
    allowance = data.get("allowance", {})
    cells: dict[str, Any] = dict.fromkeys(HEADINGS)
    cells |= {
        "Mã hồ sơ": stands["dossier"],
        "Thủ tục": stands["procedure"],
        "Lĩnh vực": stands["field"],
        "Cơ quan giải quyết": stands["agency"],
        "Cấp": WORDS.get(stands["level"]),
        "Hình thức tiếp nhận": WORDS[stands["channel"]],
        "Mức độ": WORDS.get(stands["online_service"]),
        "Ngày tiếp nhận": _moment(received),
        "Ngày hẹn trả": date.fromisoformat(stands["due"]) if stands["due"] else None,
        "Trạng thái": _status(stands["account"]),
    }
    if allowance.get("unit") == "working_days":
        cells["Thời hạn giải quyết"] = f"{allowance['value']} ngày làm việc"
    for event in events:
        if kind(event) in COLUMN_OF:
            cells[COLUMN_OF[kind(event)]] = _moment(event)
        if kind(event) == "rescheduled":
            cells["Ngày hẹn lại"] = date.fromisoformat(event["data"]["due"][:10])
            first = data.get("due")
            cells["Ngày hẹn trả"] = first and date.fromisoformat(first[:10])
    return [*cells.values()]


def _moment(event: Event) -> datetime:
    """The local time of an event, to the second, as Excel has it: without a zone."""
    return datetime.fromisoformat(event["time"]).replace(tzinfo=None, microsecond=0)


def _status(account: str) -> str:
    name, _, part = account.partition(".")
    if name == "cancelled":
        return "Rút hồ sơ" if part == "withdrawn" else "Hủy hồ sơ"
    return STATUS[name]


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months between two days, and the last day itself."""
    days = (first + timedelta(n) for n in range((last - first).days))
    return [*(day for day in days if (day + timedelta(1)).day == 1), last]
