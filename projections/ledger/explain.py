"""Explains one dossier: each event, what it did to the clock and the account, and by which rules.

``explain`` runs the same rule book (``domain.rules``) as the ledger over the events of one dossier
and puts each step into words: when the clock started, stopped and ran again, which due day
followed, and when the deadline passed. Each step names the rules of ``domain.law`` that decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts, kinds, law, rules, validity
from hoso.domain.calendar import WorkingDays, between, date_of, forward
from hoso.domain.errors import UserError
from hoso.domain.law import Rule
from hoso.domain.office import Office
from hoso.domain.policy import Terms, period_on, terms_in
from hoso.domain.rules import Clock, PlainEvent
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.lives import Verdicts, events_of, instant, lives_of, recorded
from hoso.projections.log.packing import unpacked
from hoso.projections.log.schema import INSTANT, OF_FACTS, Integers, codes, integers

FACT_FIELDS: Final = ("reason", "channel", *OF_FACTS, "step_due")  # what a quality fact may say
EVENT_FIELDS: Final = ("type", "source", "id", "annuls", "occurred", "recorded")
PLACE_FIELDS: Final = ("agency", "field", "level")  # where a dossier stands
BATCH_EVENTS: Final = 1_000
# Logs of older versions have instants beyond the years of ``datetime``, in some zone at least: they
# are told as the nearest of these.
EARLIEST_US: Final = instant(datetime(1, 1, 2, tzinfo=UTC))
LATEST_US: Final = instant(datetime(9999, 12, 30, tzinfo=UTC))


class Said(NamedTuple):
    """Words in Vietnamese and in English."""

    vi: str
    en: str


Effect = tuple[Said, tuple[Rule, ...]]  # what an event did, in words, and the rules that decided


class Step(NamedTuple):
    """One step in the life of a dossier: an event, or a deadline that passed.

    ``day`` is a day number. ``event_type`` is the event's type, or ``deadline``; ``source`` and
    ``event`` are the event's source and id, None for a deadline. ``clock`` and ``account`` are
    those after the step; ``law`` are the rules that decided. ``suspense`` says that the event is in
    suspense. ``occurred`` and ``recorded`` are the two times of the event, and ``agency`` is where
    the dossier stands after it.
    """

    day: int
    event_type: str
    source: str | None
    event: str | None
    effect: Said
    clock: Clock
    account: int
    law: tuple[Rule, ...]
    suspense: bool = False
    occurred: datetime | None = None
    recorded: datetime | None = None
    agency: str | None = None


class UnknownDossier(UserError):
    """The log has no event of this dossier."""


class _Basis(NamedTuple):
    """By what an event is judged: the provisions of its day, and the working days."""

    terms: Terms
    days: WorkingDays


class _Outcome(NamedTuple):
    """What became of an event: the clock after it, and the rest of its step."""

    clock: Clock
    effect: Said
    law: tuple[Rule, ...]
    suspense: bool = False


def explain(ledger: Ledger, code: str, today: int) -> list[Step]:
    """Explain the dossier ``code`` up to the day number ``today``, as known at ``ledger.as_of``.

    Returns its steps in the order in which they occurred. Raises ``UnknownDossier`` when no event
    of the dossier was recorded by then.
    """
    events, verdict = events_of(ledger.log, code, ledger.as_of)
    if not len(events):
        raise UnknownDossier(f"no event of a dossier {code!r} is recorded")
    return list(_steps(events, verdict, ledger.office, today))


def explain_each(
    ledger: Ledger, dossiers: Sequence[str], today: int
) -> Iterator[tuple[str, list[Step]]]:
    """Explain some dossiers, each as ``explain`` does, from one look at the log. A code of which no
    event is recorded is left out."""
    log, office = ledger.log, ledger.office
    known = recorded(log, ledger.as_of)
    every = log["dossier"].combine_chunks().dictionary.to_pylist()
    numbers = {code: number for number, code in enumerate(every)}
    of_event = codes(log["dossier"])[known.row]
    order = np.argsort(of_event, kind="stable")
    for code in dossiers:
        number = numbers.get(code, -1)
        first, last = np.searchsorted(of_event, (number, number + 1), sorter=order)
        own: Integers = np.sort(order[first:last])
        if len(own):
            yield code, list(_steps(log.take(known.row[own]), known.verdict[own], office, today))


def _steps(events: pa.Table, verdict: Verdicts, office: Office, today: int) -> Iterator[Step]:
    """The steps of one dossier's events, which are given in the order recorded."""
    law_, period, clock, account = (
        office.policy.as_rules_read_it(),
        0,
        rules.BLANK,
        accounts.OUTSIDE,
    )
    stands_in: dict[str, Any] = {}
    life = lives_of(events, np.arange(len(events)), office.zone)
    rows = _rows(events.take(life.row))
    for place, packed, row in zip(life.row.tolist(), life.packed.tolist(), rows, strict=True):
        event = unpacked(packed)
        yield from _deadline(clock, account, event.day)
        period = period_on(law_, period, event.day)
        basis = _Basis(terms_in(law_, period), office.calendar.days)
        clock, effect, decided, suspense = _outcome(
            verdict[place], clock, event, row, stands_in, basis
        )
        if event.kind in (kinds.RECEIVED, kinds.REASSIGNED) and decided and not suspense:
            stands_in |= {name: row[name] for name in PLACE_FIELDS if row[name] is not None}
        account = rules.account(clock, event.day)
        named = row["type"], row["source"], row["id"]
        stands = row["occurred"], row["recorded"], stands_in.get("agency")
        yield Step(event.day, *named, effect, clock, account, decided, suspense, *stands)
    yield from _deadline(clock, account, today)


