"""Deliberate faults: where, what stands there, and what is wrong in its place.

Each text stands once in its file. Faults that change nothing anybody can see are not listed.
"""
# ruff: noqa: E501 - a fault stands in one line

from typing import NamedTuple


class Fault(NamedTuple):
    """A text of a file, and a wrong one in its place."""

    file: str
    right: str
    wrong: str


RULES, LAW, POLICY = "domain/rules.py", "domain/provisions.py", "domain/policy.py"
JOURNAL, ADDING = "projections/kernels/journal.py", "projections/kernels/balances.py"
REGISTER = "projections/kernels/register.py"
SLICES, SHEETS = "projections/ledger/slices.py", "projections/ledger/balances.py"
LEDGER, STATING = "projections/ledger/ledger.py", "projections/ledger/statement.py"
CHECKS, FINDING = "projections/kernels/checks.py", "projections/kernels/findings.py"
LIFE_FACTS, UNUSUAL = "projections/integrity/life_facts.py", "projections/integrity/unusual.py"
LISTING, LIVES = "projections/ledger/drilldown.py", "projections/log/lives.py"

FAULTS = (
    # What applies, and in which phase.
    Fault(RULES, "return phase == NONE\n", "return phase == NONE or phase == CLOSED\n"),
    Fault(RULES, "return phase == AWAITING\n", "return phase == AWAITING or phase == PAUSED\n"),
    Fault(RULES, "return phase == IN_PROGRESS\n", "return phase != NONE and phase != CLOSED\n"),
    Fault(RULES, "clock.journey != ON_ITS_WAY:", "clock.journey == ARRIVED:"),
    Fault(RULES, "clock.journey != ON_ITS_WAY:", "clock.journey == TAKEN_IN_ITSELF:"),
    Fault(RULES, "phase != NONE and phase != CLOSED\n", "phase != NONE\n"),
    # Deadlines.
    Fault(RULES, "add(calendar, forward(calendar, start), all", "add(calendar, start, all"),
    Fault(RULES, "forward(calendar, start + allowance)", "start + allowance"),
    Fault(RULES, "    if day == stopped:\n        return due\n", ""),
    Fault(RULES, "forward(calendar, due + (day - stopped))", "due + (day - stopped)"),
    Fault(RULES, "between(calendar, stopped, day))", "between(calendar, stopped, day) + 1)"),
    Fault(RULES, "forward(calendar, event.day), due)", "event.day, due)"),
    Fault(RULES, "unit = WORKING_DAYS\n        all", "unit = CALENDAR_DAYS\n        all"),
    # Overdue.
    Fault(RULES, "clock.lapsed != 0 or clock.exceeded", "clock.exceeded"),
    Fault(RULES, "or clock.exceeded != 0 or", "or"),
    Fault(RULES, "IN_PROGRESS and day > clock.due)\n", "IN_PROGRESS and day >= clock.due)\n"),
    Fault(RULES, "(clock.phase == IN_PROGRESS and day > clock.due)", "day > clock.due"),
    Fault(RULES, "IN_TIME and day > clock.due", "IN_TIME and day > clock.due + 1"),
    Fault(RULES, "lapsed=1 if day > clock.due else clock.lapsed", "lapsed=clock.lapsed"),
    Fault(RULES, "lapsed=1 if day > clock.due else", "lapsed=1 if day >= clock.due else"),
    Fault(RULES, "lapsed = 1 if event.day > due else lapsed", "lapsed = 1 if event.day > due else 0"),
    Fault(RULES, "lapsed = 1 if event.day > due else", "lapsed = 1 if event.day >= due else"),
    # A supplement.
    Fault(RULES, "requests = clock.requests + 1", "requests = 1"),
    Fault(RULES, "if requests > terms.supp", "if requests >= terms.supp"),
    Fault(RULES, "supplement_limit else clock.exceeded", "supplement_limit else 0"),
    Fault(RULES, "        due = shift(calendar, due, stopped, event.day, clock.unit)\n    if clock.phase != A", "        stopped = event.day\n    if clock.phase != A"),
    Fault(RULES, "    if clock.phase != AWAITING:\n        stopped", "    if True:\n        stopped"),
    Fault(RULES, "event, terms.extend != 0, calendar", "event, terms.extend == 0, calendar"),
    Fault(RULES, "run(clock, due_after_stop(clock, event, True, ", "run(clock, due_after_stop(clock, event, False, "),
    Fault(RULES, "    if event.due != NOTHING:\n        return event.due\n", ""),
    # A new appointment.
    Fault(RULES, "terms.accept_once != 0\n        and clock", "True\n        and clock"),
    Fault(RULES, "        and clock.rescheduled == 0\n", ""),
    Fault(RULES, "        and not is_overdue(clock, event.day)\n", ""),
    Fault(RULES, "        and is_notice_in_time(clock, event, terms)\n", ""),
    Fault(RULES, "event.day <= clock.due - terms", "event.day < clock.due - terms"),
    Fault(RULES, "rescheduled=clock.rescheduled + 1", "rescheduled=clock.rescheduled + accepted"),
    # An arrival.
    Fault(RULES, "terms.arrival_starts_clock and clock.ph", "clock.ph"),
    Fault(RULES, "elif terms.arrival_starts_clock:", "else:"),
    Fault(RULES, "lapsed = 1 if event.day > clock.due else clock.lapsed", "lapsed = clock.lapsed"),
    Fault(RULES, "        due = event.due\n        if due == NOTHING:\n            due = dead", "        due = event.due\n        if due != 0:\n            due = dead"),
    Fault(RULES, "arrival_due = FRESH if event.due == NOTHING else event.due", "arrival_due = FRESH"),
    Fault(RULES, "    if clock.arrival_due != NOTHING and clock.arrival_due != FRESH:\n        return clock.arrival_due\n", ""),
    Fault(RULES, "if shifted and clock.arrival_due == NOTHING:", "if shifted:"),
    Fault(RULES, "        unit=clock.unit,\n        journey=clock.journey,\n        arrival_due=NOTHING,", "        unit=clock.unit,\n        journey=clock.journey,\n        arrival_due=clock.arrival_due,"),
    Fault(RULES, "journey=ARRIVED,", "journey=clock.journey,"),
    # The end.
    Fault(RULES, "    if clock.phase == PAUSED:\n        clock = resume(clock, event, calendar)\n    elif", "    if"),
    Fault(RULES, "    elif clock.phase == AWAITING:\n        clock = supplement(clock, event, terms, calendar)\n", ""),
    Fault(RULES, "if day == clock.due:", "if day <= clock.due:"),
    # The law in time.
    Fault(LAW, "FROM_309: Final = date(2026, 8, 5)", "FROM_309: Final = date(2026, 8, 6)"),
    Fault(LAW, "ND309: date(2026, 8, 5),", "ND309: date(2026, 7, 21),"),
    Fault(LAW, '_in_309("arrival_starts_clock", "yes"', '_in_309("arrival_starts_clock", "no"'),
    Fault(LAW, '_in_118("reschedule_notice", 1', '_in_118("reschedule_notice", 0'),
    Fault(LAW, '_in_61("reschedule", "accept_once"', '_in_61("reschedule", "keep_original"'),
    Fault(LAW, "1, 1)) <= as_of", "1, 1)) < as_of"),
    Fault(LAW, "if as_of is None or self.first is None:", "if as_of is None:"),
    Fault(LAW, "last=None if begins is None else begins", "last=row.last if begins is None else begins"),
    Fault(LAW, "Regime(UNTIL_309, {}", "Regime(FROM_309, {}"),
    Fault(LAW, "Regime(UNTIL_118, {}", "Regime(UNTIL_309, {}"),
    Fault(LAW, 'Regime(None, {"after_supplement": "extend"}', "Regime(None, {}"),
    Fault(POLICY, "law.first_day[period + 1] <= day", "law.first_day[period + 1] < day"),
    Fault(POLICY, "    while period + 1 < len", "    if period + 1 < len"),
    Fault(POLICY, "return known(provisions, as_of) if on is None", "return known(provisions, None) if on is None"),
    Fault(POLICY, "frozen(provisions, on)\n", "frozen(known(provisions, as_of), on)\n"),
    Fault(POLICY, "notice >= 0 else NO_NOTICE", "notice >= 0 else 0"),
    # The journal.
    Fault(JOURNAL, "clock.due + 1,\n                        IN_PROGRESS_IN_TIME", "clock.due,\n                        IN_PROGRESS_IN_TIME"),
    Fault(JOURNAL, "                    held = IN_PROGRESS_OVERDUE\n", ""),
    Fault(JOURNAL, "        period = 0\n        while", "        period = len(law.first_day) - 1\n        while"),
    Fault(JOURNAL, "if held != before or event.kind == kinds.REASSIGNED:", "if held != before:"),
    Fault(JOURNAL, "runs_out(clock, held, clock.due + 1):", "runs_out(clock, held, clock.due):"),
    Fault(JOURNAL, "verdict == validity.VALID or verdict == validity.UNMATCHED:", "verdict == validity.VALID:"),
    Fault(REGISTER, "event.day <= until and", "event.day < until and"),
    Fault(REGISTER, "last if is_closed else until)", "until)"),
    # Balances, slices and transfers.
    Fault(ADDING, "    if before == after:\n        return beyond\n", ""),
    Fault(ADDING, "before, group = group, slice_of", "before, _ = group, slice_of"),
    Fault(SLICES, "starts[1:] |= self.day[1:] != self.day[:-1]", "starts[1:] = True"),
    Fault(SLICES, "        if not self.lasting:\n", "        if True:\n"),
    Fault(SLICES, "(kind == kinds.REASSIGNED) & ~_behind(key, closes) &", "(kind == kinds.REASSIGNED) &"),
    Fault(SLICES, "(day <= last)\n", "(day < last)\n"),
    Fault(SLICES, "moves = is_received & (kind", "moves = (kind"),
    Fault(SLICES, "(codes(log[dimension])[self.row] >= 0)", "(self.row >= 0)"),
    Fault(SLICES, 'REASSIGNED: Final = ("agency", "field", "level")', 'REASSIGNED: Final = ("agency", "level")'),
    Fault(LEDGER, "entry = entry[group[entry - 1] != group[entry]]\n", "entry = entry[group[entry] >= 0]\n"),
    Fault(LEDGER, "moves & (journal.day <= day_number(final_on))", "moves & (journal.day < day_number(final_on))"),
    Fault(LEDGER, "        moves = moves & (journal.day <= day_number(final_on))\n", "        pass\n"),
    Fault(LEDGER, "lasting=final_on is not None", "lasting=False"),
    Fault(LEDGER, "net += [-1, 1, -1, 1]", "net += [-1, -1, 1, 1]"),
    Fault(SHEETS, "day_number(day) - self.first_day + 1, 0)", "day_number(day) - self.first_day, 0)"),
    # Statements and lists.
    Fault(STATING, "at_end_of(told.first - timedelta(1))", "at_end_of(told.first)"),
    Fault(STATING, "min(window.last, last))", "window.last)"),
    Fault(STATING, "return Window(last + timedelta(1), last)", "return window"),
    Fault(STATING, "told_of(window, office, as_of).last", "window.last"),
    Fault(STATING, "(closing if i in OPEN else moved)", "closing"),
    Fault(STATING, "until = suspended.day <= day", "until = suspended.day < day"),
    Fault(LISTING, '(figure == "transferred.out")', '(figure == "transferred.in")'),
    Fault(LISTING, "np.isin(journal.into, wanted))", "np.isin(journal.out, wanted))"),
    Fault(LISTING, "told, journal = told_of(window, ledger.office, ledger.as_of), led", "told, journal = window, led"),
    # Lives.
    Fault(LIVES, "rows[instants <= instant(as_of)]", "rows[instants < instant(as_of)]"),
    Fault(LIVES, "is_reception = places(log[\"type\"], kinds.KINDS) == kinds.RECEIVED", "is_reception = places(log[\"type\"], kinds.KINDS) < 0"),
    Fault("domain/office.py", "return self.asked_on or date.max", "return date.max"),
    Fault("domain/office.py", "        if as_of is not None:\n", "        if False:\n"),
    # The checks of integrity: each threshold, and each condition.
    Fault(CHECKS, "return late > basis", "return late >= basis"),
    Fault(CHECKS, "between(basis.calendar, step.event.day, step.recorded)", "step.recorded - step.event.day"),
    Fault(CHECKS, "is_district and step.event.day > basis", "is_district and step.event.day >= basis"),
    Fault(CHECKS, "return is_district and step", "return step"),
    Fault(CHECKS, "return event.allowance != days or", "return event.allowance > days or"),
    Fault(CHECKS, "event.allowance != days or (event.detail & rules.UNIT_BIT) != unit", "event.allowance != days"),
    Fault(CHECKS, "    return event.due != rules.deadline(basis.calendar, event.day, days, unit)", "    return False"),
    Fault(CHECKS, "others < basis", "others <= basis"),
    Fault(CHECKS, "others = between(basis.calendar, day, due - 1)", "others = due - 1 - day"),
    Fault(CHECKS, "return day == due or others", "return others"),
    Fault(CHECKS, "    if rules.is_overdue(step.before, day):\n        return False\n", ""),
    Fault(CHECKS, "step.event.day > add(", "step.event.day >= add("),
    Fault(CHECKS, "add(basis.calendar, begun, basis.notice_days)", "begun + basis.notice_days"),
    Fault(CHECKS, "requests > basis.terms.supplement_limit", "requests >= basis.terms.supplement_limit"),
    Fault(CHECKS, "requests > basis.terms.supplement_limit", "requests > 1"),
    Fault(CHECKS, "close_by = add(calendar, expires, 1)", "close_by = expires + 1"),
    Fault(CHECKS, "if day <= expires or (", "if day < expires or ("),
    Fault(CHECKS, "(day <= close_by and not shows)", "(day < close_by and not shows)"),
    Fault(CHECKS, "(day <= close_by and not shows)", "day <= close_by"),
    Fault(CHECKS, "return min(day, close_by)", "return close_by"),
    Fault(CHECKS, "return not rules.is_notice_in_time(step.before", "return not rules.is_notice_in_time(step.after"),
    Fault(CHECKS, "step.before.rescheduled > 0", "step.after.rescheduled > 0"),
    Fault(CHECKS, "step.before.rescheduled > 0", "step.before.rescheduled > 1"),
    Fault(CHECKS, "return clock.rescheduled == 0", "return True"),
    Fault(CHECKS, "return step.event.kind == kinds.CANCELLED and (", "return ("),
    Fault(LIFE_FACTS, '("re_entered", "duplicate")', '("re_entered",)'),
    Fault(CHECKS, "kinds.RESOLVED or clock.lapsed", "kinds.CANCELLED or clock.lapsed"),
    Fault(CHECKS, "if step.event.kind == kinds.RESOLVED or clock.lapsed or", "if clock.lapsed or"),
    Fault(CHECKS, "or clock.lapsed or clock.exceeded:", "or clock.lapsed:"),
    Fault(CHECKS, "return step.event.day == clock.due", "return step.event.day >= clock.due - 1"),
    Fault(CHECKS, "step.recorded > latest", "step.recorded >= latest"),
    Fault(CHECKS, "return is_closed_in_time(step.after) and", "return"),
    Fault(CHECKS, "return is_closed_on_due_day(step.after) and", "return"),
    Fault(CHECKS, "return step.after.due > step.before.due", "return True"),
    Fault(CHECKS, "event.due > rules.due_after_stop", "event.due >= rules.due_after_stop"),
    Fault(CHECKS, "if event.kind != kinds.SUPPLEMENTED and event", "if event"),
    Fault(CHECKS, "step.after.allowance == 0", "step.after.allowance < 0"),
    Fault(CHECKS, "if step.event.kind != kinds.RESOLVED or step", "if step"),
    Fault(CHECKS, "return 0 <= step.minute", "return step.minute"),
    Fault(CHECKS, "received < basis.thresholds.minutes", "received <= basis.thresholds.minutes"),
    Fault(CHECKS, "    if received == rules.NOTHING or step.minute == rules.NOTHING:\n        return False\n", ""),
    Fault(FINDING, "memory[EXPIRES] = event.day + basis", "memory[EXPIRES] = memory[BEGUN] + basis"),
    Fault(FINDING, "kinds.ARRIVED and basis.terms.arrival_starts_clock:", "kinds.ARRIVED:"),
    Fault(FINDING, "max(clock.due + 1, memory[SINCE])", "clock.due + 1"),
    Fault(FINDING, "rules.IN_PROGRESS and day > clock.due:", "rules.IN_PROGRESS and day >= clock.due:"),
    Fault(FINDING, "    if step.event.day > step.after.due:\n", "    if step.event.day > step.after.due + 9:\n"),
    Fault(FINDING, "    if room.memory[OVERDUE_ON] == rules.NOTHING:\n", "    if True:\n"),
    Fault(FINDING, "    if (room.memory[SEEN] >> check) & 1:\n        return\n", ""),
    Fault(FINDING, "room.memory[RESOLVED_IN] = room", "room.memory[SINCE] = room"),
    Fault(FINDING, "    if is_resolved and is_in_time:\n", "    if is_in_time:\n"),
    # Many closings at once.
    Fault(UNUSUAL, "counts[which] >= least", "counts[which] > least"),
    Fault(UNUSUAL, "    is_known = closings.minute != rules.NOTHING\n", "    is_known = closings.minute == closings.minute\n"),
    Fault(UNUSUAL, "count < least or count < times", "count <= least or count < times"),
    Fault(UNUSUAL, "count < least or count < times * usual.expected", "count < least"),
    Fault(UNUSUAL, "usual.windows < windows or", "usual.windows <= windows or"),
    Fault(UNUSUAL, "return count > usual.median + deviations", "return count >= usual.median + deviations"),
    Fault(UNUSUAL, "usual.median + deviations * usual.deviation", "usual.median + deviations"),
    Fault(UNUSUAL, "np.median(np.abs(shares - median))", "np.mean(np.abs(shares - median))"),
    Fault(UNUSUAL, "median = float(np.median(shares))", "median = float(np.mean(shares))"),
    Fault(UNUSUAL, "worked_until(calendar, day_number(window.last)))", "worked_until(calendar, day_number(window.last)) - 1)"),
)  # fmt: skip
