"""Counts what quality facts say about the dossiers of a window: the measures of the reports.

A quality fact (thông tin chất lượng) is an event that says something about a dossier without moving
it between accounts: its components were digitised, a fee was paid, the applicant complained. Most
measures count dossiers of the window by what is known at the end of its last day. The others count
what happened on the days of the window: payments, ratings, complaints, steps. MEASURES names them
all; ``hoso dossiers --account MEASURE`` lists what one of them counts, dossier by dossier.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15; NĐ 61/2018/NĐ-CP art. 26.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain import accounts, kinds, rules
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.register import register_columns
from hoso.projections.ledger.slices import CLOSING, DIMENSIONS, rows_at_end
from hoso.projections.log.lives import Lives
from hoso.projections.log.schema import OF_FACTS, Integers, integers, places

# The columns of the event table that the measures read.
EVENT_COLUMNS: Final = (
    *("type", "reason", *DIMENSIONS, "on_the_spot", "apology", *OF_FACTS, "step_due", "official"),
)
MEASURES: Final = (
    # Dossiers received in the window, by what is known at the end of its last day:
    "on_the_spot",  # giải quyết ngay
    "components.complete",  # thành phần hồ sơ đã số hóa đủ
    "components.partial",
    "reused",  # tái sử dụng dữ liệu
    "fee.online",  # phí, lệ phí đã thanh toán trực tuyến
    "fee.direct",  # chỉ thanh toán trực tiếp
    "fee.zero",  # chỉ có khoản 0 đồng: không phải nộp phí
    "fee.unpaid",  # chưa nộp, đang tạm dừng chờ nghĩa vụ tài chính
    # Dossiers resolved in the window, by what is known at the end of its last day:
    "result.complete",  # kết quả đã số hóa
    "result.partial",
    "contacted.once",  # người nộp phải liên hệ thêm, không do lỗi của mình
    "contacted.more",
    "disputed.early",  # có phản ánh, kiến nghị; theo thời hạn giải quyết
    "disputed.on_time",
    "disputed.overdue",
    # Dossiers carried over or received in the window:
    "synced",  # đã đồng bộ
    "complained_of",  # có phản ánh, kiến nghị mà không quá hạn
    # Dossiers cancelled in the window, by timeliness on that day:
    "cancelled.in_time",  # rút, hủy khi chưa quá hạn
    "cancelled.overdue",
    # Dossiers paused at the end of the last day:
    "pause.awaiting_authority",
    "pause.financial_obligation",
    "pause.other",
    # Dossiers open and overdue at the end of the last day, by working days past the due day:
    "age.0",  # overdue for another reason, or the clock is stopped
    "age.5",
    "age.20",
    "age.60",
    "age.more",
    # Dossiers with a payment on the days of the window:
    "paid.online",  # thanh toán trực tuyến, ít nhất một lần
    "paid.direct",  # chỉ thanh toán trực tiếp
    # Payments (times and đồng), ratings and complaints on the days of the window:
    "payments.online",
    "payments.direct",
    "amount.online",
    "amount.direct",
    "rated.satisfied",
    "rated.dissatisfied",
    "complaints.in_time",
    "complaints.late",
    # Steps (liên thông) done on the days of the window, for the agency that did the step:
    "steps.early",
    "steps.on_time",
    "steps.overdue",
    # Dossiers received in the window that an office took in for another body, for that office:
    "taken_in",  # tiếp nhận thay cơ quan khác
    # Overdue dossiers, closed in the window or open at the end of its last day, with an apology by
    # then (xin lỗi), or without:
    *(
        f"{said}.{group}"
        for said in ("apologised", "unapologised")
        for group in ("resolved", "returned", "in_progress", "awaiting_supplement", "paused")
    ),
)
# How many facts of a kind had been sent by the end of the last day, before the window too. Where an
# agency never sent one, nothing is known of what its measures count (``sent``).
SENT: Final = (
    "sent.on_the_spot",
    "sent.components",
    "sent.result",
    "sent.reused",
    "sent.paid",
    "sent.contacted",
    "sent.complained",
    "sent.synced",
    "sent.rated",
)
OWN_LEVEL: Final = "*"  # in place of the level of an agency that a step was transferred to
STEP_MEASURES: Final = ("steps.early", "steps.on_time", "steps.overdue")
AGE_LIMITS_DAYS: Final = (0, 5, 20, 60)  # working days past the due day, inclusive
NO_DAY: Final = rules.NOTHING
OPEN_OVERDUE: Final = tuple(
    start + accounts.OVERDUE
    for start in (accounts.IN_PROGRESS, accounts.AWAITING_SUPPLEMENT, accounts.PAUSED)
)
OVERDUE: Final = (
    *OPEN_OVERDUE,
    accounts.RESOLVED + accounts.LATE,
    accounts.RETURNED + accounts.LATE,
)
_KINDS_SENT: Final = {
    "sent.reused": kinds.REUSED,
    "sent.paid": kinds.PAID,
    "sent.contacted": kinds.CONTACTED,
    "sent.complained": kinds.COMPLAINED,
    "sent.synced": kinds.SYNCED,
    "sent.rated": kinds.RATED,
}
DIGITISED_PARTS: Final = ("components", "result")
PAUSE_REASONS: Final = ("awaiting_authority", "financial_obligation", "other")

_SENT_AS: Final[Mapping[str, str]] = {  # by the group of a measure
    "on_the_spot": "sent.on_the_spot",
    "components": "sent.components",
    "result": "sent.result",
    "reused": "sent.reused",
    **dict.fromkeys(("fee", "paid", "payments", "amount"), "sent.paid"),
    "contacted": "sent.contacted",
    **dict.fromkeys(("disputed", "complained_of", "complaints"), "sent.complained"),
    "synced": "sent.synced",
    "rated": "sent.rated",
}

Mask = npt.NDArray[np.bool_]
Register = Mapping[str, Integers]  # its columns (``register_columns``): a number per row


class MeasureCounts(NamedTuple):
    """What one measure counts in a window: parallel arrays, an element per thing counted.

    ``register_row`` is the number of the dossier's row in the register. ``number`` is how much it
    counts: 1, or an amount in đồng. Most count for the agency with which the dossier stands at the
    end of the window. Those that do not have ``agency_row``: the row of the event that names their
    agency in the column ``agency_column``, for a step that of its transfer. ``done_row``, for steps
    only, is the row of the event that ended the step.
    """

    measure: str
    register_row: Integers
    number: Integers
    agency_row: Integers | None = None
    agency_column: str = "to_agency"
    done_row: Integers | None = None


class WindowMeasures(NamedTuple):
    """What each measure counts in a window.

    ``rows`` has, for each dimension and each row of the register, the row of the event that says in
    which value the dossier stands at the end. For each row of the register, ``reception_row`` has
    the row of the event by which the dossier was received, ``account`` the account in which it
    stands at the end, and ``resolved_row`` the row of the event that resolved it in the window, -1
    if none did.
    """

    reception_row: Integers
    rows: Mapping[str, Integers]
    counts: list[MeasureCounts]
    account: Integers
    resolved_row: Integers


def sent(measure: str) -> str | None:
    """Of SENT, the facts that a measure counts; None where it needs no fact."""
    return _SENT_AS.get(measure.partition(".")[0])


class _Facts(NamedTuple):
    """Quality facts that apply: of each, the row of its dossier in the register, its own row in the
    event table, its kind and its day number."""

    register_row: Integers
    event_row: Integers
    kind: Integers
    day: Integers

    def only(self, which: Mask) -> "_Facts":
        return _Facts(*(column[which] for column in self))


def count_measures(
    events: pa.Table, lives: Lives, office: Office, window: Window
) -> WindowMeasures:
    """Count every measure of a window.

    ``events`` is an event table with EVENT_COLUMNS; ``lives`` are the events that count, and
    ``lives.row`` are their rows in that table.
    """
    first, last = day_number(window.first), day_number(window.last)
    register = register_columns(lives, office, last)
    reception = register["reception"]
    reception_row = lives.row[reception]
    facts = _applicable_facts(events, lives, reception, last)
    counts = [
        *_from_register(events, lives, register, first),
        *_known_by_the_end(events, facts, lives, register, first),
        *_timeliness(facts, register, first),
        *_fees(events, facts, lives, register, first),
        *_on_the_days(events, facts.only(facts.day >= first)),
        *_steps(events, facts, first),
        _taken_in(events, lives, register, first),
        *_apologies(events, lives, register, first, last),
        *_sent(events, facts, reception_row),
    ]
    resolved_row = _resolved_row(lives, register, first, last)
    return WindowMeasures(
        reception_row,
        rows_at_end(events, lives, reception, last),
        counts,
        register["account"],
        resolved_row,
    )


def _resolved_row(lives: Lives, register: Register, first: int, last: int) -> Integers:
    """By register row, the row of the event that resolved the dossier in the window, or -1.

    A dossier that stands resolved was resolved by the first such event after its reception.
    """
    reception = register["reception"]
    place = np.flatnonzero((lives.kind == kinds.RESOLVED) & (lives.day <= last))
    register_row, place = _places_after(lives, reception, place)
    rows, firsts = np.unique(register_row, return_index=True)
    resolved_row = np.full(len(reception), -1)
    resolved_row[rows] = lives.row[place[firsts]]
    is_resolved = np.isin(register["account"], accounts.members("resolved"))
    resolved_row[~(is_resolved & (register["closed"] >= first))] = -1
    return resolved_row


def _applicable_facts(events: pa.Table, lives: Lives, reception: Integers, last: int) -> _Facts:
    """The quality facts up to day ``last`` whose dossier was received before them."""
    place = np.flatnonzero((lives.kind >= kinds.FIRST_FACT) & (lives.day <= last))
    register_row, place = _places_after(lives, reception, place)
    kind = places(events["type"].take(pa.array(lives.row[place])), kinds.KINDS)
    return _Facts(register_row, lives.row[place], kind, lives.day[place])


def _from_register(
    events: pa.Table, lives: Lives, register: Register, first: int
) -> list[MeasureCounts]:
    """What needs no quality fact: on the spot, reasons of pauses, age of overdue dossiers."""
    reception_row, account = lives.row[register["reception"]], register["account"]
    received = np.flatnonzero(lives.day[register["reception"]] >= first)
    on_the_spot = _flags(events, "on_the_spot", reception_row[received]) == 1
    paused, reason = _pause_reasons(events, lives, register)
    overdue = np.flatnonzero(np.isin(account, OPEN_OVERDUE))
    age = np.searchsorted(AGE_LIMITS_DAYS, register["overdue_days"][overdue])
    return [
        _one_each("on_the_spot", received[on_the_spot]),
        *(_one_each(f"pause.{name}", paused[reason == n]) for n, name in enumerate(PAUSE_REASONS)),
        *(
            _one_each(f"age.{limit}", overdue[age == n])
            for n, limit in enumerate((*AGE_LIMITS_DAYS, "more"))
        ),
    ]


def _known_by_the_end(
    events: pa.Table, facts: _Facts, lives: Lives, register: Register, first: int
) -> list[MeasureCounts]:
    """What the facts up to the last day say about dossiers received, resolved or open."""
    account, closed = register["account"], register["closed"]
    size = len(account)
    received = lives.day[register["reception"]] >= first
    in_period = (closed == rules.NOTHING) | (closed >= first)
    resolved = np.isin(account, accounts.members("resolved")) & (closed >= first)
    components, result = _digitised(events, facts, size)
    reused, synced, disputed = (
        np.bincount(facts.register_row[facts.kind == kind], minlength=size) > 0
        for kind in (kinds.REUSED, kinds.SYNCED, kinds.COMPLAINED)
    )
    contacts = _contacts(events, facts, size)
    timeliness = account - accounts.RESOLVED
    counted = {
        "components.complete": received & (components == 1),
        "components.partial": received & (components == 0),
        "reused": received & reused,
        "result.complete": resolved & (result == 1),
        "result.partial": resolved & (result == 0),
        "contacted.once": resolved & (contacts == 1),
        "contacted.more": resolved & (contacts > 1),
        "disputed.early": resolved & disputed & (timeliness == accounts.EARLY),
        "disputed.on_time": resolved & disputed & (timeliness == accounts.ON_TIME),
        "disputed.overdue": resolved & disputed & (timeliness == accounts.LATE),
        "synced": in_period & synced,
    }
    return [_one_each(measure, np.flatnonzero(which)) for measure, which in counted.items()]


def _timeliness(facts: _Facts, register: Register, first: int) -> list[MeasureCounts]:
    """Cancelled dossiers by timeliness, and dossiers complained of that are not overdue.

    A cancelled dossier is overdue if a resolved one would be: its due day has passed, or there were
    too many supplement requests.
    """
    account, closed = register["account"], register["closed"]
    is_cancelled = np.isin(account, accounts.members("cancelled")) & (closed >= first)
    is_late = (closed > register["due"]) | (register["lapsed"] == 1) | (register["exceeded"] == 1)
    is_overdue = np.isin(account, OVERDUE) | (is_cancelled & is_late)
    in_period = (closed == rules.NOTHING) | (closed >= first)
    complaints = facts.register_row[facts.kind == kinds.COMPLAINED]
    is_complained_of = np.bincount(complaints, minlength=len(account)) > 0
    counted = {
        "complained_of": in_period & is_complained_of & ~is_overdue,
        "cancelled.in_time": is_cancelled & ~is_late,
        "cancelled.overdue": is_cancelled & is_late,
    }
    return [_one_each(measure, np.flatnonzero(which)) for measure, which in counted.items()]


def _fees(
    events: pa.Table, facts: _Facts, lives: Lives, register: Register, first: int
) -> list[MeasureCounts]:
    """The dossiers received in the window that have a fee, by how it was paid by the last day."""
    size = len(register["account"])
    received = lives.day[register["reception"]] >= first
    paid = facts.only(facts.kind == kinds.PAID)
    is_online = _is_online(events, paid)
    has_amount = integers(events["amount"].take(pa.array(paid.event_row))) > 0
    online, direct, any_payment = (
        np.bincount(paid.register_row[which], minlength=size) > 0
        for which in (
            has_amount & is_online,
            has_amount & ~is_online,
            np.full(len(is_online), True),
        )
    )
    waits = np.zeros(size, bool)
    paused, reason = _pause_reasons(events, lives, register)
    waits[paused[reason == PAUSE_REASONS.index("financial_obligation")]] = True
    counted = {
        "fee.online": received & online,
        "fee.direct": received & direct & ~online,
        "fee.zero": received & any_payment & ~direct & ~online,
        "fee.unpaid": received & waits & ~any_payment,
    }
    return [_one_each(measure, np.flatnonzero(which)) for measure, which in counted.items()]


def _is_online(events: pa.Table, paid: _Facts) -> Mask:
    """Whether each payment was made online."""
    channels = events["channel"].take(pa.array(paid.event_row))
    return np.asarray(places(channels, ("direct", "online")) == 1)


def _pause_reasons(events: pa.Table, lives: Lives, register: Register) -> tuple[Integers, Integers]:
    """The register rows of paused dossiers, and the place of each reason in PAUSE_REASONS."""
    paused = np.flatnonzero(np.isin(register["account"], accounts.members("paused")))
    pause_row = lives.row[register["pause"][paused]]
    return paused, places(events["reason"].take(pa.array(pause_row)), PAUSE_REASONS)


def _digitised(events: pa.Table, facts: _Facts, size: int) -> list[Integers]:
    """For each of DIGITISED_PARTS, by register row: 1 if the last fact about the part says that
    it was digitised completely, 0 if partly, -1 if there is no fact."""
    digitised = facts.only(facts.kind == kinds.DIGITISED)
    part = places(events["part"].take(pa.array(digitised.event_row)), DIGITISED_PARTS)
    complete = _flags(events, "complete", digitised.event_row)
    by_part = [np.full(size, -1) for _ in DIGITISED_PARTS]
    for number, by_row in enumerate(by_part):
        by_row[digitised.register_row[part == number]] = complete[part == number]
    return by_part


def _contacts(events: pa.Table, facts: _Facts, size: int) -> Integers:
    """By register row, how often the applicant had to come again through no own fault."""
    contacted = facts.only(facts.kind == kinds.CONTACTED)
    own_fault = _flags(events, "applicant_fault", contacted.event_row)
    return np.bincount(contacted.register_row[own_fault == 0], minlength=size)


def _on_the_days(events: pa.Table, facts: _Facts) -> list[MeasureCounts]:
    """Payments, ratings and complaints among facts of the days of the window."""
    paid, rated, complained = (
        facts.only(facts.kind == kind) for kind in (kinds.PAID, kinds.RATED, kinds.COMPLAINED)
    )
    online = _is_online(events, paid)
    amount = integers(events["amount"].take(pa.array(paid.event_row)))
    satisfied = _flags(events, "satisfied", rated.event_row) == 1
    in_time = _flags(events, "settled_in_time", complained.event_row) == 1
    paid_online = np.unique(paid.register_row[online])
    return [
        _one_each("paid.online", paid_online),
        _one_each("paid.direct", np.setdiff1d(paid.register_row, paid_online)),
        _one_each("payments.online", paid.register_row[online]),
        _one_each("payments.direct", paid.register_row[~online]),
        MeasureCounts("amount.online", paid.register_row[online], amount[online]),
        MeasureCounts("amount.direct", paid.register_row[~online], amount[~online]),
        _one_each("rated.satisfied", rated.register_row[satisfied]),
        _one_each("rated.dissatisfied", rated.register_row[~satisfied]),
        _one_each("complaints.in_time", complained.register_row[in_time]),
        _one_each("complaints.late", complained.register_row[~in_time]),
    ]


def _steps(events: pa.Table, facts: _Facts, first: int) -> list[MeasureCounts]:
    """The steps done from day ``first`` on, by timeliness.

    A step that was transferred without a due day has no timeliness and is not counted.
    """
    of_steps = facts.only(np.isin(facts.kind, (kinds.TRANSFERRED, kinds.STEP_DONE)))
    event_rows = pa.array(of_steps.event_row)
    step = integers(events["step"].take(event_rows))
    due = integers(events["step_due"].take(event_rows), NO_DAY)
    open_steps: dict[
        tuple[int, int], int
    ] = {}  # where each was transferred, by register row and step
    done: dict[str, list[tuple[int, int, int]]] = {measure: [] for measure in STEP_MEASURES}
    columns = zip(of_steps.register_row, step, of_steps.kind, of_steps.day, strict=True)
    for place, (register_row, number, kind, day) in enumerate(columns):
        if kind == kinds.TRANSFERRED:
            open_steps[register_row, number] = place
            continue
        start = open_steps.pop((register_row, number), None)
        if start is not None and day >= first and due[start] != NO_DAY:
            timeliness = int(day >= due[start]) + int(day > due[start])
            done[STEP_MEASURES[timeliness]].append((register_row, start, place))
    return [
        MeasureCounts(
            measure,
            rows,
            np.ones(len(rows), np.int64),
            of_steps.event_row[starts],
            done_row=of_steps.event_row[ends],
        )
        for measure, steps in done.items()
        for rows, starts, ends in [np.array(steps, np.int64).reshape(-1, 3).T]
    ]


def _taken_in(events: pa.Table, lives: Lives, register: Register, first: int) -> MeasureCounts:
    """The dossiers received in the window that another office took in than the one competent then,
    for the office that took them in."""
    reception = register["reception"]
    rows = pa.array(lives.row[reception])
    agency, office = (
        events[name].take(rows).cast(pa.string()) for name in ("agency", "received_at")
    )
    is_other = pc.fill_null(pc.not_equal(agency, office), False)
    received = lives.day[reception] >= first
    taken_in = np.flatnonzero(received & np.asarray(is_other))
    own = lives.row[reception][taken_in]
    return MeasureCounts("taken_in", taken_in, np.ones(len(own), np.int64), own, "received_at")


def _apologies(
    events: pa.Table, lives: Lives, register: Register, first: int, last: int
) -> list[MeasureCounts]:
    """Overdue dossiers by whether an apology came with a new appointment."""
    account, closed = register["account"], register["closed"]
    in_period = (closed == rules.NOTHING) | (closed >= first)
    apologised = _are_apologised(events, lives, register, last)
    return [
        _one_each(f"{said}.{accounts.ACCOUNTS[each].partition('.')[0]}", np.flatnonzero(which))
        for each in OVERDUE
        for overdue in [in_period & (account == each)]
        for said, which in (
            ("apologised", overdue & apologised),
            ("unapologised", overdue & ~apologised),
        )
    ]


def _are_apologised(events: pa.Table, lives: Lives, register: Register, last: int) -> Mask:
    """By register row, whether an apology came while the dossier was open, by day ``last``."""
    reception = register["reception"]
    apologies, closings = (
        _places_after(
            lives, reception, np.flatnonzero(np.isin(lives.kind, of) & (lives.day <= last))
        )
        for of in ((kinds.RESCHEDULED,), CLOSING)
    )
    end = np.full(len(reception), len(lives.kind))
    np.minimum.at(end, *closings)
    register_row, place = apologies
    is_apology = _flags(events, "apology", lives.row[place]) == 1
    apologised = register_row[is_apology & (place < end[register_row])]
    return np.asarray(np.bincount(apologised, minlength=len(reception)) > 0)


def _places_after(lives: Lives, reception: Integers, place: Integers) -> tuple[Integers, Integers]:
    """The places of events whose dossier was received before them, each behind the row of its
    dossier in the register."""
    received = lives.dossier[reception]
    place = place[np.isin(lives.dossier[place], received)]
    register_row = np.searchsorted(received, lives.dossier[place])
    after = reception[register_row] < place
    return register_row[after], place[after]


def _sent(events: pa.Table, facts: _Facts, reception_row: Integers) -> list[MeasureCounts]:
    """The facts of each kind up to the last day (SENT)."""
    says_on_the_spot = _flags(events, "on_the_spot", reception_row) >= 0
    digitised = facts.only(facts.kind == kinds.DIGITISED)
    part = places(events["part"].take(pa.array(digitised.event_row)), DIGITISED_PARTS)
    rows = {
        "sent.on_the_spot": np.flatnonzero(says_on_the_spot),
        "sent.components": digitised.register_row[part == 0],
        "sent.result": digitised.register_row[part == 1],
    }
    for name, kind in _KINDS_SENT.items():
        rows[name] = facts.register_row[facts.kind == kind]
    return [_one_each(name, of_kind) for name, of_kind in rows.items()]


def _one_each(measure: str, register_rows: Integers) -> MeasureCounts:
    return MeasureCounts(measure, register_rows, np.ones(len(register_rows), np.int64))


def _flags(events: pa.Table, column: str, rows: Integers) -> Integers:
    """A true-or-false column in some rows: 1, 0, or -1 where it is empty."""
    return integers(events[column].take(pa.array(rows)).cast(pa.int8()))