def _rows(events: pa.Table) -> Iterator[dict[str, Any]]:
    """What is told of each event, a few at a time: a life may have very many."""
    columns = events.select([*EVENT_FIELDS, *FACT_FIELDS, *PLACE_FIELDS])
    for name in ("occurred", "recorded"):
        within = np.clip(integers(columns[name]), EARLIEST_US, LATEST_US)
        place = columns.column_names.index(name)
        columns = columns.set_column(place, name, pa.array(within, INSTANT))
    for batch in columns.to_batches(max_chunksize=BATCH_EVENTS):
        yield from batch.to_pylist()


# For an event that does not count, by its verdict: words, rules, and whether it is in suspense.
NOT_VALID: Final[dict[int, tuple[Said, tuple[Rule, ...], bool]]] = {
    validity.REPEAT: (
        Said("sự kiện gửi lại: chỉ tính một lần", "the same event again: counts once"),
        (law.COUNTS_ONCE,),
        False,
    ),
    validity.ANNULLED: (
        Said("đã bị thu hồi: không làm thay đổi gì", "taken back by an annulment: changes nothing"),
        (law.ANNUL_EARLIER,),
        False,
    ),
    validity.ANNULMENT: (
        Said("thu hồi {annuls}", "takes back {annuls}"),
        (law.ANNUL_EARLIER,),
        False,
    ),
    validity.UNMATCHED: (
        Said(
            "treo: {annuls} không phải sự kiện trước đó của hồ sơ này",
            "in suspense: {annuls} is no earlier event of this dossier",
        ),
        (law.ANNUL_EARLIER,),
        True,
    ),
}
SUSPENDED: Final = Said("treo: không làm thay đổi gì", "in suspense: changes nothing")
UNITS: Final = (Said("ngày làm việc", "working days"), Said("ngày", "calendar days"))
FIELDS: Final = {
    "reason": "lý do",
    "channel": "hình thức",
    "part": "số hóa",
    "complete": "đầy đủ",
    "amount": "số tiền",
    "satisfied": "hài lòng",
    "applicant_fault": "do người nộp",
    "settled_in_time": "xử lý đúng hạn",
    "to_agency": "cơ quan",
    "step": "bước",
    "step_due": "hạn của bước",
    "on_the_spot": "giải quyết ngay",
    "agency": "cơ quan",
    "field": "lĩnh vực",
    "level": "cấp",
}
# The values that a field may have, where there are few, and the usual reasons, in Vietnamese.
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "channel": {"online": "trực tuyến", "in_person": "trực tiếp", "direct": "trực tiếp"},
    "part": {"components": "thành phần hồ sơ", "result": "kết quả giải quyết"},
    "level": {"province": "tỉnh", "district": "huyện", "commune": "xã"},
    "reason": {
        "paper_missing": "thiếu giấy tờ",
        "form_incomplete": "tờ khai chưa đầy đủ",
        "fee_not_paid": "chưa nộp phí, lệ phí",
        "wrong_address": "sai địa chỉ",
        "other": "lý do khác",
    },
}


