"""The document of one dossier's life: each step, what it did, and the rules that decided.

An event at which a check of integrity saw something has a mark: the name of the check. Under the
table stands what the check saw, and which innocent cause it may have.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from hoso.domain import rules
from hoso.domain.accounts import ACCOUNTS, IN_PROGRESS, OUTSIDE
from hoso.domain.calendar import date_of
from hoso.domain.law import Rule
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.projections.documents.figures import in_words
from hoso.projections.documents.law import CERTAINTY, cited
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Data,
    Day,
    Document,
    Each,
    Records,
    Row,
    Table,
    Words,
    in_numbers,
)
from hoso.projections.documents.statement import ALL_RECORDED
from hoso.projections.ledger.explain import Step
from hoso.projections.ledger.statement import instant_text

Json = dict[str, Any]

COLUMNS: Final = (
    Column("day", (Bilingual("Ngày", "Day"),), "text", width=10),
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=20),
    Column("id", (Bilingual("Mã sự kiện", "Event id"),), "text", width=20),
    Column("effect", (Bilingual("Tác động", "What it did"),), "text", width=40),
    Column("account", (Bilingual("Trạng thái", "Account"),), "text", width=24),
    Column("due", (Bilingual("Hẹn trả", "Due"),), "text", width=10),
    Column("rules", (Bilingual("Quy tắc (căn cứ)", "Rule (source)"),), "text", width=34),
)
EVENTS: Final = {  # by the kind of event; "deadline" is none
    "received": "Tiếp nhận",
    "supplement_requested": "Yêu cầu bổ sung",
    "supplemented": "Bổ sung hồ sơ",
    "paused": "Tạm dừng",
    "resumed": "Tiếp tục giải quyết",
    "rescheduled": "Xin lỗi, hẹn lại",
    "returned": "Trả lại",
    "cancelled": "Rút, hủy",
    "resolved": "Giải quyết xong",
    "annulled": "Thu hồi sự kiện",
    "arrived": "Nhận hồ sơ chuyển đến",
    "reassigned": "Chuyển thẩm quyền",
    "deadline": "Hết thời hạn",
    "digitised": "Số hóa",
    "paid": "Thanh toán",
    "rated": "Đánh giá",
    "synced": "Đồng bộ",
    "reused": "Dùng lại dữ liệu",
    "contacted": "Liên hệ thêm",
    "complained": "Phản ánh, kiến nghị",
    "transferred": "Chuyển bước",
    "step_done": "Xong bước",
}
SEEN: Final = Column("checks", (Bilingual("Dấu hiệu", "Seen by checks"),), "text", width=20)
IN_TIME: Final = ACCOUNTS[IN_PROGRESS]
RECORDS: Final = ("day", "event", "id", "effect", "account", "due", "suspense", "rules", "checks")


class Mark(NamedTuple):
    """A check that saw something at an event: its name, its title, what it saw, and which innocent
    causes that may have."""

    check: str
    title: Bilingual
    sees: Bilingual
    innocent: tuple[Bilingual, ...]


Marks = Mapping[tuple[str | None, str | None], Sequence[Mark]]  # by source and id of the event
NO_MARKS: Final[Marks] = {}


def document(
    code: str,
    steps: Sequence[Step],
    office: Office,
    today: int,
    as_of: datetime | None,
    marks: Marks = NO_MARKS,
) -> Document:
    """The life of a dossier up to the day number ``today``, from its steps (``ledger.explain``).

    ``marks`` are the checks that saw something at its events.
    """
    last, account = steps[-1], _account_today(steps[-1], today)
    left = _days_left(last, office, today)
    lines = Each(partial(_line, policy=office.policy, marks=marks), steps)
    life: Json = {
        "dossier": code,
        "day": date_of(today).isoformat(),
        "as_of": None if as_of is None else instant_text(as_of),
        "law": office.policy.as_json(),
        "calendar": {"version": office.calendar.version},
        "account": account,
        "due": _line(last, office.policy, marks)["due"],
        "days_left": left,
        "steps": lines,
    }
    title = Bilingual(f"Hồ sơ {code}", f"Dossier {code}")
    about = (
        About(Bilingual("Số liệu tính đến", "As of"), life["as_of"] or ALL_RECORDED),
        About(Bilingual("Lịch làm việc", "Working days"), office.calendar.version),
        *([] if left is None else _deadline(last, left)),
    )
    columns = (*COLUMNS[:4], SEEN, *COLUMNS[4:]) if marks else COLUMNS
    rows = Each(partial(_row, marks=marks), range(len(lines)), steps, lines)
    table = Table("life", title, columns, rows, tuple(_notes(marks)))
    records = Records(RECORDS, Each(_record, lines))
    standing = _standing(last, account, left, today)
    data = Data(life, records)
    return Document("explain", title, None, about, (table,), data=data, lead=standing)


def _account_today(last: Step, today: int) -> str | None:
    """The account at the end of ``today``; None where the dossier is not received."""
    account = rules.account(last.clock, today)
    return None if account == OUTSIDE else ACCOUNTS[account]


def _line(step: Step, policy: Policy, marks: Marks) -> Json:
    """A step as programs get it."""
    received = step.clock.phase != rules.NONE
    return {
        "day": date_of(step.day).isoformat(),
        "event": step.event_type,
        "id": step.event,
        "effect": step.effect.en,
        "account": None if step.account == OUTSIDE else ACCOUNTS[step.account],
        "due": date_of(step.clock.due).isoformat() if received else None,
        "suspense": step.suspense,
        "rules": [_cited(rule, policy, date_of(step.day)) for rule in step.law],
        "checks": [mark.check for mark in marks.get((step.source, step.event), ())],
    }


def _cited(rule: Rule, policy: Policy, on: date) -> Json:
    """A rule and its source: where a provision decides, the one in force on a day, from when to
    when, and how certain it is; where the parameter is pinned, its value."""
    if rule.parameter is None:
        return {"name": rule.name, "source": rule.source}
    if rule.parameter in policy.pinned():
        value = policy.pinned()[rule.parameter]
        return {"name": rule.name, "source": f"{rule.parameter} {value}, pinned", "pinned": value}
    provision = policy.provision(rule.parameter, on)
    return {
        "name": rule.name,
        "source": provision.source,
        "parameter": rule.parameter,
        "value": provision.value,
        "from": None if provision.first is None else provision.first.isoformat(),
        "to": None if provision.last is None else provision.last.isoformat(),
        "certainty": provision.certainty,
    }


def _row(place: int, step: Step, line: Json, marks: Marks) -> Row:
    seen = marks.get((step.source, step.event), ())
    cells: dict[str, Cell] = {
        "day": Day(date.fromisoformat(line["day"])),
        "event": Words(Bilingual(EVENTS[line["event"]], line["event"])),
        "id": Words(line["id"] or NO_DATA),
        "effect": Words(Bilingual(*step.effect)),
        "account": Words(in_words(line["account"]) if line["account"] else NO_DATA),
        "due": Day(date.fromisoformat(line["due"]) if line["due"] else None),
        "rules": Words(Bilingual(_rules_in_vietnamese(step, line), _rules(line))),
    }
    if marks:
        titles = zip(*(mark.title for mark in seen), strict=True)
        cells["checks"] = Words(Bilingual(*map("; ".join, titles)) if seen else "")
    return Row(str(place), cells, "notice" if line["suspense"] or seen else "line")


def _notes(marks: Marks) -> Iterator[Bilingual]:
    """What each check saw, and which innocent causes it may have; each check once."""
    for mark in dict.fromkeys(mark for seen in marks.values() for mark in seen):
        vi, en = (" ".join(causes) for causes in zip(*mark.innocent, strict=True))
        yield Bilingual(
            f"{mark.title.vi}: {mark.sees.vi} Có thể vì: {vi}",
            f"{mark.title.en}: {mark.sees.en} It may be innocent: {en}",
        )


def _rules_in_vietnamese(step: Step, line: Json) -> str:
    return "; ".join(
        f"{rule.vi} ({cited(told['source']).vi}{_in_force_in_vietnamese(told)})"
        for rule, told in zip(step.law, line["rules"], strict=True)
    )


def _in_force_in_vietnamese(rule: Json) -> str:
    """As ``_in_force``: ``, từ 01/07/2025, đã đọc văn bản``."""
    if "certainty" not in rule:
        return ""
    days = [
        f"{word} {date.fromisoformat(rule[key]):%d/%m/%Y}"
        for key, word in (("from", "từ"), ("to", "đến"))
        if rule[key]
    ]
    return "".join(
        f", {words}" for words in (" ".join(days), CERTAINTY[rule["certainty"]]) if words
    )


def _record(line: Json) -> list[Any]:
    return [*map(line.get, RECORDS[:-2]), _rules(line), "; ".join(line["checks"])]


def _rules(line: Json) -> str:
    return "; ".join(
        f"{rule['name']} ({rule['source']}{_in_force(rule)})" for rule in line["rules"]
    )


def _in_force(rule: Json) -> str:
    """The days on which a provision is in force, and its certainty: ``, from 2025-07-01, text
    read``."""
    if "certainty" not in rule:
        return ""
    days = [f"{word} {rule[key]}" for key, word in (("from", "from"), ("to", "until")) if rule[key]]
    return "".join(f", {words}" for words in (" ".join(days), rule["certainty"]) if words)


def _days_left(last: Step, office: Office, today: int) -> int | None:
    """The working days that a dossier has left after today; None where it is not open."""
    left = rules.days_left(last.clock, office.calendar.days, today)
    return None if left == rules.NOTHING else left


def _deadline(last: Step, left: int) -> Iterator[About]:
    """The due day of an open dossier, and the days left."""
    yield About(Bilingual("Ngày hẹn trả", "Due on"), in_numbers(date_of(last.clock.due)))
    yield About(Bilingual("Số ngày còn lại", "Days left"), str(left))


def _standing(last: Step, account: str | None, left: int | None, today: int) -> Bilingual:
    """Where a dossier stands today, and when its time runs out or since when its clock stands;
    ``left`` are the days left."""
    if account is None:
        return Bilingual("Chưa tiếp nhận", "Not received yet")
    day, due, stopped = date_of(today), date_of(last.clock.due), last.clock.stopped
    name = in_words(account)
    stands = Bilingual(f"{day:%d/%m/%Y}: {name.vi}", f"{day}: {name.en} ({account})")
    if account == IN_TIME:
        return Bilingual(
            f"{stands.vi}; hết hạn vào cuối ngày {due:%d/%m/%Y}, còn {left} ngày làm việc",
            f"{stands.en}; the time runs out at the end of {due}, working days left: {left}",
        )
    if last.clock.phase in (rules.AWAITING, rules.PAUSED):
        return Bilingual(
            f"{stands.vi}; thời hạn ngừng tính từ ngày {date_of(stopped):%d/%m/%Y}",
            f"{stands.en}; the clock has stood since {date_of(stopped)}",
        )
    return stands
