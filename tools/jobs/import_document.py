"""The document of an import: what became of a register, what is wrong in it and how to mend it, and
what it cannot tell."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from hoso.projections.documents.life import EVENTS
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Column,
    Count,
    Data,
    Document,
    Exact,
    Records,
    Row,
    Table,
    Words,
    counted,
)
from hoso.tools.jobs.import_register import EXAMPLES, Imported
from hoso.tools.jobs.register_rows import WrongCells

TITLE: Final = Bilingual("Nhập sổ theo dõi hồ sơ", "Import of a dossier register")
PREVIEW: Final = Bilingual(
    "Xem trước việc nhập sổ theo dõi hồ sơ (chưa ghi gì)",
    "Preview of an import (nothing is recorded)",
)
EVENT_COLUMNS: Final = (
    Column("kind", (Bilingual("Sự kiện", "Events"),), "text", width=30),
    Column("added", (Bilingual("Thêm", "Added"),)),
    Column("annulled", (Bilingual("Thu hồi", "Annulled"),)),
)
WRONG_COLUMNS: Final = (
    Column("sheet", (Bilingual("Trang tính", "Sheet"),), "text", width=14),
    Column("row", (Bilingual("Dòng", "Row"),)),
    Column("column", (Bilingual("Cột", "Column"),), "text", width=20),
    Column("given", (Bilingual("Đang ghi", "Given"),), "text", width=22),
    Column("what", (Bilingual("Lỗi", "Fault"),), "text", width=40),
    Column("mend", (Bilingual("Cách sửa", "How to mend it"),), "text", width=44),
)
ROWS: Final = ("read", "wrong", "left_out", "hidden", "repeated")
OBSERVED: Final = ("observed", "moved", "no_time", "unfit")
UNTOLD: Final = ("dossiers", "maybe_paused", "one_supplement", *OBSERVED)
RECORDS: Final = ("sheet", "row", "column", "field", "fault", "given")


class Phrase(NamedTuple):
    """What is wrong, and how to mend it."""

    what: Bilingual
    mend: Bilingual


FIELDS: Final = {
    "code": Bilingual("mã hồ sơ", "code"),
    "received": Bilingual("ngày tiếp nhận", "received"),
    "due": Bilingual("ngày hẹn trả", "due"),
    "rescheduled": Bilingual("ngày báo hẹn lại", "rescheduled"),
    "new_due": Bilingual("ngày hẹn lại", "new due day"),
    "supplement_requested": Bilingual("ngày yêu cầu bổ sung", "supplement requested"),
    "supplemented": Bilingual("ngày bổ sung", "supplemented"),
    "paused": Bilingual("ngày tạm dừng", "paused"),
    "resumed": Bilingual("ngày tiếp tục", "resumed"),
    "closed": Bilingual("ngày có kết quả", "closed"),
    "returned": Bilingual("ngày trả lại", "returned"),
    "withdrawn": Bilingual("ngày rút", "withdrawn"),
    "allowance": Bilingual("thời hạn giải quyết", "allowance"),
    "agency": Bilingual("cơ quan giải quyết", "agency"),
    "field": Bilingual("lĩnh vực", "field"),
    "procedure": Bilingual("thủ tục", "procedure"),
    "received_at": Bilingual("nơi tiếp nhận", "received at"),
    "channel": Bilingual("hình thức tiếp nhận", "channel"),
    "online_service": Bilingual("mức độ dịch vụ công", "online service"),
    "level": Bilingual("cấp", "level"),
    "status": Bilingual("trạng thái", "status"),
}
_AS_DAY: Final = Bilingual(
    "ghi ngày/tháng/năm: 15/03/2023, hoặc 15/03/2023 08:12",
    "write day/month/year: 15/03/2023, or 15/03/2023 08:12",
)
_AS_TEXT: Final = Bilingual(
    "định dạng cột là Văn bản (Text) rồi nhập lại mã từ hệ thống",
    "format the column as text and enter the codes again from the system",
)
_WHICH_DAY: Final = Bilingual("sửa ngày sai", "correct the day that is wrong")
_FILL_IN: Final = Bilingual("điền vào ô", "fill in the cell")
FAULTS: Final = {
    "no_code": Phrase(Bilingual("không có mã hồ sơ", "no code"), _FILL_IN),
    "not_received": Phrase(Bilingual("không có ngày tiếp nhận", "no day of reception"), _FILL_IN),
    "no_due": Phrase(
        Bilingual("không có ngày hẹn trả, không có thời hạn", "no due day and no allowance"),
        Bilingual(
            "điền ngày hẹn trả, hoặc ghi defaults: allowance trong bảng cột",
            "fill in the due day, or give defaults: allowance in the map",
        ),
    ),
    "blank": Phrase(
        Bilingual("để trống", "is blank"),
        Bilingual(
            "điền vào ô, hoặc ghi giá trị chung trong defaults của bảng cột",
            "fill in the cell, or give a value for all under defaults in the map",
        ),
    ),
    "code_is_number": Phrase(
        Bilingual(
            "Excel đã đổi mã thành số; số 0 ở đầu có thể đã mất",
            "Excel made the code a number; zeros at its beginning may be lost",
        ),
        Bilingual(
            f"{_AS_TEXT.vi}; nếu mọi mã có cùng số chữ số, ghi code_digits trong bảng cột",
            f"{_AS_TEXT.en}; if all codes have the same number of digits, give code_digits in the "
            "map",
        ),
    ),
    "code_digits_lost": Phrase(
        Bilingual(
            "Excel đã đổi mã thành số và làm mất chữ số",
            "Excel made the code a number, and digits are lost",
        ),
        _AS_TEXT,
    ),
    "code_is_day": Phrase(
        Bilingual("Excel đã đổi mã thành ngày", "Excel made the code a day"), _AS_TEXT
    ),
    "code_too_long": Phrase(
        Bilingual("không phải mã: dài quá hoặc có ký tự lạ", "is no code: too long, or odd signs"),
        Bilingual("sửa mã", "correct the code"),
    ),
    "text_too_long": Phrase(
        Bilingual("dài quá 200 ký tự hoặc có ký tự lạ", "over 200 characters, or odd signs"),
        Bilingual("rút ngắn tên", "shorten the name"),
    ),
    "no_text": Phrase(Bilingual("không phải văn bản", "is no text"), _AS_TEXT),
    "uncomputed": Phrase(
        Bilingual("công thức chưa có kết quả", "a formula without its value"),
        Bilingual(
            "mở tệp bằng Excel, lưu lại rồi nhập", "open the file in Excel, save it, import it"
        ),
    ),
    "no_day": Phrase(Bilingual("không phải ngày", "is no day"), _AS_DAY),
    "no_such_day": Phrase(Bilingual("không có ngày này", "there is no such day"), _AS_DAY),
    "month_first": Phrase(
        Bilingual("có vẻ ghi tháng trước ngày", "seems to have the month first"), _AS_DAY
    ),
    "year_of_two_digits": Phrase(
        Bilingual("năm chỉ có hai chữ số", "a year of two digits"), _AS_DAY
    ),
    "unknown_word": Phrase(
        Bilingual("không rõ nghĩa", "its meaning is not known"),
        Bilingual(
            "ghi nghĩa của từ này trong values của bảng cột",
            "say what the word means under values in the map",
        ),
    ),
    "no_allowance": Phrase(
        Bilingual("không phải số ngày làm việc", "is no number of working days"),
        Bilingual("ghi số ngày: 15, 15 ngày", "write a number of days: 15, 15 ngày"),
    ),
    "after_export": Phrase(
        Bilingual("sau ngày chốt của tệp", "after the day that the file is of"),
        Bilingual(
            "sửa ngày, hoặc ghi đúng ngày chốt: --as-it-stood",
            "correct the day, or give the day that the file is of: --as-it-stood",
        ),
    ),
    "before_received": Phrase(Bilingual("trước khi tiếp nhận", "before the reception"), _WHICH_DAY),
    "after_closing": Phrase(
        Bilingual("sau khi hồ sơ đã kết thúc", "after the dossier was closed"), _WHICH_DAY
    ),
    "no_closing_day": Phrase(
        Bilingual(
            "hồ sơ đã kết thúc mà không có ngày", "the dossier is closed, and the day is missing"
        ),
        Bilingual("điền ngày có kết quả", "fill in the day"),
    ),
    "open_and_closed": Phrase(
        Bilingual(
            "trạng thái chưa kết thúc mà đã có ngày kết thúc",
            "the status says open, and there is a closing day",
        ),
        Bilingual("sửa trạng thái hoặc xóa ngày", "correct the status, or clear the day"),
    ),
    "twice": Phrase(
        Bilingual(
            "mã đã có ở dòng khác với nội dung khác", "the code is in another row, which differs"
        ),
        Bilingual("giữ dòng đúng, xóa dòng kia", "keep the row that is right"),
    ),
    "of_another_source": Phrase(
        Bilingual(
            "kho đã có hồ sơ này từ nguồn khác", "the store has the dossier from another source"
        ),
        Bilingual("không nhập một hồ sơ từ hai nguồn", "import a dossier from one source only"),
    ),
}


def document(
    made: Imported, name: str, seen: date, store: str, *, preview: bool, most_wrong: int | None
) -> Document:
    """The document of an import of the file ``name``, as of the day ``seen``, into a store.

    ``most_wrong`` is how many wrong rows are shown; None: all that were kept.
    """
    rows = made.rows
    about = (
        About(Bilingual("Tệp", "File"), name),
        About(Bilingual("Chốt đến ngày", "As it stood on"), f"{seen:%d/%m/%Y}"),
        About(Bilingual("Kho", "Store"), store),
        *(
            About(
                Bilingual("Trang tính", "Sheet"),
                Bilingual(
                    f"{each.sheet}, tiêu đề ở dòng {each.row}",
                    f"{each.sheet}, headings in row {each.row}",
                ),
            )
            for each in rows.sheets
            if each.sheet
        ),
    )
    kinds = [kind for kind in EVENTS if made.added[kind] or made.annulled[kind]]
    events = Table(
        "events",
        Bilingual("Sự kiện", "Events"),
        EVENT_COLUMNS,
        [
            Row(
                kind,
                {
                    "kind": Words(Bilingual(EVENTS[kind], kind)),
                    "added": Count(made.added[kind]),
                    "annulled": Count(made.annulled[kind]),
                },
            )
            for kind in kinds
        ],
        tuple(_notes(made)),
    )
    parts = [events, *([_wrong(made, most_wrong)] if rows.wrong else [])]
    title = PREVIEW if preview else TITLE
    return Document("import", title, None, about, parts, data=_data(made), lead=_lead(made))


def _data(made: Imported) -> Data:
    """What programs get: all figures, and the cells that are wrong; as CSV only these."""
    wrong = [(each.sheet, each.row, each.column, *each.fault) for each in made.rows.wrong]
    figures = {
        "rows": {name: made.rows.counted[name] for name in ROWS},
        "dossiers": {name: made.dossiers[name] for name in ("new", "changed", "same")},
        "added": dict(made.added),
        "annulled": dict(made.annulled),
        "untold": {name: made.untold[name] for name in UNTOLD},
        "gone": {"dossiers": made.gone, "open": made.gone_open, "examples": made.gone_examples},
        "other_day": made.other_day,
        "skipped_sheets": made.rows.skipped,
        "wrong": [dict(zip(RECORDS, each, strict=True)) for each in wrong],
    }
    return Data(figures, Records(RECORDS, wrong))


def _lead(made: Imported) -> Bilingual:
    rows, dossiers = made.rows.counted, made.dossiers
    return Bilingual(
        f"Đọc {_vi(rows['read'])} dòng hồ sơ: {_vi(dossiers['new'])} hồ sơ mới, "
        f"{_vi(dossiers['changed'])} có thay đổi, {_vi(dossiers['same'])} không đổi; "
        f"{_vi(rows['wrong'])} dòng sai chưa nhập.",
        f"{rows['read']:,} rows of dossiers read: {dossiers['new']:,} new, "
        f"{dossiers['changed']:,} changed, {dossiers['same']:,} the same; {rows['wrong']:,} rows "
        "are wrong and left out.",
    )


def _wrong(made: Imported, most: int | None) -> Table:
    wrong = made.rows.wrong
    rows = [_wrong_row(str(n), each) for n, each in enumerate(wrong[:most], 1)]
    title = Bilingual("Dòng sai", "Rows that are wrong")
    more = Bilingual(
        f"Chỉ in {_vi(len(rows))} lỗi đầu. Toàn bộ: --out loi.xlsx, hoặc --out loi.csv.",
        f"Only the first {len(rows):,} faults are shown. All: --out faults.xlsx, or faults.csv.",
    )
    return Table("wrong", title, WRONG_COLUMNS, rows, (more,) if len(wrong) > len(rows) else ())


def _wrong_row(key: str, wrong: WrongCells) -> Row:
    phrase, field = FAULTS[wrong.fault.fault], FIELDS[wrong.fault.field]
    letter = f"{wrong.column} · " if wrong.column else ""
    return Row(
        key,
        {
            "sheet": Words(wrong.sheet),
            "row": Exact(wrong.row),
            "column": Words(Bilingual(f"{letter}{field.vi}", f"{letter}{field.en}")),
            "given": Words(wrong.fault.given),
            "what": Words(phrase.what),
            "mend": Words(phrase.mend),
        },
    )


def _notes(made: Imported) -> Iterator[Bilingual]:
    """What was left out, what the register cannot tell, and what has disappeared from it."""
    rows, untold, of = made.rows.counted, made.untold, made.untold["dossiers"]
    if rows["left_out"]:
        yield Bilingual(
            f"Bỏ qua {_vi(rows['left_out'])} dòng không phải hồ sơ (tổng cộng, đề mục).",
            f"{rows['left_out']:,} rows are no dossiers (sums, section headings).",
        )
    if rows["hidden"]:
        yield Bilingual(
            f"{_vi(rows['hidden'])} dòng bị ẩn cũng được đọc.",
            f"{rows['hidden']:,} hidden rows were read, too.",
        )
    if rows["repeated"]:
        yield Bilingual(
            f"{_vi(rows['repeated'])} dòng ghi lại y nguyên một hồ sơ: chỉ tính một lần.",
            f"{rows['repeated']:,} rows repeat a dossier word for word: counted once.",
        )
    if made.rows.skipped:
        names = ", ".join(made.rows.skipped)
        yield Bilingual(
            f"Trang tính không có dòng tiêu đề, không đọc: {names}.",
            f"Sheets without headings, not read: {names}.",
        )
    yield from _untold(untold, of)
    if made.other_day:
        examples = ", ".join(made.other_day[:EXAMPLES])
        yield Bilingual(
            f"{_vi(len(made.other_day))} hồ sơ có ngày trong mã khác ngày tiếp nhận (có thể ngày "
            f"và tháng bị đảo): {examples}.",
            f"{len(made.other_day):,} dossiers have another day in their code than that of their "
            f"reception (perhaps day and month were exchanged): {examples}.",
        )
    if made.gone:
        examples = ", ".join(made.gone_examples)
        yield Bilingual(
            f"{_vi(made.gone)} hồ sơ đã nhập trước đây không có trong tệp này, trong đó "
            f"{_vi(made.gone_open)} chưa kết thúc{': ' if examples else ''}{examples}.",
            f"{made.gone:,} dossiers imported before are not in this file; {made.gone_open:,} of "
            f"them are open{': ' if examples else ''}{examples}.",
        )


def _untold(untold: dict[str, int], of: int) -> Iterator[Bilingual]:
    """What the register cannot tell, in figures."""
    whole = counted(of, "hồ sơ", "dossiers")
    if number := untold["maybe_paused"]:
        yield Bilingual(
            f"Trong {whole.vi}, {_vi(number)} có thể đã tạm dừng: kết thúc sau ngày hẹn trả mà sổ "
            "không ghi lần dừng nào; đang tính là quá hạn.",
            f"Of {whole.en}, {number:,} may have been paused: closed after the due day, and the "
            "register tells of no pause; they count as overdue.",
        )
    if number := untold["one_supplement"]:
        yield Bilingual(
            f"{_vi(number)} hồ sơ có yêu cầu bổ sung: sổ chỉ ghi một lần; nếu có lần thứ hai thì "
            "hồ sơ là quá hạn.",
            f"{number:,} dossiers had a supplement requested: the register tells of one request; "
            "with a second one a dossier is overdue.",
        )
    if number := untold["observed"]:
        yield Bilingual(
            f"{_vi(number)} hồ sơ có trạng thái (chờ bổ sung, tạm dừng, xử lý tiếp) không ghi "
            "ngày: lấy ngày chốt của tệp đầu tiên có trạng thái ấy.",
            f"{number:,} dossiers have a state without a day (awaiting, paused, in progress again)"
            ": it counts from the day of the first file that says so.",
        )
    if number := untold["moved"]:
        yield Bilingual(
            f"{_vi(number)} hồ sơ có ngày hẹn trả khác lần nhập trước: tính là hẹn lại.",
            f"{number:,} dossiers have another due day than before: counted as rescheduled.",
        )
    if number := untold["unfit"]:
        yield Bilingual(
            f"{_vi(number)} hồ sơ có ngày bổ sung, tạm dừng, tiếp tục hay hẹn lại không khớp với "
            "các ngày khác: bỏ qua ngày ấy.",
            f"{number:,} dossiers have a day of a supplement, a pause or a new appointment "
            "that does not fit the others: that day is left out.",
        )
    if number := untold["no_time"]:
        yield Bilingual(
            f"{_vi(number)} trên {whole.vi} không ghi giờ tiếp nhận.",
            f"{number:,} of {whole.en} have no time of day of the reception.",
        )


def _vi(number: int) -> str:
    return f"{number:,}".replace(",", ".")