def _said(vi: str, en: str, **values: object) -> Said:
    """Words with values in them: days as each language writes them."""
    return Said(
        vi.format(**{name: _in_language(value, 0) for name, value in values.items()}),
        en.format(**{name: _in_language(value, 1) for name, value in values.items()}),
    )


def _in_language(value: object, language: int) -> object:
    if isinstance(value, Said):
        return value[language]
    if isinstance(value, date) and language == 0:
        return value.strftime("%d/%m/%Y")
    return value


def _joined(*parts: Said, by: str = "; ") -> Said:
    """Words one after the other; empty ones are left out."""
    said = [part for part in parts if part.vi]
    return Said(by.join(part.vi for part in said), by.join(part.en for part in said))


def _outcome(
    verdict: int,
    clock: Clock,
    event: PlainEvent,
    row: dict[str, Any],
    stands_in: dict[str, Any],
    basis: _Basis,
) -> _Outcome:
    """What becomes of an event when the dossier's clock is ``clock``."""
    if verdict != validity.VALID:
        effect, decided, suspense = NOT_VALID[verdict]
        return _Outcome(clock, _said(*effect, annuls=row["annuls"]), decided, suspense)
    refusing = law.refusing_rule(clock, event.kind)
    if refusing is not None:
        return _Outcome(clock, SUSPENDED, (refusing,), True)
    if event.kind >= kinds.FIRST_FACT:
        return _Outcome(clock, _noted(row), (law.QUALITY_FACT,))
    if event.kind == kinds.REASSIGNED:
        return _Outcome(clock, _reassigned(row, stands_in), (law.REASSIGNMENT,))
    after = rules.step(clock, event, basis.terms, basis.days)
    return _Outcome(after, *_effect(clock, after, event, basis))


def _deadline(clock: Clock, account: int, day: int) -> Iterator[Step]:
    """The step of a deadline that passed before ``day`` while the dossier was in progress."""
    if rules.runs_out(clock, account, day):
        due = date_of(clock.due)
        effect = _said("hết thời hạn ngày {due}", "the time ran out on {due}", due=due)
        overdue, decided = accounts.IN_PROGRESS + accounts.OVERDUE, (law.DEADLINE_PASSES,)
        yield Step(clock.due + 1, "deadline", None, None, effect, clock, overdue, decided)


