"""The names of the rules: each rule by name, in one sentence, with its source.

``hoso explain`` and a refused command cite a rule by its name. docs/RULES.md explains each rule,
with examples. What the rules do is written once, in ``domain.rules``.
"""

from typing import Final, NamedTuple

from hoso.domain import kinds, rules

LABOUR: Final = "Labour Code 2019 arts 111-112"
TAKING_IN: Final = "NĐ 118/2025/NĐ-CP art. 17; before it NĐ 61/2018/NĐ-CP art. 17"
HANDLING: Final = "NĐ 118/2025/NĐ-CP art. 19; before it NĐ 61/2018/NĐ-CP art. 19"
D766: Final = "Decision 766/QĐ-TTg of 2022"
TT01: Final = "TT 01/2018/TT-VPCP arts 13-15"
FORMS: Final = "TT 09/2026/TT-BTP, forms 07a-c; before it TT 01/2020/TT-VPCP, form II.06a"
# Where no text of law says it, the source is a section of hoso's own contract. So with pauses: they
# stand in no decree, but in the law of a sector, or in the national portal's status 6.
CONTRACT_3: Final = "docs/CONTRACT.md, section 3"
CONTRACT_5: Final = "docs/CONTRACT.md, section 5"
CONTRACT_6: Final = "docs/CONTRACT.md, section 6"


class Rule(NamedTuple):
    """A rule: its name, its name in Vietnamese, what it says in one sentence, and its source.

    Where a provision decides (``domain.provisions``), ``parameter`` names it, and the source that
    is cited is that of the provision in force on the day of the event.
    """

    name: str
    vi: str
    says: str
    source: str
    parameter: str | None = None


