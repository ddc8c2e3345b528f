"""Draws the quality facts of a made-up dossier: digitised, paid, rated, reused, synced and others.

Shares are those of Bắc Kạn's report of September 2024, where it has them: 11,274 of 12,424 dossiers
with their components digitised, 9,055 of 9,312 with their result, 3,391 of 4,878 paid online,
12,135 of 14,556 synced. The others are made up.

Facts are drawn with random numbers of their own: a seed gives the same lives with them or without.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from hoso.domain.calendar import WorkingDays, add
from hoso.tools.simulation.chance import Choice, choice, draw, mostly_small
from hoso.tools.simulation.cloudevents import Step, iso
from hoso.tools.simulation.courses import Life
from hoso.tools.simulation.moments import DAY, HOUR, MINUTE
from hoso.tools.simulation.province import FREE_FIELDS, Desk, period

COMPONENTS: Final = choice([(907, True), (60, False), (33, None)])
COMPLETED: Final = 0.5  # of those digitised in part at first
RESULTS: Final = choice([(972, True), (10, False), (18, None)])
SYNCED: Final = 0.834
REUSED: Final = 0.06  # of those handed in online
PAID_ONLINE: Final = {"online": 0.9, "in_person": 0.35, "post": 0.35}
AMOUNTS: Final = choice(  # đồng
    [
        (1, 0),
        (30, 8_000),
        (25, 30_000),
        (20, 100_000),
        (14, 135_000),
        (8, 500_000),
        (2, 3_000_000),
    ]
)
RATED: Final = 0.33
SATISFIED: Final = 0.97
CONTACTS: Final = choice([(930, 0), (55, 1), (12, 2), (3, 4)])
CONTACT_REASONS: Final = choice(
    [(5, "paper_missing"), (3, "form_incomplete"), (2, "fee_not_paid"), (1, "wrong_address")]
)
APPLICANT_FAULT: Final = 0.4
COMPLAINED: Final = 0.003
SETTLED_IN_TIME: Final = 0.9
JOINT_FIELDS: Final = ("Đất đai", "Môi trường", "Đầu tư", "Xây dựng")  # others take a step
TRANSFERRED: Final = 0.5
STEP_DAYS: Final = 3  # working days that the other agency has
CLOSING_KINDS: Final = ("resolved", "returned", "cancelled")
LONGEST_SYNC_S: Final = 6 * HOUR
LONGEST_OPINION_S: Final = 20 * DAY  # from the answer to what people say about it


def facts(rng: Random, calendar: WorkingDays, lived: Life) -> list[Step]:
    """The facts of a life, in the order in which they occur. None is before the reception."""
    received, end = lived.steps[0].moment, lived.steps[-1]
    drawn = [
        *_digitised(rng, "components", COMPONENTS, received),
        *_paid(rng, lived.desk, lived.channel, received),
        *_contacts(rng, received, end.moment),
        *_joint_step(rng, calendar, lived.desk, received),
    ]
    if lived.channel == "online" and rng.random() < REUSED:
        drawn.append(Step(_after(rng, received, HOUR), "reused", {}))
    if rng.random() < SYNCED:
        drawn.append(Step(_after(rng, received, LONGEST_SYNC_S), "synced", {}))
    if end.kind == "resolved":
        drawn += _digitised(rng, "result", RESULTS, end.moment)
    if end.kind in CLOSING_KINDS:
        drawn += _opinions(rng, lived.channel, end.moment)
    return sorted(drawn, key=lambda step: step.moment)


def _after(rng: Random, moment: int, longest: int) -> int:
    """A moment after another, at most ``longest`` seconds."""
    return moment + MINUTE + int(mostly_small(rng) * longest)


def _digitised(rng: Random, part: str, shares: Choice[bool | None], moment: int) -> Iterator[Step]:
    """A part is digitised at once, or not at all; or in part, and perhaps completely later."""
    complete = draw(rng, shares)
    if complete is None:
        return
    moment = _after(rng, moment, 2 * HOUR)
    yield Step(moment, "digitised", {"part": part, "complete": complete})
    if not complete and rng.random() < COMPLETED:
        yield Step(_after(rng, moment, 2 * DAY), "digitised", {"part": part, "complete": True})


def _paid(rng: Random, desk: Desk, channel: str, received: int) -> Iterator[Step]:
    if desk.field in FREE_FIELDS:
        return
    channel_paid = "online" if rng.random() < PAID_ONLINE[channel] else "direct"
    data = {"amount": draw(rng, AMOUNTS), "channel": channel_paid}
    yield Step(_after(rng, received, 8 * HOUR), "paid", data)


def _contacts(rng: Random, received: int, end: int) -> Iterator[Step]:
    """How often the applicant had to come again, mostly before the answer."""
    for _ in range(draw(rng, CONTACTS)):
        data = {
            "reason": draw(rng, CONTACT_REASONS),
            "applicant_fault": rng.random() < APPLICANT_FAULT,
        }
        yield Step(_after(rng, received, max(end - received, HOUR)), "contacted", data)


def _opinions(rng: Random, channel: str, end: int) -> Iterator[Step]:
    """The rating and the complaint of the applicant, after the answer."""
    if rng.random() < RATED:
        where = "online" if channel == "online" else "in_person"
        data: dict[str, Any] = {"satisfied": rng.random() < SATISFIED, "channel": where}
        yield Step(_after(rng, end, LONGEST_OPINION_S), "rated", data)
    if rng.random() < COMPLAINED:
        data = {"settled_in_time": rng.random() < SETTLED_IN_TIME}
        yield Step(_after(rng, end, LONGEST_OPINION_S), "complained", data)


def _joint_step(rng: Random, calendar: WorkingDays, desk: Desk, received: int) -> Iterator[Step]:
    """A department takes a step (liên thông), mostly in time."""
    if desk.field not in JOINT_FIELDS or rng.random() >= TRANSFERRED:
        return
    start = _after(rng, received, 4 * HOUR)
    partner = draw(rng, period(start // DAY).departments)
    if partner.agency == desk.agency:
        return
    due = add(calendar, start // DAY, STEP_DAYS)
    yield Step(start, "transferred", {"to_agency": partner.agency, "step": 1, "step_due": iso(due)})
    days = 1 + int(rng.random() * rng.random() * 2 * STEP_DAYS)
    done = add(calendar, start // DAY, days) * DAY + start % DAY
    yield Step(done, "step_done", {"step": 1, **_by_one_of(rng, partner)})


def _by_one_of(rng: Random, department: Desk) -> dict[str, str]:
    """Who takes the step, where the department's system says so."""
    staff = department.officials
    return {"official": staff[int(rng.random() * len(staff))]} if staff else {}
