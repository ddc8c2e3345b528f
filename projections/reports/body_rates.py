"""The rates by which a body is scored: from events, from the catalogue, or as entered.

Events come first, then the catalogue of procedures, then what was entered. Where none of them gives
a rate there is no data: it is never taken for 0 or 100 %.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from hoso.projections.documents.model import Bilingual
from hoso.projections.reports.bodies import Body
from hoso.projections.reports.inputs import Catalogue, Entered
from hoso.projections.reports.points import number_text

RateName = Literal[
    # From events:
    "on_time",  # giải quyết đúng hạn
    "synced",  # đồng bộ lên Cổng Dịch vụ công quốc gia
    "components",  # số hóa thành phần hồ sơ
    "results",  # kết quả điện tử
    "reused",  # khai thác, sử dụng lại dữ liệu số hóa
    "online",  # nộp trực tuyến
    "paid_online",  # thanh toán trực tuyến
    "rated",  # đánh giá hài lòng
    "undisputed",  # không có phản ánh, kiến nghị
    "complaints_in_time",  # phản ánh, kiến nghị xử lý đúng hạn
    # From events and the catalogue:
    "procedures_online",  # thủ tục cung cấp trực tuyến
    "procedures_online_used",  # có phát sinh hồ sơ
    "procedures_payable",  # thủ tục thanh toán trực tuyến được
    "procedures_paid",  # có phát sinh thanh toán trực tuyến
    # Only entered:
    "published",  # công bố đúng hạn
    "updated",  # cập nhật, công khai đúng hạn
    "described",  # công khai đầy đủ nội dung
    "electronic_copies",  # chứng thực bản sao điện tử từ bản chính
    "shared",  # hồ sơ số hóa có kết nối, chia sẻ dữ liệu
    "population_dossiers",  # hồ sơ sử dụng dữ liệu dân cư
    "population_procedures",  # thủ tục kết nối dữ liệu dân cư
    "one_stop",  # thủ tục tiếp nhận, trả kết quả tại Bộ phận Một cửa
    "publication",  # mức độ công khai thủ tục
]
JUDGED: Final = ("resolved", "returned", "in_progress", "awaiting_supplement", "paused")
IN_TIME: Final = (
    *("resolved.early", "resolved.on_time", "returned.early", "returned.on_time"),
    *("in_progress.in_time", "awaiting_supplement.in_time", "paused.in_time"),
)
OVERDUE: Final = tuple(f"{group}.overdue" for group in JUDGED)
DISPUTED: Final = ("disputed.early", "disputed.on_time", "disputed.overdue")
# Rates that are a sum of figures as a share of another sum of figures.
FIGURE_RATES: Final[Mapping[RateName, tuple[Sequence[str], Sequence[str]]]] = {
    "on_time": (IN_TIME, JUDGED),
    "synced": (["synced"], ["total"]),
    "components": (["components.complete"], ["received"]),
    "results": (["result.complete"], ["resolved"]),
    "reused": (["reused"], ["received"]),
    "paid_online": (["paid.online"], ["paid.online", "paid.direct"]),
    "rated": (["rated.satisfied"], ["rated.satisfied", "rated.dissatisfied"]),
    "complaints_in_time": (["complaints.in_time"], ["complaints.in_time", "complaints.late"]),
}


class Rate(NamedTuple):
    """An exact share from 0 to 1; ``how`` is its calculation in words."""

    share: Fraction
    how: Bilingual


def body_rate(name: RateName, body: Body, entered: Entered, procedures: Catalogue) -> Rate | None:
    """A rate of a body; None where there is no data."""
    part, whole = _part_and_whole(name, body, procedures)
    if whole:
        share = Fraction(part, whole)
        percent = number_text(100 * share)
        division = f"{part} ÷ {whole}"
        how = Bilingual(f"{division} = {percent.vi} %", f"{division} = {percent.en} %")
        return Rate(share, how)
    given: Decimal | None = getattr(entered, name, None)
    if given is None:
        return None
    percent = number_text(Fraction(given))
    how = Bilingual(f"{percent.vi} % (nhập)", f"{percent.en} % (entered)")
    return Rate(Fraction(given) / 100, how)


def _part_and_whole(name: RateName, body: Body, procedures: Catalogue) -> tuple[int, int]:
    """The part and the whole of a rate, in dossiers, times or procedures; a whole of 0: no data."""
    cube = body.cube
    if name in FIGURE_RATES:
        part, whole = FIGURE_RATES[name]
        return cube.sum(*part), cube.sum(*whole)
    match name:
        case "online":
            return cube.only(channel="online").sum("received"), cube.sum("received")
        case "undisputed":
            return cube.sum("resolved") - cube.sum(*DISPUTED), cube.sum("resolved")
        case "procedures_online" | "procedures_online_used":
            offered = procedures.of(body.members)
            online = {code for code, procedure in offered.items() if procedure.online}
            if name == "procedures_online":
                return len(online), len(offered)
            used = cube.only(channel="online").values_with("received", "procedure")
            return len(online & used), len(online)
        case "procedures_payable" | "procedures_paid":
            offered = procedures.of(body.members)
            with_fee = [code for code, each in offered.items() if each.payable is not None]
            payable = {code for code in with_fee if offered[code].payable}
            if name == "procedures_payable":
                return len(payable), len(with_fee)
            return len(payable & cube.values_with("paid.online", "procedure")), len(payable)
    return 0, 0