def _effect(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    """What an event did to the clock."""
    if event.kind == kinds.RECEIVED:
        return _received(after, event, basis)
    if event.kind == kinds.RESCHEDULED:
        return _rescheduled(before, after, event, basis)
    if event.kind == kinds.SUPPLEMENTED:
        return _supplemented(before, after, event, basis)
    if event.kind == kinds.RESUMED:
        return _resumed(before, after, event, basis)
    if event.kind == kinds.ARRIVED:
        return _arrived(before, after, event, basis)
    if event.kind in (kinds.PAUSED, kinds.SUPPLEMENT_REQUESTED):
        return _stopped(before, after, event, basis)
    return _closed(before, after, event, basis)


def _received(after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    due, allowance = date_of(after.due), _allowance(after)
    if event.due != rules.NOTHING:
        words = _said(
            "hẹn trả {due} như đã ghi; thời hạn giải quyết {allowance}",
            "due {due} as given; allowance {allowance}",
            due=due,
            allowance=allowance,
        )
        return words, (law.RECEPTION, law.GIVEN_DUE)
    start = event.day
    if after.unit == rules.WORKING_DAYS:
        start = forward(basis.days, event.day)
    words = _said(
        "tính thời hạn từ ngày {start}: {allowance}, hẹn trả {due}",
        "the clock starts on {start}: {allowance}, due {due}",
        start=date_of(start),
        allowance=allowance,
        due=due,
    )
    return words, (law.RECEPTION, law.FRESH_CLOCK)


def _allowance(clock: Clock) -> Said:
    return _said("{n} {unit}", "{n} {unit}", n=clock.allowance, unit=UNITS[clock.unit])


def _running_again(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    """How the clock ran again, if it was stopped; else no words and no rule."""
    if before.phase == rules.PAUSED:
        return _resumed(before, after, event, basis)
    if before.phase == rules.AWAITING:
        return _supplemented(before, after, event, basis)
    return Said("", ""), ()


def _stopped(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words, decided = Said("", ""), [law.CLOCK_STOPS]
    if before.phase == rules.PAUSED:
        words, decided = _moved(before, after, event, basis), [law.SHIFT, law.CLOCK_STOPS]
    standing = _standing_still(before, after, event)
    if after.lapsed and not before.lapsed:
        passed = Said("đã qua ngày này: quá hạn", "a day that has passed: lapsed")
        standing = _joined(standing, passed, by=", ")
        decided.append(law.LAPSED_STICKS)
    words = _joined(words, standing)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        words = _joined(words, _requested(after, basis))
        if after.requests > basis.terms.supplement_limit:
            decided.append(law.TOO_MANY_REQUESTS)
    return words, tuple(decided)


def _standing_still(before: Clock, after: Clock, event: PlainEvent) -> Said:
    """From when on the clock stands."""
    if before.phase == rules.AWAITING:
        return _said(
            "thời hạn đã ngừng tính từ ngày {day}",
            "the clock has stood since {day}",
            day=date_of(after.stopped),
        )
    return _said(
        "ngừng tính thời hạn từ ngày {day}, hẹn trả {due}",
        "the clock stops on {day}, due {due}",
        day=date_of(event.day),
        due=date_of(after.due),
    )


def _requested(after: Clock, basis: _Basis) -> Said:
    """Which supplement request it is, and whether it is one too many."""
    number = _said("yêu cầu bổ sung lần {n}", "supplement request no. {n}", n=after.requests)
    limit = basis.terms.supplement_limit
    if after.requests <= limit:
        return number
    too_many = _said(
        "quá {limit} lần: tính là quá hạn", "more than {limit}: counts as overdue", limit=limit
    )
    return _joined(number, too_many, by=", ")


def _supplemented(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    stood, due = _stood(before, event), date_of(after.due)
    if event.due != rules.NOTHING:
        return _joined(stood, _as_given(due)), (law.GIVEN_DUE,)
    if before.arrival_due != rules.NOTHING:
        return _after_arrival(before, after, event)
    if basis.terms.extend:
        longer = _said("hẹn trả {due}, lùi bằng ấy ngày", "due {due}, moved by as long", due=due)
        return _joined(stood, longer), (law.EXTEND,)
    again = _said(
        "tính lại từ đầu: {allowance}, hẹn trả {due}",
        "it starts again in full: {allowance}, due {due}",
        allowance=_allowance(after),
        due=due,
    )
    return _joined(stood, again), (law.RESTART,)


def _as_given(due: date) -> Said:
    return _said("hẹn trả {due} như đã ghi", "due {due} as given", due=due)


def _resumed(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    if event.due != rules.NOTHING:
        given = _as_given(date_of(after.due))
        return _joined(_stood(before, event), given), (law.GIVEN_DUE,)
    if before.arrival_due != rules.NOTHING:
        return _after_arrival(before, after, event)
    return _moved(before, after, event, basis), (law.SHIFT,)


def _moved(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Said:
    """How far the due day moves, by how long the clock stood still."""
    days = between(basis.days, before.stopped, event.day)
    if before.unit == rules.CALENDAR_DAYS:
        days = event.day - before.stopped
    length = _said("{n} {unit}", "{n} {unit}", n=days, unit=UNITS[before.unit])
    stood = _joined(_stood(before, event), length, by=", ")
    return _joined(stood, _moves(before, after))


def _moves(before: Clock, after: Clock) -> Said:
    return _said(
        "hẹn trả {old} chuyển sang {new}",
        "due {old} moves to {new}",
        old=date_of(before.due),
        new=date_of(after.due),
    )


def _after_arrival(before: Clock, after: Clock, event: PlainEvent) -> Effect:
    """The due day that an arrival set while the clock stood still."""
    stood, due = _stood(before, event), date_of(after.due)
    if before.arrival_due != rules.FRESH:
        given = _said(
            "hẹn trả {due} như ghi khi nhận hồ sơ chuyển đến",
            "due {due} as the arrival gave it",
            due=due,
        )
        return _joined(stood, given), (law.ARRIVAL, law.GIVEN_DUE)
    fresh = _said(
        "hồ sơ đã chuyển đến trong thời gian đó: {allowance}, hẹn trả {due}",
        "the dossier arrived meanwhile: {allowance}, due {due}",
        allowance=_allowance(after),
        due=due,
    )
    return _joined(stood, fresh), (law.ARRIVAL, law.FRESH_CLOCK)


def _arrived(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    due = date_of(after.due)
    if not basis.terms.arrival_starts_clock:
        noted = _said("ghi nhận: giữ hẹn trả {due}", "noted: due stays {due}", due=due)
        return noted, (law.ARRIVAL,)
    if after.arrival_due != rules.NOTHING:
        return _arrived_while_stopped(after)
    if event.due != rules.NOTHING:
        words, decided = _as_given(due), (law.ARRIVAL, law.GIVEN_DUE)
    else:
        decided = (law.ARRIVAL, law.FRESH_CLOCK)
        words = _said(
            "tính thời hạn từ ngày này: {allowance}, hẹn trả {due}",
            "the time runs from here: {allowance}, due {due}",
            allowance=_allowance(after),
            due=due,
        )
    if after.lapsed and not before.lapsed:
        passed = _said("đã qua {old}: quá hạn", "{old} had passed: lapsed", old=date_of(before.due))
        return _joined(words, passed), (*decided, law.LAPSED_STICKS)
    return words, decided


def _arrived_while_stopped(after: Clock) -> Effect:
    """What an arrival leaves for when the clock next runs."""
    if after.arrival_due == rules.FRESH:
        words = Said(
            "khi thời hạn chạy lại, tính đủ từ ngày đó",
            "the full time runs from when the clock next runs",
        )
        return words, (law.ARRIVAL,)
    words = _said(
        "hẹn trả {due} như đã ghi, khi thời hạn chạy lại",
        "due {due} as given, when the clock next runs",
        due=date_of(after.arrival_due),
    )
    return words, (law.ARRIVAL, law.GIVEN_DUE)


def _reassigned(row: dict[str, Any], stands_in: dict[str, Any]) -> Said:
    """Where a dossier stands from a day on."""
    new = {name: row[name] for name in PLACE_FIELDS if row[name] not in (None, stands_in.get(name))}
    if not new:
        return Said("ghi nhận: hồ sơ đã ở đó", "noted: the dossier stands there already")
    changes = (
        _said(
            "{name}: từ {old} sang {new}",
            "{name} {old} becomes {new}",
            name=Said(FIELDS[name], name),
            old=_value(name, stands_in.get(name, "–")),
            new=_value(name, value),
        )
        for name, value in new.items()
    )
    same = Said("giữ nguyên thời hạn và trạng thái", "clock and account stay as they are")
    return _joined(_joined(*changes, by=", "), same)


def _stood(before: Clock, event: PlainEvent) -> Said:
    return _said(
        "thời hạn ngừng tính từ {stopped} đến {day}",
        "the clock stood from {stopped} to {day}",
        stopped=date_of(before.stopped),
        day=date_of(event.day),
    )


def _rescheduled(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words = _said("hẹn lại ngày {day}", "a new appointment for {day}", day=date_of(event.due))
    due = date_of(after.due)
    stays = _said("giữ hẹn trả {due}", "due stays {due}", due=due)
    if not basis.terms.accept_once:
        return _joined(words, stays), (law.KEEP_ORIGINAL,)
    decided: tuple[Rule, ...] = (law.ACCEPT_ONCE,)
    if before.rescheduled:
        why = Said("không phải lần đầu", "not the first")
    elif rules.is_overdue(before, event.day):
        why = Said("đã quá hạn", "overdue already")
    elif not rules.is_notice_in_time(before, event, basis.terms):
        why = _said(
            "thông báo trước chưa đủ {n} ngày",
            "fewer than {n} days before",
            n=basis.terms.reschedule_notice,
        )
        decided = (law.ACCEPT_ONCE, law.NOTICE)
    else:
        return _joined(words, _moves(before, after)), decided
    return _joined(words, _joined(why, stays, by=": ")), decided


def _noted(row: dict[str, Any]) -> Said:
    """What a quality fact says: ``noted: part components, complete yes; moves nothing``."""
    fields = [name for name in FACT_FIELDS if row[name] is not None]
    words = _joined(
        *(
            _said(
                "{name}: {value}" if isinstance(row[name], bool) else "{name} {value}",
                "{name} {value}",
                name=_field(name),
                value=_value(name, row[name]),
            )
            for name in fields
        ),
        by=", ",
    )
    noted = _joined(Said("ghi nhận", "noted"), words, by=": ")
    return _joined(noted, Said("không chuyển trạng thái", "moves nothing"))


def _field(name: str) -> Said:
    return Said(FIELDS[name], name.replace("_", " "))


def _value(name: str, value: object) -> object:
    """The value of a field as people read it; in English its codes are as in the events."""
    if isinstance(value, bool):
        return (Said("không", "no"), Said("có", "yes"))[value]
    if name == "amount":
        return Said(f"{value:,} đồng".replace(",", "."), f"{value:,} đồng")
    if isinstance(value, str):
        return Said(VALUES.get(name, {}).get(value, value), value)
    return value


def _closed(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words, decided = _running_again(before, after, event, basis)
    closed = _said(
        "kết thúc ngày {day}, hẹn trả {due}",
        "closed on {day}, due {due}",
        day=date_of(event.day),
        due=date_of(after.due),
    )
    words = _joined(words, closed)
    if event.kind == kinds.CANCELLED:
        return words, (*decided, law.CANCELLATION)
    if before.exceeded:
        overdue = _said(
            "{n} lần yêu cầu bổ sung: quá hạn",
            "{n} supplement requests: overdue",
            n=before.requests,
        )
        words, decided = _joined(words, overdue), (*decided, law.TOO_MANY_REQUESTS)
    elif before.lapsed:
        overdue = Said("trước đó đã qua ngày hẹn: quá hạn", "a due day had passed before: overdue")
        words, decided = _joined(words, overdue), (*decided, law.LAPSED_STICKS)
    return words, (*decided, law.TIMELINESS)
