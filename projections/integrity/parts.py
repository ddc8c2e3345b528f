"""What the checks find in some lives: findings, populations, closings, and re-entries.

No dossier depends on another, so parts add up: of buckets, and of sources. What only many dossiers
together show (``unusual``, ``chains``) follows from all parts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window, period_before
from hoso.projections.integrity import life_facts
from hoso.projections.integrity.checks import Checks, thresholds_of
from hoso.projections.integrity.life_facts import Catalogue
from hoso.projections.kernels.checks import POPULATION_COUNT, RE_ENTRY_BIT
from hoso.projections.kernels.findings import (
    FINDINGS_PER_EVENT,
    MEMORY,
    ClosingArrays,
    Facts,
    FindingArrays,
    Room,
    Span,
    find,
)
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.slices import Flags, slices_in_lives
from hoso.projections.ledger.statement import told_of
from hoso.projections.log.lives import valid_lives
from hoso.projections.log.packing import PackedLives, day_of, kind_of
from hoso.projections.log.schema import Integers, integers

AGENCY: Final = "agency"
PROCEDURE: Final = "procedure"
PAST_WINDOWS: Final = 8  # before the window, with which closings are compared
COLUMNS: Final = ("dossier", "agency", "replaced_by", *life_facts.COLUMNS)


SmallIntegers = npt.NDArray[np.int32]


class Question(NamedTuple):
    """What is asked of the lives.

    ``office`` judges; events are as known at ``as_of`` (None: all). ``window`` is asked for,
    ``told`` the part of it of which figures can tell, ``past`` the windows before it, the oldest
    first. ``selected`` says which dossiers count. Without a ``catalogue`` no allowance is compared.
    """

    office: Office
    as_of: datetime | None
    window: Window
    told: Window
    past: tuple[Window, ...]
    checks: Checks
    selected: DossierFilter = EVERY_DOSSIER
    catalogue: Catalogue | None = None

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions that tell where a dossier counts, and whether."""
        return (AGENCY, *(name for name in self.selected.only if name != AGENCY))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read of events."""
        catalogued = () if self.catalogue is None else (PROCEDURE,)
        return tuple(dict.fromkeys((*COLUMNS, *catalogued, *self.by)))


def question_of(
    office: Office,
    as_of: datetime | None,
    window: Window,
    checks: Checks,
    selected: DossierFilter = EVERY_DOSSIER,
    catalogue: Catalogue | None = None,
) -> Question:
    """The question for a window, with as many windows before it as the checks look at."""
    past: list[Window] = []
    for _ in range(PAST_WINDOWS):
        past.insert(0, period_before(past[0] if past else window))
    told = told_of(window, office, as_of)
    return Question(office, as_of, window, told, tuple(past), checks, selected, catalogue)


class Found(NamedTuple):
    """Findings, in arrays of one length: the number of the check, the code of the dossier, the
    number of the slice in which it stood, the kind of the event that shows it and the day number
    on which it counts; and the slice in which the dossier was resolved in time, in the window:
    NOTHING where it was not."""

    check: Integers
    dossier: pa.Array
    slice: Integers
    kind: Integers
    day: Integers
    resolved_in: Integers


class Closings(NamedTuple):
    """Closings of dossiers, in arrays of one length: the code of the dossier (null before the
    window), the number of the slice in which it stood, the kind of the event, its day number and
    its minute (NOTHING where the hour is not known), and whether the dossier was resolved in time
    (1 or 0). All of them are held at once, so in few bytes."""

    dossier: pa.Array
    slice: SmallIntegers
    kind: SmallIntegers
    day: SmallIntegers
    minute: SmallIntegers
    in_time: SmallIntegers


class Part(NamedTuple):
    """What the checks find in some lives.

    ``counts`` has a row for each slice and a column for each population; ``links`` are the codes
    of dossiers that were cancelled as re-entered or duplicate up to the end of the window, and of
    those that took their place.
    """

    slices: list[Slice]
    counts: Integers
    found: Found
    closings: Closings
    links: Mapping[str, str]


class Run(NamedTuple):
    """What the compiled checks wrote of the events of a table: the slices that ``counts`` and
    findings go by, what the checks read, the packed events, and the columns of findings and of
    closings, by name."""

    slices: list[Slice]
    counts: Integers
    facts: Facts
    packed: Integers
    findings: Mapping[str, Integers]
    closings: Mapping[str, Integers]


def part_of_log(log: pa.Table, question: Question) -> Part:
    """What the checks find in a log (``log.schema.SCHEMA``)."""
    events = valid_events(log, question, question.columns)
    return part_of_events(events, question, len(events))


def valid_events(log: pa.Table, question: Question, columns: Sequence[str]) -> pa.Table:
    """The events of a log that count, dossier by dossier and each in order: some of its columns,
    and ``key``, ``packed`` and ``verdict``."""
    log = log.combine_chunks()
    lives = valid_lives(log, question.office.zone, question.as_of)
    events = log.select(columns).take(pa.array(lives.row))
    own = {
        "key": lives.dossier,
        "packed": lives.packed,
        "verdict": np.full(len(lives.row), validity.VALID, np.int8),
    }
    for name, column in own.items():
        events = events.append_column(name, pa.array(column))
    return events


def part_of_events(events: pa.Table, question: Question, size: int) -> Part:
    """What the checks find in the events of a table, dossier by dossier and each in order.

    Beside ``Question.columns`` it has ``key``, ``packed`` and ``verdict``. ``size`` is how many
    events there are in all.
    """
    run = run_over(events, question, size)
    return Part(
        run.slices,
        run.counts,
        _found(events, run),
        _closings(events, run, question),
        _links(events, run),
    )


def run_over(events: pa.Table, question: Question, size: int) -> Run:
    """Run the checks over the events of a table, as ``part_of_events`` takes it."""
    verdict, packed = np.asarray(events["verdict"].combine_chunks()), integers(events["packed"])
    lives = PackedLives(integers(events["key"]), packed, verdict)
    slices, slice_of = slices_in_lives(events, verdict, question.by, None)
    facts = life_facts.facts_of(events, slice_of, question.office.zone, question.catalogue)
    room = _room(len(events), len(slices))
    policy = question.office.policy
    findings, closings = kernel(find, size)(
        lives,
        facts,
        Span(*map(day_number, question.told)),
        policy.as_rules_read_it(),
        life_facts.duties_of(policy),
        thresholds_of(question.checks),
        question.office.calendar.days,
        room,
    )
    counts = np.asarray(room.counts).reshape(-1, POPULATION_COUNT)
    written = _written(room.findings, findings), _written(room.closings, closings)
    return Run(slices, counts, facts, packed, *written)


def _room(size: int, slices: int) -> Room:
    """Room for the results of so many events in so many slices. Memory that is never written on is
    never taken from the system."""
    findings = FindingArrays(
        *(np.empty(FINDINGS_PER_EVENT * size, np.int64) for _ in FindingArrays._fields)
    )
    closings = ClosingArrays(*(np.empty(size, np.int64) for _ in ClosingArrays._fields))
    counts = np.zeros(slices * POPULATION_COUNT, np.int64)
    return Room(findings, closings, counts, np.zeros(MEMORY, np.int64))


def _written(arrays: FindingArrays | ClosingArrays, size: int) -> dict[str, Integers]:
    """What a kernel has written into arrays, by their names; the rest of them is let go."""
    return {name: np.asarray(each)[:size].copy() for name, each in arrays._asdict().items()}


def _found(events: pa.Table, run: Run) -> Found:
    check, place, day, slice_, resolved_in = run.findings.values()
    codes = _codes(events, place)
    return Found(check, codes, slice_, kind_of(run.packed[place]), day, resolved_in)


def _closings(events: pa.Table, run: Run, question: Question) -> Closings:
    """The closings since the first day of the past beside the window."""
    day = day_of(run.packed[run.closings["place"]])
    rows = np.flatnonzero(day >= day_number(question.past[0].first))
    place, day = run.closings["place"][rows], day[rows]
    is_before = day < day_number(question.told.first)
    columns = (
        run.closings["slice"][rows],
        kind_of(run.packed[place]),
        day,
        np.asarray(run.facts.minute)[place],
        run.closings["in_time"][rows],
    )
    codes = _codes(events, np.where(is_before, 0, place), is_before)
    return Closings(codes, *(column.astype(np.int32) for column in columns))


def _links(events: pa.Table, run: Run) -> dict[str, str]:
    """The dossiers that were cancelled because others took their place, and these others."""
    place = run.closings["place"]
    place = place[np.asarray(run.facts.flags)[place] & RE_ENTRY_BIT != 0]
    place = place[events["replaced_by"].take(pa.array(place)).is_valid().to_numpy()]
    new = events["replaced_by"].take(pa.array(place)).cast(pa.string()).to_pylist()
    return dict(zip(_codes(events, place).to_pylist(), new, strict=True))


def _codes(events: pa.Table, places: Integers, missing: Flags | None = None) -> pa.Array:
    """The codes of the dossiers of events at some places; null where they are ``missing``."""
    wanted = pa.array(places, pa.int64(), mask=missing)
    return events["dossier"].take(wanted).cast(pa.string()).combine_chunks()
