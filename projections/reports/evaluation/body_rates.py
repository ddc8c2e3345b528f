"""The rates by which a body is scored: from events, from the catalogue, or as entered.

Events come first, then the catalogue of procedures, then what was entered. Where none of them gives
a rate there is no data: it is never taken for 0 or 100 %.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from hoso.projections.documents.model import Bilingual, DrillDown
from hoso.projections.documents.vocabulary import IN_TIME, NOT_CANCELLED, SHARES, TERMS
from hoso.projections.reports.basis.bodies import Body
from hoso.projections.reports.basis.cube import noting_reads
from hoso.projections.reports.basis.inputs import Catalogue, Entered
from hoso.projections.reports.tables.points import number_text

RateName = Literal[
    # From events:
    "on_time",  # giải quyết đúng hạn, không kể hồ sơ rút, hủy
    "on_time_of_all",  # giải quyết đúng hạn, kể cả hồ sơ rút, hủy
    "synced",  # đồng bộ lên Cổng Dịch vụ công quốc gia
    "components",  # số hóa thành phần hồ sơ
    "results",  # kết quả điện tử
    "reused",  # khai thác, sử dụng lại dữ liệu số hóa
    "online",  # nộp trực tuyến
    "paid_online",  # thanh toán trực tuyến
    "rated",  # đánh giá hài lòng
    "undisputed",  # đã giải quyết, không có phản ánh, kiến nghị
    "undisputed_of_all",  # không quá hạn, không có phản ánh, kiến nghị
    "complaints_in_time",  # phản ánh, kiến nghị xử lý đúng hạn
    # From events and the catalogue:
    "fees_paid_online",  # hồ sơ có nghĩa vụ tài chính, thanh toán trực tuyến
    "procedures_paid_online",  # thủ tục có phí, có thanh toán trực tuyến
    "procedures_with_fees",  # thủ tục có phí, có phát sinh hồ sơ phải nộp phí
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
    "petitions_satisfied",  # hài lòng về việc xử lý phản ánh, kiến nghị
    "one_stop",  # thủ tục tiếp nhận, trả kết quả tại Bộ phận Một cửa
    "one_stop_decided",  # thủ tục thẩm định, phê duyệt tại Bộ phận Một cửa
    "publication_posted",  # thủ tục niêm yết công khai chính xác, đầy đủ, kịp thời
    "publication_electronic",  # thủ tục công khai điện tử chính xác, đầy đủ, kịp thời
]
# The rates that are a share of the vocabulary.
SHARE_OF_RATE: Final[Mapping[RateName, str]] = {
    "synced": "synced",
    "components": "components",
    "results": "results",
    "reused": "reused",
    "paid_online": "paid_online",
    "rated": "satisfied",
    "complaints_in_time": "complaints_in_time",
}
CANCELLED: Final = ("cancelled.in_time", "cancelled.overdue")  # measures, by timeliness
OBLIGED: Final = ("fee.online", "fee.direct", "fee.unpaid")  # dossiers known to have a fee
PAYMENTS: Final = ("fee.online", "fee.direct", "fee.zero")  # dossiers of which a payment is known
DISPUTED: Final = TERMS["disputed"].counts
# Rates that are a sum of figures as a share of another sum of figures.
FIGURE_RATES: Final[Mapping[RateName, tuple[Sequence[str], Sequence[str]]]] = {
    "on_time": (IN_TIME, NOT_CANCELLED),
    "on_time_of_all": ((*IN_TIME, "cancelled.in_time"), (*NOT_CANCELLED, *CANCELLED)),
    **{
        rate: (TERMS[SHARES[share].part].counts, TERMS[SHARES[share].whole].counts)
        for rate, share in SHARE_OF_RATE.items()
    },
}


class Rate(NamedTuple):
    """An exact share from 0 to 1; ``how`` is its calculation in words, ``reads`` are the figures
    that it follows from."""

    share: Fraction
    how: Bilingual
    reads: tuple[DrillDown, ...] = ()


def body_rate(name: RateName, body: Body, entered: Entered, procedures: Catalogue) -> Rate | None:
    """A rate of a body; None where there is no data."""
    with noting_reads() as read:
        part, whole = _part_and_whole(name, body, procedures)
    if whole:
        share = Fraction(part, whole)
        percent = number_text(100 * share)
        division = f"{part} ÷ {whole}"
        how = Bilingual(f"{division} = {percent.vi} %", f"{division} = {percent.en} %")
        return Rate(share, how, tuple(read))
    given: Decimal | Fraction | None = getattr(entered, name, None)
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
        return (cube.sum(*part), cube.sum(*whole)) if cube.knows(*part) else (0, 0)
    match name:
        case "online":
            return cube.only(channel="online").sum("received"), cube.sum("received")
        case "undisputed":
            return cube.sum("resolved") - cube.sum(*DISPUTED), cube.sum("resolved")
        case "undisputed_of_all":
            in_time, judged = FIGURE_RATES["on_time_of_all"]
            return cube.sum(*in_time) - cube.sum("complained_of"), cube.sum(*judged)
        case "fees_paid_online" | "procedures_paid_online" | "procedures_with_fees":
            return _of_fees(name, body, procedures) if cube.sum(*PAYMENTS) else (0, 0)
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
            paid = cube.values_with("paid.online", "procedure")
            return (len(payable & paid), len(payable)) if cube.knows("paid.online") else (0, 0)
    return 0, 0


def _of_fees(name: RateName, body: Body, procedures: Catalogue) -> tuple[int, int]:
    """The part and the whole of a rate of fees, in dossiers or procedures."""
    with_fee = procedures_with_fee(body, procedures)
    if name == "fees_paid_online":
        return body.cube.sum("fee.online"), obliged_dossiers(body, procedures)
    figures = ("fee.online",) if name == "procedures_paid_online" else OBLIGED
    known = {code for each in figures for code in body.cube.values_with(each, "procedure")}
    return len(with_fee & known), len(with_fee)


def procedures_with_fee(body: Body, procedures: Catalogue) -> set[str]:
    """The procedures of a body that have a fee, by the catalogue."""
    offered = procedures.of(body.members)
    return {code for code, procedure in offered.items() if procedure.payable is not None}


def obliged_dossiers(body: Body, procedures: Catalogue) -> int:
    """How many dossiers received in the window have a financial obligation (nghĩa vụ tài chính).

    Those of a procedure that has a fee by the catalogue, unless nothing but 0 đồng was paid; and
    those of any other procedure for which a fee was paid, or for which the dossier waits.
    """
    cube, with_fee = body.cube, sorted(procedures_with_fee(body, procedures))
    of_catalogue = cube.among("procedure", with_fee)
    others = cube.sum(*OBLIGED) - of_catalogue.sum(*OBLIGED)
    return of_catalogue.sum("received") - of_catalogue.sum("fee.zero") + others
