"""The document of what falls due (cảnh báo sớm): how many dossiers each day, and which ones.

Programs get the list alone, with the same keys in JSON and in CSV.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from hoso.domain.calendar import date_of
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import Value
from hoso.projections.documents.dossiers import DAYS_LEFT, DOSSIER, DUE
from hoso.projections.documents.figures import DIMENSIONS, in_words, value_in_words
from hoso.projections.documents.law import cited
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Data,
    Day,
    Document,
    Dossier,
    Each,
    Part,
    Place,
    Records,
    Row,
    Series,
    Style,
    Sum,
    Table,
    Words,
    counted,
    in_numbers,
)
from hoso.projections.documents.statement import ALL_RECORDED
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.due import CLOSING, GROUPS, JOURNEY, NOTICE, PAUSE
from hoso.projections.ledger.register import Moment
from hoso.projections.ledger.statement import instant_text

Listed = Mapping[str, Any]  # a row of ``ledger.due.SCHEMA``

TITLE: Final = Bilingual("Hồ sơ quá hạn và sắp đến hạn", "What is overdue and what falls due")
BY_DAY: Final = Bilingual("Theo ngày hẹn trả", "By due day")
BY_SLICE: Final = Bilingual("Theo nhóm", "By slice")
LIST: Final = Bilingual("Danh sách hồ sơ", "Dossiers")
TOTAL: Final = Bilingual("Tổng cộng", "Total")
UNIT: Final = Bilingual("hồ sơ", "dossiers")
OVERDUE, FALLS_DUE, *OTHERS = GROUPS
LAST_NOTICE, *HELD_UP = OTHERS
GROUP_NAMES: Final[Mapping[str, Bilingual]] = {
    OVERDUE: Bilingual("Đã quá hạn", "Overdue already"),
    FALLS_DUE: Bilingual("Sắp đến hạn", "Falls due"),
    "last_notice": Bilingual(
        "Ngày cuối cùng để thông báo hẹn lại", "Last day for notice of a new appointment"
    ),
    "expired_supplement": Bilingual(
        "Chờ bổ sung quá thời hạn", "Supplement awaited longer than allowed"
    ),
    "endless_pause": Bilingual(
        f"Tạm dừng quá {PAUSE.days} ngày", f"Paused for more than {PAUSE.days} days"
    ),
    "on_its_way": Bilingual(
        f"Chưa đến cơ quan có thẩm quyền sau {JOURNEY.days} ngày làm việc",
        f"Not with the competent body after {JOURNEY.days} working day",
    ),
}
WAITS_FOR: Final[Mapping[str, Bilingual]] = {
    "result": Bilingual("kết quả giải quyết", "the result"),
    "notice": Bilingual(
        "kết quả; nếu không kịp, thông báo hẹn lại ngay hôm nay",
        "the result; or notice of a new appointment, today",
    ),
    "arrival": Bilingual("chuyển đến cơ quan có thẩm quyền", "arrival at the competent body"),
    "supplement": Bilingual("người nộp bổ sung hồ sơ", "the applicant's supplement"),
    "closing": Bilingual("đóng hồ sơ (quá hạn bổ sung)", "closing (no supplement came)"),
    "authority": Bilingual("ý kiến của cơ quan khác", "another authority"),
    "payment": Bilingual("thực hiện nghĩa vụ tài chính", "payment of a financial obligation"),
    "resumption": Bilingual("giải quyết tiếp (đang tạm dừng)", "resumption of the work"),
}
WEEKDAYS: Final = (
    *(Bilingual("Thứ hai", "Monday"), Bilingual("Thứ ba", "Tuesday")),
    *(Bilingual("Thứ tư", "Wednesday"), Bilingual("Thứ năm", "Thursday")),
    *(Bilingual("Thứ sáu", "Friday"), Bilingual("Thứ bảy", "Saturday")),
    Bilingual("Chủ nhật", "Sunday"),
)
STANDING: Final = (
    DUE,
    DAYS_LEFT,
    Column("account", (Bilingual("Trạng thái", "Account"),), "text", width=24),
    Column("waits_for", (Bilingual("Đang chờ", "Waits for"),), "text", width=30),
)
ACT_TODAY: Final = (NOTICE, CLOSING)  # what such dossiers wait for can be done at once
HOW_MANY: Final = Column("count", (Bilingual("Số hồ sơ", "Dossiers"),))
# The table by slice has a column for each group; what falls due has one by how many days are left.
SOON: Final = ("0", "1", "more")
URGENCIES: Final[Mapping[str, tuple[Bilingual, ...]]] = {
    OVERDUE: (GROUP_NAMES[OVERDUE],),
    "0": (GROUP_NAMES[FALLS_DUE], Bilingual("Còn 0 ngày", "0 days left")),
    "1": (GROUP_NAMES[FALLS_DUE], Bilingual("Còn 1 ngày", "1 day left")),
    "more": (GROUP_NAMES[FALLS_DUE], Bilingual("Còn 2 ngày trở lên", "2 days or more")),
    **{name: (GROUP_NAMES[name],) for name in OTHERS},
}
DAYS_LEFT_NOTE: Final = Bilingual(
    "Số ngày còn lại là số ngày làm việc sau ngày lập danh sách; 0 là không còn ngày làm việc nào. "
    "Số âm: đã quá hạn. Hồ sơ đang dừng tính thời hạn: số ngày còn lại khi dừng.",
    "Days left are the working days after the day of the list; 0: none is left. Below zero: "
    "overdue. While the clock stands still: the days that were left when it stopped.",
)


def keys(by: Sequence[str]) -> tuple[str, ...]:
    """The keys of a row for programs: those of the contract, and the dimensions ``by``."""
    dimensions = [name for name in by if name != "agency"]
    return ("dossier", "agency", *dimensions, "due", "days_left", "account", "waits_for")


def document(
    rows: Sequence[Listed],
    by: Sequence[str],
    within: int,
    office: Office,
    moment: Moment,
    *,
    selected: DossierFilter = EVERY_DOSSIER,
    ask: tuple[str, ...] = (),
    lead: Bilingual | None = None,
) -> Document:
    """What falls due within some working days from the end of the moment's day.

    ``rows`` are in the order in which they are printed; figures are split by the dimensions ``by``;
    ``selected`` says whose they are. ``ask`` is how ``hoso explain`` reads the same history;
    ``lead`` is said in place of how many there are.
    """
    parts: list[Part] = [_by_day(rows, office.policy, date_of(moment.day))]
    if any(row["group"] == FALLS_DUE for row in rows):
        parts.append(_chart(rows))
    if by:
        parts.append(_by_slice(rows, by, selected))
    parts.append(_list(rows, by, selected))
    about = (
        About(Bilingual("Đến hết ngày", "At the end of"), in_numbers(date_of(moment.day))),
        *basis(within, selected, office, moment.as_of),
    )
    names = keys(by)
    programs = Data(
        Each(lambda row: {name: _plain(row[name]) for name in names}, rows),
        Records(names, Each(lambda row: [_plain(row[name]) for name in names], rows)),
    )
    said = lead or _lead(rows, within)
    return Document("due", TITLE, None, about, tuple(parts), ask, data=programs, lead=said)


def nothing_recorded(by: date, first: date) -> Bilingual:
    """Nothing is listed, because no event was recorded by the end of a day; the ``first`` one was
    later. Says how a history is loaded with its own times."""
    vi, en = zip(in_numbers(by), in_numbers(first), strict=True)
    return Bilingual(
        "Đến hết ngày {} chưa ghi nhận sự kiện nào: sự kiện đầu tiên được ghi nhận ngày {}. Muốn "
        "mỗi sự kiện tính là được ghi nhận khi xảy ra, hãy nạp dữ liệu vào một kho riêng với "
        "--recorded time".format(*vi),
        "Nothing was recorded by the end of {}: the first event was recorded on {}. To have each "
        "event count as recorded when it occurred, load the history into a store of its own with "
        "--recorded time".format(*en),
    )


def basis(
    within: int, selected: DossierFilter, office: Office, as_of: datetime | None
) -> Iterator[About]:
    """What a list of what falls due rests on, or a backtest."""
    if selected.under is not None:
        yield About(Bilingual("Cơ quan", "Body"), name_of(selected.under, selected))
    for name, values in selected.only.items():
        words = [value_in_words(name, value) for value in values]
        either = Bilingual("; ".join(w.vi for w in words), "; ".join(w.en for w in words))
        yield About(DIMENSIONS[name], either)
    yield About(Bilingual("Số ngày làm việc tới", "Working days ahead"), str(within))
    known = ALL_RECORDED if as_of is None else instant_text(as_of)
    yield About(Bilingual("Số liệu tính đến", "As of"), known)
    yield About(Bilingual("Lịch làm việc", "Working days"), office.calendar.version)


def name_of(body: str, selected: DossierFilter) -> str:
    """The name of a body, as the registry has it; else its code."""
    agency = selected.registry.agencies.get(body)
    return body if agency is None else agency.name


def agency_in_words(code: str, selected: DossierFilter) -> str:
    """An agency with its name, as the registry has it: Sở Tư pháp (H52.01); else its code."""
    name = name_of(code, selected)
    return code if name == code else f"{name} ({code})"


def _value(dimension: str, value: str | None, selected: DossierFilter) -> Words:
    """The value of a dimension as people read it."""
    if dimension == "agency" and value is not None:
        return Words(agency_in_words(value, selected), value)
    return Words(value_in_words(dimension, value))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _lead(rows: Sequence[Listed], within: int) -> Bilingual:
    """The list in a sentence: how many dossiers of each group there are."""
    groups = Counter(row["group"] for row in rows)
    told = (
        (groups[OVERDUE], "hồ sơ đã quá hạn", "overdue"),
        (groups[FALLS_DUE], *_soon(within)),
        (
            sum(row["waits_for"] == NOTICE and row["group"] == FALLS_DUE for row in rows),
            "trong đó phải thông báo hẹn lại ngay hôm nay nếu không kịp",
            "of these in need of notice today of a new appointment, if they will be late",
        ),
        (
            groups[LAST_NOTICE],
            "đến hạn sau đó, phải thông báo hẹn lại ngay hôm nay nếu không kịp",
            "due later, in need of notice today of a new appointment, if they will be late",
        ),
        (sum(groups[name] for name in HELD_UP), "vướng mắc khác", "held up otherwise"),
    )
    words = [counted(number, vi, en) for number, vi, en in told if number]
    if not words:
        return Bilingual("Không có hồ sơ nào", "None")
    return Bilingual("; ".join(each.vi for each in words), "; ".join(each.en for each in words))


def _soon(within: int) -> tuple[str, str]:
    """What falls due within some working days, in Vietnamese and in English."""
    if within == 0:
        return "phải xong hôm nay", "to be done today"
    return f"đến hạn trong {within} ngày làm việc tới", f"due within {within} working days"


def day_in_words(day: date) -> Bilingual:
    """A day with its weekday: Thứ hai 30/11/2026, Monday 2026-11-30."""
    weekday, numbers = WEEKDAYS[day.weekday()], in_numbers(day)
    return Bilingual(f"{weekday.vi} {numbers.vi}", f"{weekday.en} {numbers.en}")


def due_days(rows: Sequence[Listed]) -> Mapping[date, int]:
    """How many dossiers become overdue after each day, if nobody acts, in the order of the days."""
    days = Counter(row["due"] for row in rows if row["group"] == FALLS_DUE)
    return dict(sorted(days.items()))


def _by_day(rows: Sequence[Listed], policy: Policy, today: date) -> Table:
    """How many dossiers are overdue, fall due on each day, and need attention otherwise."""
    groups = Counter(row["group"] for row in rows)
    lines = [_counted(OVERDUE, GROUP_NAMES[OVERDUE], groups[OVERDUE], "notice")]
    for day, number in due_days(rows).items():
        name = day_in_words(day)
        if day == today:
            name = Bilingual(f"Hôm nay, {name.vi.lower()}", f"Today, {name.en}")
        lines.append(_counted(day.isoformat(), name, number))
    lines += [_counted(name, GROUP_NAMES[name], groups[name]) for name in OTHERS if groups[name]]
    total = Sum(tuple(Place(row.key, HOW_MANY.key) for row in lines))
    last = Row("total", {"name": Words(TOTAL), HOW_MANY.key: total}, "total")
    columns = (Column("name", DUE.headings, "text", width=34), HOW_MANY)
    notes = tuple(_why(name, policy, today) for name in OTHERS if groups[name])
    return Table("days", BY_DAY, columns, (*lines, last), notes)


def _why(group: str, policy: Policy, today: date) -> Bilingual:
    """Why the dossiers of a group are listed: by which article, or by whose choice."""
    match group:
        case "last_notice":
            days, source = _limit("reschedule_notice", policy, today)
            vi = f"chậm nhất {days} ngày trước ngày hẹn trả ({source.vi})"
            en = f"{days} days before the due day at the latest ({source.en})"
        case "expired_supplement":
            days, source = _limit("supplement_expiry_days", policy, today)
            vi = f"quá {days} ngày sau ngày yêu cầu, theo quy định của ngày ấy ({source.vi})"
            en = f"for more than {days} days, by the law of the day of the request ({source.en})"
        case "endless_pause":
            vi = "không văn bản nào quy định thời hạn; ngưỡng này do hoso đặt"
            en = "no decree has a limit; this one is hoso's"
        case _:
            source = cited(str(JOURNEY.source))
            vi, en = (
                f"phải chuyển trong thời hạn ấy ({source.vi})",
                f"it may take that ({source.en})",
            )
    name = GROUP_NAMES[group]
    return Bilingual(f"{name.vi}: {vi}.", f"{name.en}: {en}.")


def _limit(parameter: str, policy: Policy, today: date) -> tuple[Value, Bilingual]:
    """What a parameter of the law is today, and which act says so."""
    return policy.value(parameter, today), cited(policy.provision(parameter, today).source)


def _counted(key: str, name: Bilingual, number: int, style: Style = "line") -> Row:
    cells: dict[str, Cell] = {"name": Words(name), HOW_MANY.key: Count(number)}
    return Row(key, cells, style if number else "line")


def _chart(rows: Sequence[Listed]) -> Chart:
    """How many dossiers fall due on each day."""
    days = due_days(rows)
    series = (Series(GROUP_NAMES[FALLS_DUE], tuple(days.values())),)
    return Chart("due", GROUP_NAMES[FALLS_DUE], "bars", tuple(map(in_numbers, days)), series, UNIT)


def _by_slice(rows: Sequence[Listed], by: Sequence[str], selected: DossierFilter) -> Table:
    """How many dossiers each slice has of each group."""
    slices: dict[tuple[str | None, ...], Counter[str]] = {}
    for row in rows:
        counts = slices.setdefault(tuple(row[name] for name in by), Counter())
        counts[_urgency(row)] += 1
    empty = {name for name in OTHERS if not any(counts[name] for counts in slices.values())}
    shown = [name for name in URGENCIES if name not in empty]
    lines = [
        Row(
            str(place),
            {
                **{
                    name: _value(name, value, selected)
                    for name, value in zip(by, values, strict=True)
                },
                **{name: Count(counts[name]) for name in shown},
                "total": Sum(tuple(Place(str(place), name) for name in shown)),
            },
        )
        for place, (values, counts) in enumerate(slices.items())
    ]
    sums = {name: Sum(tuple(Place(row.key, name) for row in lines)) for name in (*shown, "total")}
    last = Row("total", {by[0]: Words(TOTAL), **sums}, "total")
    columns = (
        *(Column(name, (DIMENSIONS[name],), "text", width=20) for name in by),
        *(Column(name, URGENCIES[name]) for name in shown),
        Column("total", (TOTAL,)),
    )
    return Table("slices", BY_SLICE, columns, (*lines, last))


def _urgency(row: Listed) -> str:
    """The column in which the table by slice counts a dossier."""
    if row["group"] != FALLS_DUE:
        return str(row["group"])
    return SOON[min(row["days_left"], len(SOON) - 1)]


def _list(rows: Sequence[Listed], by: Sequence[str], selected: DossierFilter) -> Table:
    """The dossiers, one on each line."""
    dimensions = dict.fromkeys(("agency", *by))
    columns = (
        DOSSIER,
        *(Column(name, (DIMENSIONS[name],), "text", width=16) for name in dimensions),
        *STANDING,
    )
    lines = Each(partial(_row, columns=columns, selected=selected), range(len(rows)), rows)
    return Table("dossiers", LIST, columns, lines, (DAYS_LEFT_NOTE,) if rows else ())


def _row(place: int, row: Listed, columns: Sequence[Column], selected: DossierFilter) -> Row:
    cells = {column.key: _cell(column.key, row[column.key], selected) for column in columns}
    return Row(str(place), cells, "notice" if row["waits_for"] in ACT_TODAY else "line")


def _cell(key: str, value: Any, selected: DossierFilter) -> Cell:
    match key:
        case "dossier":
            return Dossier(value)
        case "due":
            return Day(value)
        case "days_left":
            return Count(value)
        case "account":
            return Words(in_words(value))
        case "waits_for":
            return Words(WAITS_FOR[value])
        case _:
            return _value(key, value, selected)
