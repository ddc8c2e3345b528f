"""The document of the reports that are due next: which window, by when, by which circular."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from hoso.domain.calendar import WorkingDays, day_number, is_working_day
from hoso.domain.reporting import NOT_READ, NOT_READ_UNTIL, DueReport
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Column,
    Data,
    Day,
    Document,
    Records,
    Row,
    Table,
    Words,
    in_numbers,
)

TITLE: Final = Bilingual("Các kỳ báo cáo sắp đến hạn", "Reports that are due next")
WINDOW: Final = Bilingual("Số liệu", "Figures")
DUE: Final = Bilingual("Hạn gửi báo cáo", "Report due")
COLUMNS: Final = (
    Column("report", (Bilingual("Kỳ báo cáo", "Report"),), "text", width=22),
    Column("window", (Bilingual("Tên kỳ", "--window"),), "text", width=9),
    Column("from", (WINDOW, Bilingual("Từ ngày", "From")), "text", width=10),
    Column("to", (WINDOW, Bilingual("Đến ngày", "To")), "text", width=10),
    Column(
        "to_superior",
        (DUE, Bilingual("UBND cấp tỉnh, bộ (mẫu 07a)", "Province, ministry (form 07a)")),
        "text",
        width=16,
    ),
    Column(
        "to_ministry",
        (DUE, Bilingual("Bộ Tư pháp (mẫu 07b, 07c)", "Ministry of Justice (forms 07b, 07c)")),
        "text",
        width=16,
    ),
    Column("circular", (Bilingual("Căn cứ", "Circular"),), "text", width=28),
)
ROMAN: Final = ("", "I", "II", "III", "IV")  # of quarters 1 to 4
WHO_REPORTS: Final = Bilingual(
    "UBND cấp xã, cơ quan thuộc UBND cấp tỉnh gửi UBND cấp tỉnh, đơn vị thuộc bộ gửi bộ: chậm nhất "
    "ngày 20. UBND cấp tỉnh, bộ, cơ quan ngang bộ, Ngân hàng Chính sách xã hội, Ngân hàng Phát "
    "triển Việt Nam gửi Bộ Tư pháp: chậm nhất ngày 23 (Điều 11.1–11.3).",
    "Communes and departments report to their province, units to their ministry: by the 20th. "
    "Provinces, ministries, the Bank for Social Policies and the Development Bank report to the "
    "Ministry of Justice: by the 23rd (art. 11.1–11.3).",
)
CUT_OFF: Final = Bilingual(
    "Số liệu tính từ ngày 15 đến ngày 14 theo Điều 12 Nghị định 09/2019/NĐ-CP mà Điều 10 Thông tư "
    "dẫn chiếu (chưa đối chiếu với toàn văn Nghị định).",
    "Figures run from the 15th to the 14th by NĐ 09/2019/NĐ-CP art. 12, to which art. 10 of the "
    "circular refers (the decree's own text has not been read).",
)
SYNCHRONISED: Final = Bilingual(
    "Không phải gửi nếu hệ thống đã đồng bộ số liệu và cơ quan chủ quản đã xác nhận (Điều 11.5).",
    "No report is needed where figures are synchronised and confirmed (art. 11.5).",
)
RECORDS: Final = (
    *("window", "from", "to", "due_superior", "due_ministry_of_justice"),
    *("circular", "articles", "certainty"),
)


def document(reports: Sequence[DueReport], on: date, days: WorkingDays) -> Document:
    """The reports that are due within a year from the day ``on`` (``domain.reporting``).

    ``days`` says which due days are days off.
    """
    table = Table(
        "windows", TITLE, COLUMNS, tuple(map(_row, reports)), tuple(_notes(reports, on, days))
    )
    about = (About(Bilingual("Đến hạn từ ngày", "Due from"), in_numbers(on)),)
    lines = [_line(report) for report in reports]
    records = Records(RECORDS, [_record(line) for line in lines])
    return Document("windows", TITLE, None, about, (table,), data=Data(lines, records))


def in_words(name: str) -> Bilingual:
    """The canonical name of a month, quarter, half-year or year of reports in words.

    ``--window`` reads the Vietnamese words.
    """
    year, _, period = name.partition("-")
    match period[:1], period[1:]:
        case "Q", number:
            return Bilingual(f"Quý {ROMAN[int(number)]}/{year}", f"Quarter {number} of {year}")
        case "M", number:
            return Bilingual(f"Tháng {int(number)}/{year}", f"Month {int(number)} of {year}")
        case "H", _:
            return Bilingual(f"6 tháng đầu năm {year}", f"First half of {year}")
        case _:
            return Bilingual(f"Năm {year}", f"Year {year}")


def _row(report: DueReport) -> Row:
    circular = report.circular
    return Row(
        report.name,
        {
            "report": Words(in_words(report.name)),
            "window": Words(report.name),
            "from": Day(report.window.first),
            "to": Day(report.window.last),
            "to_superior": Day(report.to_superior),
            "to_ministry": Day(report.to_ministry),
            "circular": Words(
                Bilingual(
                    f"{circular.number}, Điều {circular.articles.replace('-', '–')}",
                    f"{circular.number} arts {circular.articles}",
                )
            ),
        },
    )


def _line(report: DueReport) -> dict[str, Any]:
    """A report as programs get it."""
    return {
        "window": report.name,
        "from": report.window.first.isoformat(),
        "to": report.window.last.isoformat(),
        "due": {
            "superior": report.to_superior.isoformat(),
            "ministry_of_justice": report.to_ministry.isoformat(),
        },
        "circular": report.circular.number,
        "articles": report.circular.articles,
        "certainty": report.certainty,
    }


def _record(line: dict[str, Any]) -> list[str]:
    due = line["due"]
    flat = {**line, "due_superior": due["superior"]}
    flat["due_ministry_of_justice"] = due["ministry_of_justice"]
    return [flat[name] for name in RECORDS]


def _notes(reports: Sequence[DueReport], on: date, days: WorkingDays) -> Iterable[Bilingual]:
    if reports:
        yield WHO_REPORTS
        yield CUT_OFF
        yield SYNCHRONISED
    off = [
        day
        for report in reports
        for day in (report.to_superior, report.to_ministry)
        if not is_working_day(days, day_number(day))
    ]
    if off:
        yield Bilingual(
            f"Hạn rơi vào ngày nghỉ: {', '.join(f'{day:%d/%m/%Y}' for day in off)}. "
            "Thông tư không quy định lùi hạn.",
            f"Due on a day off: {', '.join(map(str, off))}. The circular moves no due day.",
        )
    if inferred := ", ".join(each.name for each in reports if each.certainty == "inferred"):
        yield Bilingual(
            f"Kỳ bắt đầu trước ngày văn bản có hiệu lực: {inferred}. Áp dụng văn bản có hiệu lực "
            "vào ngày cuối kỳ là suy luận.",
            f"Begun before the circular came into force: {inferred}. That the circular in force on "
            "the last day applies is inferred.",
        )
    if on <= NOT_READ_UNTIL:
        yield Bilingual(
            f"Đến hết ngày {NOT_READ_UNTIL:%d/%m/%Y} áp dụng {NOT_READ}. Không có toàn văn để tra "
            "cứu nên bảng này không có các báo cáo theo văn bản đó.",
            f"Until {NOT_READ_UNTIL} {NOT_READ} applied. Its text has not been read, so its "
            "reports are not in the table.",
        )
