"""What do quality facts say of the dossiers of a window? Measures, slice by slice.

A measure counts dossiers of the window's balance about which something is known by its last day
(of those received, of those resolved, of all), or what happened on its days. Each is named in
MEASURES; what it counts dossier by dossier is what ``hoso dossiers`` lists.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15; NĐ 61/2018/NĐ-CP art. 26.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import accounts, kinds, rules
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.register import register_columns
from hoso.projections.log.lives import Lives
from hoso.projections.log.schema import OF_FACTS, Integers, integers, places

# What the measures read of an event, beside the events themselves.
COLUMNS: Final = ("type", "reason", *DIMENSIONS, "on_the_spot", *OF_FACTS, "step_due")
MEASURES: Final = (
    # Of the dossiers received in the window, by its last day:
    "on_the_spot",  # giải quyết ngay
    "components.complete",  # thành phần hồ sơ đã số hóa đủ
    "components.partial",
    "reused",  # tái sử dụng dữ liệu
    # Of those resolved in it:
    "result.complete",  # kết quả đã số hóa
    "result.partial",
    "contacted.once",  # người nộp phải liên hệ thêm, không do lỗi của mình
    "contacted.more",
    "disputed.early",  # có phản ánh, kiến nghị; theo thời hạn giải quyết
    "disputed.on_time",
    "disputed.overdue",
    # Of those of the period, carried over or received:
    "synced",  # đã đồng bộ
    # Of those paused on its last day:
    "pause.awaiting_authority",
    "pause.financial_obligation",
    "pause.other",
    # Of those open and overdue on its last day, by working days past the due day:
    "age.0",  # overdue for another reason, or the clock stands
    "age.5",
    "age.20",
    "age.60",
    "age.more",
    # On its days, dossiers:
    "paid.online",  # thanh toán trực tuyến, ít nhất một lần
    "paid.direct",  # chỉ thanh toán trực tiếp
    # On its days, times, and đồng:
    "payments.online",
    "payments.direct",
    "amount.online",
    "amount.direct",
    "rated.satisfied",
    "rated.dissatisfied",
    "complaints.in_time",
    "complaints.late",
    # On its days, steps done, of the agency whose step it was (liên thông):
    "steps.early",
    "steps.on_time",
    "steps.overdue",
)
STEPS: Final = tuple(name for name in MEASURES if name.startswith("steps."))
AGES: Final = (0, 5, 20, 60)  # working days, at most
NEVER: Final = rules.NOTHING
OPEN_OVERDUE: Final = tuple(
    start + accounts.OVERDUE
    for start in (accounts.IN_PROGRESS, accounts.AWAITING_SUPPLEMENT, accounts.PAUSED)
)
PARTS: Final = ("components", "result")
REASONS: Final = ("awaiting_authority", "financial_obligation", "other")

Mask = npt.NDArray[np.bool_]
Lines = Mapping[str, Integers]  # the register (``registering.entered``)


class Mark(NamedTuple):
    """What a measure counts: for some lines of the register, how much. ``row`` is the row of the
    event that names whose it is, where that is not the dossier's agency."""

    measure: str
    line: Integers
    number: Integers
    row: Integers | None = None


class Marked(NamedTuple):
    """The marks of a window, and the rows of the receptions of the register's lines."""

    reception: Integers
    marks: list[Mark]


class _Facts(NamedTuple):
    """Quality facts that apply: of which line, in which row, which kind, on which day."""

    line: Integers
    row: Integers
    kind: Integers
    day: Integers

    def of(self, which: Mask) -> "_Facts":
        return _Facts(*(column[which] for column in self))


def marked(events: pa.Table, told: Lives, office: Office, window: Window) -> Marked:
    """What each measure counts in a window: of some lives, whose events stand in a table (COLUMNS)
    in the rows ``told.row``."""
    first, last = day_number(window.first), day_number(window.last)
    register = register_columns(told, office, last)
    reception = register["reception"]
    facts = _facts(events, told, reception, last)
    marks = [
        *_standing(events, told, register, first),
        *_known(events, facts, told, register, first),
        *_happened(events, facts.of(facts.day >= first)),
        *_steps(events, facts, first),
    ]
    return Marked(told.row[reception], marks)


def _facts(events: pa.Table, told: Lives, reception: Integers, last: int) -> _Facts:
    """Those that apply: of a dossier that was received before, up to a day."""
    place = np.flatnonzero((told.kind >= kinds.FIRST_FACT) & (told.day <= last))
    received = told.dossier[reception]
    place = place[np.isin(told.dossier[place], received)]
    line = np.searchsorted(received, told.dossier[place])
    there = reception[line] < place
    place, line = place[there], line[there]
    kind = places(events["type"].take(pa.array(told.row[place])), kinds.KINDS)
    return _Facts(line, told.row[place], kind, told.day[place])


