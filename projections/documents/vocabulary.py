"""The vocabulary (từ ngữ) of all reports: each term, what it counts, and where it comes from.

A term is one figure, and a figure has one term: statement, forms, evaluations, index, scorecard,
summary, register and audit take their words from here. Two figures that differ, such as what is in
progress and all that is still open, have two terms.

The headings of a form are those of its circular (``reports.form_headings``). They are no terms,
because a folding says what a column counts; each form says that in these terms under its table.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual

STATEMENT: Final = "docs/CONTRACT.md, 6"
FACTS: Final = "docs/CONTRACT.md, 9"
INDEX: Final = "Decision 766/QĐ-TTg"
SCORECARD: Final = "TT 01/2018/TT-VPCP arts 13-15"
PRACTICE: Final = "seen in practice"
EVALUATION: Final = "NĐ 61/2018/NĐ-CP"


class Term(NamedTuple):
    """A figure by its name, in lower case.

    ``counts`` are the figures of a statement, groups of accounts or measures that it adds up, of
    one ``channel`` if that is given; empty where it counts by other data too. ``under`` is the term
    that stands above it in headings: "resolved" above "early".
    """

    name: Bilingual
    counts: tuple[str, ...]
    source: str
    under: str | None = None
    channel: str | None = None


OPEN_IN_TIME: Final = ("in_progress.in_time", "awaiting_supplement.in_time", "paused.in_time")
OPEN_OVERDUE: Final = ("in_progress.overdue", "awaiting_supplement.overdue", "paused.overdue")
NOT_CANCELLED: Final = ("resolved", "returned", "in_progress", "awaiting_supplement", "paused")
IN_TIME: Final = (
    *("resolved.early", "resolved.on_time", "returned.early", "returned.on_time"),
    *OPEN_IN_TIME,
)
OVERDUE: Final = tuple(f"{group}.overdue" for group in NOT_CANCELLED)
EARLY: Final = Bilingual("trước hạn", "early")
ON_TIME: Final = Bilingual("đúng hạn", "on time")
WITHIN: Final = Bilingual("trong hạn", "in time")
LATE: Final = Bilingual("quá hạn", "overdue")
ONLINE: Final = Bilingual("trực tuyến", "online")
DIRECT: Final = Bilingual("trực tiếp", "directly")


def _group(
    group: str, name: Bilingual, parts: Mapping[str, Bilingual], source: str = STATEMENT
) -> dict[str, Term]:
    """A group of accounts: its total, and its accounts under it."""
    total = f"{group}.total"
    accounts = {
        f"{group}.{part}": Term(words, (f"{group}.{part}",), source, total)
        for part, words in parts.items()
    }
    return {total: Term(name, (group,), source), **accounts}


CLOSED: Final = {"early": EARLY, "on_time": ON_TIME, "overdue": LATE}
STILL_OPEN: Final = {"in_time": WITHIN, "overdue": LATE}
# The figures of a statement, in its order.
OF_STATEMENT: Final[Mapping[str, Term]] = {
    "carried_over": Term(
        Bilingual("kỳ trước chuyển sang", "carried over"), ("carried_over",), STATEMENT
    ),
    "received": Term(Bilingual("tiếp nhận trong kỳ", "received"), ("received",), STATEMENT),
    "transferred.in": Term(
        Bilingual("nhận từ cơ quan khác", "transferred in"), ("transferred.in",), STATEMENT
    ),
    "transferred.out": Term(
        Bilingual("chuyển cơ quan khác", "transferred out"), ("transferred.out",), STATEMENT
    ),
    "total": Term(Bilingual("tổng số", "total"), ("total",), STATEMENT),
    **_group("resolved", Bilingual("đã giải quyết", "resolved"), CLOSED),
    **_group("returned", Bilingual("trả lại", "returned"), CLOSED),
    **_group(
        "cancelled",
        Bilingual("rút, hủy", "cancelled"),
        {"withdrawn": Bilingual("rút", "withdrawn"), "voided": Bilingual("hủy", "voided")},
    ),
    **_group("in_progress", Bilingual("đang giải quyết", "in progress"), STILL_OPEN),
    **_group("awaiting_supplement", Bilingual("chờ bổ sung", "awaiting supplement"), STILL_OPEN),
    **_group("paused", Bilingual("tạm dừng", "paused"), STILL_OPEN),
    "carried_forward": Term(
        Bilingual("chuyển kỳ sau", "carried forward"), ("carried_forward",), STATEMENT
    ),
}
# Sums of accounts that reports have and a statement does not.
OF_ACCOUNTS: Final[Mapping[str, Term]] = {
    "carried_forward.in_time": Term(WITHIN, OPEN_IN_TIME, STATEMENT, "carried_forward"),
    "carried_forward.overdue": Term(LATE, OPEN_OVERDUE, STATEMENT, "carried_forward"),
    "standing": Term(
        Bilingual("tạm dừng, chờ bổ sung", "paused or awaiting supplement"),
        ("paused", "awaiting_supplement"),
        EVALUATION,
    ),
    "resolved.in_time": Term(
        Bilingual("trước hạn và đúng hạn", "early and on time"),
        ("resolved.early", "resolved.on_time"),
        EVALUATION,
        "resolved.total",
    ),
    "overdue_work": Term(
        Bilingual("quá hạn, đã và đang giải quyết", "overdue, resolved or in progress"),
        ("resolved.overdue", "in_progress.overdue"),
        EVALUATION,
    ),
    "answered": Term(
        Bilingual("đã giải quyết, trả lại", "resolved or returned"),
        ("resolved", "returned"),
        EVALUATION,
    ),
    **{
        f"answered.{part}": Term(
            name, (f"resolved.{part}", f"returned.{part}"), EVALUATION, "answered"
        )
        for part, name in CLOSED.items()
    },
    "judged": Term(
        Bilingual("tổng số, không kể rút, hủy", "total less cancelled"), NOT_CANCELLED, INDEX
    ),
    "judged.in_time": Term(WITHIN, IN_TIME, INDEX, "judged"),
    "judged.overdue": Term(LATE, OVERDUE, INDEX, "judged"),
    "total.in_time": Term(WITHIN, (*IN_TIME, "cancelled.in_time"), INDEX, "total"),
    "total.overdue": Term(LATE, (*OVERDUE, "cancelled.overdue"), INDEX, "total"),
    "total.online": Term(ONLINE, ("total",), EVALUATION, "total", "online"),
    "received.online": Term(ONLINE, ("received",), INDEX, "received", "online"),
    "received.in_person": Term(
        Bilingual("trực tiếp", "in person"), ("received",), INDEX, "received", "in_person"
    ),
    "received.post": Term(
        Bilingual("bưu chính", "by post"), ("received",), INDEX, "received", "post"
    ),
}


def _measure(
    measure: str, vi: str, en: str, source: str = FACTS, under: str | None = None
) -> dict[str, Term]:
    return {measure: Term(Bilingual(vi, en), (measure,), source, under)}


# Measures of quality facts (``ledger.quality``), and their sums.
OF_MEASURES: Final[Mapping[str, Term]] = {
    **_measure("cancelled.in_time", *WITHIN, INDEX, "cancelled.total"),
    **_measure("cancelled.overdue", *LATE, INDEX, "cancelled.total"),
    **_measure(
        "pause.awaiting_authority",
        "chờ ý kiến cơ quan có thẩm quyền",
        "another authority is awaited",
        under="paused.total",
    ),
    **_measure(
        "pause.financial_obligation",
        "chờ thực hiện nghĩa vụ tài chính",
        "a financial obligation is to be met",
        under="paused.total",
    ),
    **_measure("pause.other", "lý do khác", "another reason", under="paused.total"),
    **_measure(
        "age.0", "chưa quá ngày hẹn", "not past the due day", under="carried_forward.overdue"
    ),
    **_measure("age.5", "1–5 ngày làm việc", "1–5 working days", under="carried_forward.overdue"),
    **_measure("age.20", "6–20", "6–20", under="carried_forward.overdue"),
    **_measure("age.60", "21–60", "21–60", under="carried_forward.overdue"),
    **_measure("age.more", "trên 60", "over 60", under="carried_forward.overdue"),
    **_measure("on_the_spot", "giải quyết ngay", "on the spot", under="received"),
    **_measure("components.complete", "số hóa đủ thành phần", "components digitised"),
    **_measure("components.partial", "số hóa một phần", "components digitised in part"),
    **_measure("reused", "tái sử dụng dữ liệu", "data reused"),
    **_measure("result.complete", "số hóa kết quả", "results digitised"),
    **_measure("result.partial", "số hóa một phần kết quả", "results digitised in part"),
    **_measure("synced", "đã đồng bộ", "synced"),
    **_measure("contacted.once", "liên hệ 1 lần", "contacted once", SCORECARD),
    **_measure("contacted.more", "liên hệ nhiều lần", "contacted more often", SCORECARD),
    "disputed": Term(
        Bilingual("đã giải quyết, có phản ánh, kiến nghị", "resolved and complained of"),
        ("disputed.early", "disputed.on_time", "disputed.overdue"),
        SCORECARD,
    ),
    **{
        f"disputed.{part}": Term(name, (f"disputed.{part}",), SCORECARD, "disputed")
        for part, name in CLOSED.items()
    },
    **_measure(
        "complained_of",
        "không quá hạn, có phản ánh, kiến nghị",
        "not overdue and complained of",
        INDEX,
    ),
    "obliged": Term(Bilingual("có nghĩa vụ tài chính", "with a financial obligation"), (), INDEX),
    **_measure("fee.online", "nộp trực tuyến", "paid online", INDEX, "obliged"),
    **_measure("fee.direct", "nộp trực tiếp", "paid directly", INDEX, "obliged"),
    **_measure("fee.unpaid", "chưa nộp", "not paid yet", INDEX, "obliged"),
    **_measure("fee.zero", "không phải nộp phí", "nothing to pay", INDEX),
    "paid": Term(
        Bilingual("có thanh toán", "with a payment"), ("paid.online", "paid.direct"), FACTS
    ),
    **_measure("paid.online", *ONLINE, under="paid"),
    **_measure("paid.direct", *DIRECT, under="paid"),
    "payments": Term(
        Bilingual("số lượt thanh toán", "payments"), ("payments.online", "payments.direct"), FACTS
    ),
    **_measure("payments.online", *ONLINE, under="payments"),
    **_measure("payments.direct", *DIRECT, under="payments"),
    "amount": Term(
        Bilingual("số tiền thanh toán (đồng)", "amount paid (đồng)"),
        ("amount.online", "amount.direct"),
        FACTS,
    ),
    **_measure("amount.online", *ONLINE, under="amount"),
    **_measure("amount.direct", *DIRECT, under="amount"),
    "rated": Term(
        Bilingual("lượt đánh giá", "ratings"), ("rated.satisfied", "rated.dissatisfied"), FACTS
    ),
    **_measure("rated.satisfied", "hài lòng", "satisfied", under="rated"),
    **_measure("rated.dissatisfied", "không hài lòng", "dissatisfied", under="rated"),
    "complaints": Term(
        Bilingual("phản ánh, kiến nghị", "complaints"),
        ("complaints.in_time", "complaints.late"),
        FACTS,
    ),
    **_measure("complaints.in_time", "xử lý đúng hạn", "settled in time", under="complaints"),
    **_measure("complaints.late", "xử lý quá hạn", "settled late", under="complaints"),
    "steps": Term(
        Bilingual("bước", "steps"), ("steps.early", "steps.on_time", "steps.overdue"), SCORECARD
    ),
    **{
        f"steps.{part}": Term(name, (f"steps.{part}",), SCORECARD, "steps")
        for part, name in CLOSED.items()
    },
}
# Columns that offices add to forms, and their measures.
OF_ADDED_COLUMNS: Final[Mapping[str, Term]] = {
    **_measure("taken_in", "tiếp nhận thay cơ quan khác", "taken in for other bodies", PRACTICE),
    **{
        f"{said}.{group}": Term(name, (f"{said}.{group}",), PRACTICE, f"{group}.overdue")
        for said, name in (
            ("apologised", Bilingual("có xin lỗi", "with an apology")),
            ("unapologised", Bilingual("không xin lỗi", "without an apology")),
        )
        for group in NOT_CANCELLED
    },
}
TERMS: Final[Mapping[str, Term]] = {
    **OF_STATEMENT,
    **OF_ACCOUNTS,
    **OF_MEASURES,
    **OF_ADDED_COLUMNS,
}


class Share(NamedTuple):
    """A percentage by its name, in lower case: the term ``part`` as a share of ``whole``."""

    name: Bilingual
    part: str
    whole: str


SHARES: Final[Mapping[str, Share]] = {
    "on_time": Share(Bilingual("tỷ lệ đúng hạn", "on-time rate"), "total.in_time", "total"),
    "on_time_judged": Share(
        Bilingual("tỷ lệ đúng hạn, không kể rút, hủy", "on-time rate less cancelled"),
        "judged.in_time",
        "judged",
    ),
    "resolved_in_time": Share(
        Bilingual("tỷ lệ giải quyết đúng hạn", "resolved in time, share"),
        "resolved.in_time",
        "resolved.total",
    ),
    "early": Share(
        Bilingual("tỷ lệ trước hạn", "early, share"), "resolved.early", "resolved.total"
    ),
    "online": Share(
        Bilingual("tỷ lệ tiếp nhận trực tuyến", "online share of those received"),
        "received.online",
        "received",
    ),
    "online_total": Share(
        Bilingual(
            "tỷ lệ trực tuyến, gồm kỳ trước chuyển sang", "online share, carried over included"
        ),
        "total.online",
        "total",
    ),
    "fees_online": Share(
        Bilingual("tỷ lệ nộp trực tuyến", "paid online, share"), "fee.online", "obliged"
    ),
    "paid_online": Share(
        Bilingual("tỷ lệ thanh toán trực tuyến", "online payment, share"), "paid.online", "paid"
    ),
    "payments_online": Share(
        Bilingual("tỷ lệ lượt thanh toán trực tuyến", "online payments, share"),
        "payments.online",
        "payments",
    ),
    "on_the_spot": Share(
        Bilingual("tỷ lệ giải quyết ngay", "on the spot, share"), "on_the_spot", "received"
    ),
    "components": Share(
        Bilingual("tỷ lệ số hóa thành phần", "components digitised, share"),
        "components.complete",
        "received",
    ),
    "results": Share(
        Bilingual("tỷ lệ số hóa kết quả", "results digitised, share"),
        "result.complete",
        "resolved.total",
    ),
    "synced": Share(Bilingual("tỷ lệ đồng bộ", "synced, share"), "synced", "total"),
    "reused": Share(
        Bilingual("tỷ lệ tái sử dụng dữ liệu", "data reused, share"), "reused", "received"
    ),
    "satisfied": Share(Bilingual("tỷ lệ hài lòng", "satisfied, share"), "rated.satisfied", "rated"),
    "complaints_in_time": Share(
        Bilingual("tỷ lệ phản ánh, kiến nghị xử lý đúng hạn", "complaints settled in time, share"),
        "complaints.in_time",
        "complaints",
    ),
}


def path(key: str) -> tuple[Bilingual, ...]:
    """The name of a term with those that stand above it, the outermost first.

    Raises ``KeyError`` where there is no such term.
    """
    term = TERMS[key]
    above = () if term.under is None else path(term.under)
    return (*above, term.name)


def words(key: str) -> Bilingual:
    """A term within a sentence: "resolved early". Raises ``KeyError`` where there is none."""
    names = path(key)
    return Bilingual(" ".join(name.vi for name in names), " ".join(name.en for name in names))


def label(key: str) -> Bilingual:
    """A term on one line: "Resolved: early". Raises ``KeyError`` where there is none."""
    names = path(key)
    text = Bilingual(": ".join(name.vi for name in names), ": ".join(name.en for name in names))
    return capitalised(text)


def headings(key: str) -> tuple[Bilingual, ...]:
    """The name of a term as headings, the outermost first. Raises ``KeyError`` without one."""
    return tuple(map(capitalised, path(key)))


def share_heading(key: str) -> Bilingual:
    """The name of a share as a heading. Raises ``KeyError`` where there is no such share."""
    return capitalised(SHARES[key].name)


def added_up(accounts: Sequence[str]) -> Bilingual:
    """Accounts as a sum of terms: "resolved early + cancelled". A group that is complete is named
    once."""
    terms = list(accounts)
    for total, (_, groups, *_) in OF_STATEMENT.items():
        own = [name for name in accounts if groups == (name.partition(".")[0],)]
        if total.endswith(".total") and len(own) == len(_parts(total)):
            terms[terms.index(own[0])] = total
            terms = [term for term in terms if term not in own]
    names = [words(term) for term in terms]
    return Bilingual(" + ".join(name.vi for name in names), " + ".join(name.en for name in names))


def _parts(total: str) -> list[str]:
    return [key for key, term in OF_STATEMENT.items() if term.under == total]


def capitalised(text: Bilingual) -> Bilingual:
    """A text that begins with a capital letter."""
    return Bilingual(*(each[:1].upper() + each[1:] for each in text))
