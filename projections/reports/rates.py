"""How punctual, how online, how digitised are bodies? Tables of rates, as Bắc Kạn prints them.

Source: Decision 766/QĐ-TTg of 2022; Bắc Kạn's report of September 2024.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual, Column, Count, Percentage, Place, Table
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import DISPUTED, IN_TIME, JUDGED, OVERDUE
from hoso.projections.reports.sections import HEAD, Assessed, Line, Section, rows, total_row


class Counting(NamedTuple):
    """A column of counts."""

    key: str
    heading: Bilingual
    figure: Callable[[Cube], Count]


class Sharing(NamedTuple):
    """A column of percentages: one column of counts in others, whose sum has a name."""

    key: str
    heading: Bilingual
    part: str
    whole: tuple[str, ...]
    of: Bilingual


def counted(*figures: str, **where: str) -> Callable[[Cube], Count]:
    """What counts some figures of a cube, or of the part of it that has some values."""
    return lambda cube: cube.only(**where).counted(*figures)


RATES: Final = (
    (
        "on_time",
        Bilingual("Tỷ lệ giải quyết hồ sơ đúng hạn", "On-time rate"),
        (
            Counting(
                "judged", Bilingual("Hồ sơ trong kỳ", "Dossiers of the period"), counted(*JUDGED)
            ),
            Counting("in_time", Bilingual("Trong hạn", "In time"), counted(*IN_TIME)),
            Counting("overdue", Bilingual("Quá hạn", "Overdue"), counted(*OVERDUE)),
            Sharing(
                "percent",
                Bilingual("Tỷ lệ đúng hạn", "On-time rate"),
                "in_time",
                ("judged",),
                Bilingual("hồ sơ trong kỳ, không kể hồ sơ hủy", "dossiers, less cancelled ones"),
            ),
        ),
        Bilingual(
            "Hồ sơ trong kỳ không kể hồ sơ hủy. Trong hạn: đã giải quyết hoặc trả lại trước hạn,"
            " đúng hạn; đang giải quyết, chờ bổ sung hoặc tạm dừng mà chưa quá hạn.",
            "Cancelled dossiers are left out. In time: resolved or returned early or on time; in"
            " progress, awaiting a supplement or paused, and not overdue.",
        ),
    ),
    (
        "online",
        Bilingual("Tỷ lệ hồ sơ nộp trực tuyến", "Online submission"),
        (
            Counting(
                "online", Bilingual("Trực tuyến", "Online"), counted("received", channel="online")
            ),
            Counting(
                "in_person",
                Bilingual("Trực tiếp", "In person"),
                counted("received", channel="in_person"),
            ),
            Counting(
                "post", Bilingual("Bưu chính", "By post"), counted("received", channel="post")
            ),
            Sharing(
                "percent",
                Bilingual("Tỷ lệ trực tuyến", "Online share"),
                "online",
                ("online", "in_person", "post"),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
        ),
        Bilingual("Hồ sơ tiếp nhận trong kỳ.", "Dossiers received in the period."),
    ),
    (
        "payment",
        Bilingual("Tỷ lệ hồ sơ thanh toán trực tuyến", "Online payment"),
        (
            Counting("online", Bilingual("Trực tuyến", "Online"), counted("paid.online")),
            Counting("direct", Bilingual("Trực tiếp", "Directly"), counted("paid.direct")),
            Sharing(
                "percent",
                Bilingual("Tỷ lệ trực tuyến", "Online share"),
                "online",
                ("online", "direct"),
                Bilingual("hồ sơ có thanh toán trong kỳ", "dossiers paid in the period"),
            ),
        ),
        Bilingual(
            "Hồ sơ thanh toán trong kỳ: trực tuyến nếu có ít nhất một lần thanh toán trực tuyến.",
            "Dossiers paid in the period: online if any payment was.",
        ),
    ),
    (
        "digitisation",
        Bilingual("Số hóa hồ sơ, kết quả", "Digitisation"),
        (
            Counting("received", Bilingual("Tiếp nhận", "Received"), counted("received")),
            Counting(
                "components",
                Bilingual("Số hóa đủ thành phần", "Components digitised"),
                counted("components.complete"),
            ),
            Sharing(
                "components_percent",
                Bilingual("Tỷ lệ số hóa thành phần", "Share"),
                "components",
                ("received",),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
            Counting("resolved", Bilingual("Đã giải quyết", "Resolved"), counted("resolved")),
            Counting(
                "results",
                Bilingual("Số hóa kết quả", "Results digitised"),
                counted("result.complete"),
            ),
            Sharing(
                "results_percent",
                Bilingual("Tỷ lệ số hóa kết quả", "Share"),
                "results",
                ("resolved",),
                Bilingual("hồ sơ đã giải quyết trong kỳ", "dossiers resolved in the period"),
            ),
        ),
        Bilingual(
            "Tiếp nhận và giải quyết trong kỳ; số hóa đến hết kỳ.",
            "Received and resolved in the period; digitised by its end.",
        ),
    ),
    (
        "portal",
        Bilingual("Đồng bộ, tái sử dụng dữ liệu", "Synced and reused"),
        (
            Counting(
                "total", Bilingual("Hồ sơ trong kỳ", "Dossiers of the period"), counted("total")
            ),
            Counting("synced", Bilingual("Đã đồng bộ", "Synced"), counted("synced")),
            Sharing(
                "synced_percent",
                Bilingual("Tỷ lệ đồng bộ", "Share"),
                "synced",
                ("total",),
                Bilingual("hồ sơ trong kỳ", "dossiers of the period"),
            ),
            Counting("received", Bilingual("Tiếp nhận", "Received"), counted("received")),
            Counting("reused", Bilingual("Tái sử dụng dữ liệu", "Data reused"), counted("reused")),
            Sharing(
                "reused_percent",
                Bilingual("Tỷ lệ tái sử dụng", "Share"),
                "reused",
                ("received",),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
        ),
        Bilingual("Đồng bộ, tái sử dụng đến hết kỳ.", "Synced and reused by the period's end."),
    ),
    (
        "satisfaction",
        Bilingual("Mức độ hài lòng", "Satisfaction"),
        (
            Counting("satisfied", Bilingual("Hài lòng", "Satisfied"), counted("rated.satisfied")),
            Counting(
                "dissatisfied",
                Bilingual("Không hài lòng", "Dissatisfied"),
                counted("rated.dissatisfied"),
            ),
            Sharing(
                "percent",
                Bilingual("Tỷ lệ hài lòng", "Satisfied, share"),
                "satisfied",
                ("satisfied", "dissatisfied"),
                Bilingual("lượt đánh giá trong kỳ", "ratings in the period"),
            ),
            Counting(
                "in_time",
                Bilingual("Phản ánh xử lý đúng hạn", "Settled in time"),
                counted("complaints.in_time"),
            ),
            Counting(
                "late", Bilingual("Xử lý quá hạn", "Settled late"), counted("complaints.late")
            ),
            Sharing(
                "in_time_percent",
                Bilingual("Tỷ lệ đúng hạn", "In time, share"),
                "in_time",
                ("in_time", "late"),
                Bilingual("phản ánh, kiến nghị trong kỳ", "complaints in the period"),
            ),
        ),
        Bilingual(
            "Đánh giá, phản ánh, kiến nghị trong kỳ.", "Ratings and complaints in the period."
        ),
    ),
)
CASES: Final = (
    "cases",
    Bilingual(
        "Hồ sơ, bước và liên hệ đã chấm điểm", "Dossiers, steps and contacts that were scored"
    ),
    (
        Counting("resolved", Bilingual("Đã giải quyết", "Resolved"), counted("resolved")),
        Counting("early", Bilingual("Trước hạn", "Early"), counted("resolved.early")),
        Counting("on_time", Bilingual("Đúng hạn", "On time"), counted("resolved.on_time")),
        Counting("overdue", Bilingual("Quá hạn", "Overdue"), counted("resolved.overdue")),
        Sharing(
            "early_percent",
            Bilingual("Tỷ lệ trước hạn", "Early, share"),
            "early",
            ("resolved",),
            Bilingual("hồ sơ đã giải quyết trong kỳ", "dossiers resolved in the period"),
        ),
        Counting("steps_early", Bilingual("Bước trước hạn", "Steps early"), counted("steps.early")),
        Counting(
            "steps_on_time", Bilingual("Bước đúng hạn", "Steps on time"), counted("steps.on_time")
        ),
        Counting(
            "steps_overdue", Bilingual("Bước quá hạn", "Steps overdue"), counted("steps.overdue")
        ),
        Counting("once", Bilingual("Liên hệ 1 lần", "Contacted once"), counted("contacted.once")),
        Counting("more", Bilingual("Liên hệ nhiều lần", "More often"), counted("contacted.more")),
        Counting(
            "disputed", Bilingual("Có phản ánh, kiến nghị", "Complained of"), counted(*DISPUTED)
        ),
    ),
    Bilingual(
        "Hồ sơ giải quyết trong kỳ; bước hoàn thành trong kỳ, của cơ quan thực hiện bước.",
        "Dossiers resolved in the period; steps done in it, of the agency whose step it was.",
    ),
)


def tables(compared: Sequence[Section], all_of_it: Assessed) -> Iterator[Table]:
    """On-time rate, online submission, online payment, digitisation, what reached the portal, and
    satisfaction of each body, sorted by the first percentage."""
    for table in RATES:
        yield _table(compared, all_of_it, *table)


def digitisation(compared: Sequence[Section], all_of_it: Assessed) -> Table:
    """One of these tables: how much of components and results is digitised (số hóa)."""
    [spec] = [each for each in RATES if each[0] == "digitisation"]
    return _table(compared, all_of_it, *spec)


def cases(compared: Sequence[Section], all_of_it: Assessed) -> Table:
    """What the scorecard counts of each body: the dossiers behind its points."""
    return _table(compared, all_of_it, *CASES)


def _table(
    compared: Sequence[Section],
    all_of_it: Assessed,
    key: str,
    title: Bilingual,
    columns: Sequence[Counting | Sharing],
    note: Bilingual,
) -> Table:
    shared = [column for column in columns if isinstance(column, Sharing)]
    first = shared[0]

    def line(body: Assessed, row: str) -> Line:
        counts = {
            each.key: each.figure(body.cube) for each in columns if isinstance(each, Counting)
        }
        shares = {
            each.key: Percentage(
                (Place(row, each.part),), tuple(Place(row, key) for key in each.whole), each.of
            )
            for each in shared
        }
        whole = sum(counts[key].number for key in first.whole)
        by = Fraction(counts[first.part].number, whole) if whole else None
        return Line({**counts, **shares}, by)

    headed = (
        Column(each.key, (each.heading,), "count" if isinstance(each, Counting) else "percent")
        for each in columns
    )
    lines = (*rows(compared, line), total_row(all_of_it, line))
    return Table(key, title, (*HEAD, *headed), lines, (note,))