def _standing(events: pa.Table, told: Lives, register: Lines, first: int) -> list[Mark]:
    """What the register tells: on the spot, why paused, how long overdue."""
    reception, account = told.row[register["reception"]], register["account"]
    came = np.flatnonzero(told.day[register["reception"]] >= first)
    on_the_spot = _flags(events, "on_the_spot", reception[came]) == 1
    paused = np.flatnonzero(np.isin(account, accounts.members("paused")))
    pauses = told.row[register["pause"][paused]]
    reason = places(events["reason"].take(pa.array(pauses)), REASONS)
    late = np.flatnonzero(np.isin(account, OPEN_OVERDUE))
    age = np.searchsorted(AGES, register["overdue_days"][late])
    return [
        _each("on_the_spot", came[on_the_spot]),
        *(_each(f"pause.{name}", paused[reason == n]) for n, name in enumerate(REASONS)),
        *(_each(f"age.{name}", late[age == n]) for n, name in enumerate((*AGES, "more"))),
    ]


def _known(events: pa.Table, facts: _Facts, told: Lives, register: Lines, first: int) -> list[Mark]:
    """What is known by the last day, of the dossiers received, resolved, or of the period."""
    account, closed = register["account"], register["closed"]
    received = told.day[register["reception"]] >= first
    in_period = (closed == rules.NOTHING) | (closed >= first)
    resolved = np.isin(account, accounts.members("resolved")) & (closed >= first)
    components, result = _digitised(events, facts, len(account))
    reused, synced, disputed = (
        np.bincount(facts.line[facts.kind == kind], minlength=len(account)) > 0
        for kind in (kinds.REUSED, kinds.SYNCED, kinds.COMPLAINED)
    )
    contacts = _contacts(events, facts, len(account))
    timeliness = account - accounts.RESOLVED
    found = {
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
    return [_each(name, np.flatnonzero(lines)) for name, lines in found.items()]


def _digitised(events: pa.Table, facts: _Facts, lines: int) -> list[Integers]:
    """For each line and part, whether it was digitised completely, as told last; -1: not told."""
    told = facts.of(facts.kind == kinds.DIGITISED)
    part = places(events["part"].take(pa.array(told.row)), PARTS)
    complete = _flags(events, "complete", told.row)
    said = [np.full(lines, -1) for _ in PARTS]
    for number, column in enumerate(said):
        column[told.line[part == number]] = complete[part == number]
    return said


def _contacts(events: pa.Table, facts: _Facts, lines: int) -> Integers:
    """How often each applicant had to come again, not by his own fault."""
    told = facts.of(facts.kind == kinds.CONTACTED)
    fault = _flags(events, "applicant_fault", told.row)
    return np.bincount(told.line[fault == 0], minlength=lines)


def _happened(events: pa.Table, facts: _Facts) -> list[Mark]:
    """What was paid, rated and complained of on the days of the window."""
    paid, rated, complained = (
        facts.of(facts.kind == kind) for kind in (kinds.PAID, kinds.RATED, kinds.COMPLAINED)
    )
    online = places(events["channel"].take(pa.array(paid.row)), ("direct", "online")) == 1
    amount = integers(events["amount"].take(pa.array(paid.row)))
    satisfied = _flags(events, "satisfied", rated.row) == 1
    in_time = _flags(events, "settled_in_time", complained.row) == 1
    payers = np.unique(paid.line[online])
    return [
        _each("paid.online", payers),
        _each("paid.direct", np.setdiff1d(paid.line, payers)),
        _each("payments.online", paid.line[online]),
        _each("payments.direct", paid.line[~online]),
        Mark("amount.online", paid.line[online], amount[online]),
        Mark("amount.direct", paid.line[~online], amount[~online]),
        _each("rated.satisfied", rated.line[satisfied]),
        _each("rated.dissatisfied", rated.line[~satisfied]),
        _each("complaints.in_time", complained.line[in_time]),
        _each("complaints.late", complained.line[~in_time]),
    ]


def _steps(events: pa.Table, facts: _Facts, first: int) -> list[Mark]:
    """The steps that were done from a day on, each by when it was due: one that has no due day is
    neither early nor late, and not counted."""
    of_steps = facts.of(np.isin(facts.kind, (kinds.TRANSFERRED, kinds.STEP_DONE)))
    rows = pa.array(of_steps.row)
    number, due = (
        integers(events["step"].take(rows)),
        integers(events["step_due"].take(rows), NEVER),
    )
    begun: dict[tuple[int, int], int] = {}
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in STEPS}
    columns = zip(of_steps.line, number, of_steps.kind, of_steps.day, strict=True)
    for place, (line, step, kind, day) in enumerate(columns):
        if kind == kinds.TRANSFERRED:
            begun[line, step] = place
            continue
        start = begun.pop((line, step), None)
        if start is not None and day >= first and (until := due[start]) != NEVER:
            found[STEPS[int(day >= until) + int(day > until)]].append((line, start))
    return [
        Mark(name, lines, np.ones(len(lines), np.int64), of_steps.row[starts])
        for name, pairs in found.items()
        for lines, starts in [np.array(pairs, np.int64).reshape(-1, 2).T]
    ]


def _each(measure: str, lines: Integers) -> Mark:
    return Mark(measure, lines, np.ones(len(lines), np.int64))


def _flags(events: pa.Table, name: str, rows: Integers) -> Integers:
    """A column of truths in some rows: 1, 0, or -1 where nothing is said."""
    taken = events[name].take(pa.array(rows)).cast(pa.int8())
    return integers(taken)