RECEPTION: Final = Rule(
    "reception",
    "tiếp nhận hồ sơ",
    "A dossier's life begins when it is received, and it is received once.",
    TAKING_IN,
)
CLOSED_FOR_GOOD: Final = Rule(
    "closed-for-good",
    "hồ sơ đã kết thúc",
    "Nothing happens to a dossier after it is closed.",
    CONTRACT_5,
)
SUPPLEMENT_ANSWERS: Final = Rule(
    "supplement-answers-request",
    "chỉ bổ sung khi có yêu cầu",
    "A supplement comes in only while one is awaited.",
    HANDLING,
)
PAUSE_ONCE: Final = Rule(
    "pause-while-in-progress",
    "chỉ tạm dừng khi đang giải quyết",
    "Only a dossier in progress can be paused.",
    CONTRACT_5,
)
RESUME_PAUSED: Final = Rule(
    "resume-after-pause",
    "chỉ tiếp tục sau khi tạm dừng",
    "Only a paused dossier can be resumed.",
    CONTRACT_5,
)
ANNUL_EARLIER: Final = Rule(
    "annul-earlier",
    "thu hồi sự kiện trước đó",
    "An annulment points to an event of the same dossier and source, recorded before it.",
    CONTRACT_5,
)
ARRIVES_ONCE: Final = Rule(
    "arrives-once",
    "chuyển đến một lần",
    "Only a dossier that another office took in arrives, and it arrives once.",
    CONTRACT_5,
)
IN_ORDER: Final = Rule(
    "in-order",
    "theo thứ tự thời gian",
    "A command is dated no earlier than what already happened.",
    CONTRACT_3,
)
COUNTS_ONCE: Final = Rule(
    "counts-once",
    "chỉ tính một lần",
    "The same source and id is the same event, and counts once.",
    "CloudEvents 1.0",
)
FRESH_CLOCK: Final = Rule(
    "fresh-clock",
    "tính đủ thời hạn giải quyết",
    "The full time runs from the first working day on.",
    f"{TAKING_IN}; {LABOUR}",
)
CLOCK_STOPS: Final = Rule(
    "clock-stops",
    "ngừng tính thời hạn",
    "While a dossier awaits a supplement or is paused, its clock stands still.",
    HANDLING,
)
GIVEN_DUE: Final = Rule(
    "given-due", "ngày hẹn trả đã ghi", "A given due day is taken as it stands.", TAKING_IN
)
RESTART: Final = Rule(
    "restart",
    "tính lại thời hạn từ đầu",
    "After a supplement the full time runs again from that day.",
    HANDLING,
    "after_supplement",
)
EXTEND: Final = Rule(
    "extend",
    "cộng thời gian bổ sung",
    "After a supplement the time runs on from where it stopped.",
    HANDLING,
    "after_supplement",
)
SHIFT: Final = Rule(
    "shift",
    "lùi hẹn trả theo thời gian tạm dừng",
    "A pause moves the due day by the time the clock stood still.",
    CONTRACT_5,
)
LAPSED_STICKS: Final = Rule(
    "lapsed-sticks",
    "đã quá hạn thì vẫn quá hạn",
    "A deadline that has passed stays passed.",
    CONTRACT_5,
)
TOO_MANY_REQUESTS: Final = Rule(
    "second-request",
    "yêu cầu bổ sung quá số lần",
    "More supplement requests than the limit (one) count as overdue.",
    D766,
    "supplement_limit",
)
DEADLINE_PASSES: Final = Rule(
    "deadline-passes",
    "hết thời hạn giải quyết",
    "A dossier in progress is overdue from the day after its due day.",
    FORMS,
)
KEEP_ORIGINAL: Final = Rule(
    "keep-original",
    "giữ ngày hẹn trả ban đầu",
    "An apology and a new appointment do not change the due day.",
    HANDLING,
    "reschedule",
)
ACCEPT_ONCE: Final = Rule(
    "accept-once",
    "hẹn lại một lần",
    "The first new appointment, given in time, moves the due day.",
    HANDLING,
    "reschedule",
)
NOTICE: Final = Rule(
    "notice",
    "thông báo trước khi đến hạn",
    "A new appointment counts if notice of it comes in time before the due day.",
    HANDLING,
    "reschedule_notice",
)
ARRIVAL: Final = Rule(
    "arrival",
    "tính từ khi nhận hồ sơ chuyển đến",
    "The time of a dossier that another office took in runs from its arrival.",
    TAKING_IN,
    "arrival_starts_clock",
)
REASSIGNMENT: Final = Rule(
    "reassignment",
    "chuyển thẩm quyền giải quyết",
    "From that day on the dossier stands with the other agency.",
    CONTRACT_5,
)
TIMELINESS: Final = Rule(
    "timeliness",
    "trước hạn, đúng hạn, quá hạn",
    "Closed before the due day is early, on it is on time, after it is overdue.",
    FORMS,
)
CANCELLATION: Final = Rule(
    "cancellation",
    "rút, hủy hồ sơ",
    "Withdrawn by the applicant, or voided for any other reason.",
    CONTRACT_6,
)

QUALITY_FACT: Final = Rule(
    "quality-fact",
    "thông tin chất lượng",
    "A quality fact says something of a dossier, from its reception on, and moves nothing.",
    f"{D766}; {TT01}",
)

RULES: Final = tuple(value for value in list(globals().values()) if isinstance(value, Rule))


def refusing_rule(clock: rules.Clock, kind: int) -> Rule | None:
    """The rule by which an event of this kind does not apply now; None if it applies."""
    phase = clock.phase
    if rules.applies(clock, kind):
        return None
    if kind == kinds.ANNULLED:
        return ANNUL_EARLIER
    if phase == rules.CLOSED:
        return CLOSED_FOR_GOOD
    if phase == rules.NONE or kind == kinds.RECEIVED:
        return RECEPTION
    if kind == kinds.ARRIVED:
        return ARRIVES_ONCE
    return {
        kinds.SUPPLEMENTED: SUPPLEMENT_ANSWERS,
        kinds.PAUSED: PAUSE_ONCE,
        kinds.RESUMED: RESUME_PAUSED,
    }[kind]
