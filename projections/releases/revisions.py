"""Revisions: every later difference of a released figure, split exactly, down to events.

A figure is known at four moments. With F(events, law) as today's program computes it:

    data     F(events now, law then) - F(events then, law then)
    law      F(events now, law now)  - F(events now, law then)
    program  F(events then, law then) - as released

The parts add up to today's figure less the released one, and the old program is not needed. A
figure of which nothing is known counts as 0 in differences, and is shown as unknown all the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from hoso.domain.provisions import Provision
from hoso.projections.documents.model import Bilingual, Place, same

Part = Literal["data", "law", "program"]
PARTS: Final[tuple[Part, ...]] = ("data", "law", "program")

Number = int | Decimal
Value = int | Decimal | str | None
Named = tuple[tuple[str, str | None], ...]  # values of dimensions, by their names


class CellName(NamedTuple):
    """Which figure it is: of which report, of which slice, by what name. A figure of a report other
    than the statement has the key of its table, and its place there, too."""

    report: str
    slice: Named
    figure: str
    table: str | None = None
    place: Place | None = None


class Moments(NamedTuple):
    """The values of a figure: as released; by today's program of the events and the law of then; of
    all events by the law of then; and now."""

    released: Value
    then: Value
    known: Value
    now: Value


class Cause(NamedTuple):
    """An event that made a difference: its kind (``received``), and on which local days it occurred
    and was recorded.

    ``late_days`` are the days from the one to the other. ``annuls`` is the kind and the id of the
    event that it took back, or else None. ``provisions`` are those by which it is judged now and
    was not then, ``days`` the days that the calendar has moved since.
    """

    source: str
    id: str
    kind: str
    occurred_on: date
    recorded_on: date
    late_days: int
    annuls: tuple[str, str] | None = None
    provisions: tuple[Provision, ...] = ()
    days: tuple[date, ...] = ()


class Moved(NamedTuple):
    """A dossier that a part of a difference consists of, and the events that made it so. ``net`` is
    by how much it moved the figure; None for a figure that does not count dossiers, as a score."""

    dossier: str
    part: Part
    net: int | None
    causes: tuple[Cause, ...]


class Change(NamedTuple):
    """A figure that is different today, or would be if its parts did not cancel.

    Its parts are numbers, and so is its difference. Of a rank they are None where the part changed
    nothing, else the rank that it led to. ``where`` and ``figure`` say in words which figure it is:
    ``where`` from the outside in, of a report the title of its table and then its row.
    """

    name: CellName
    released: Value
    now: Value
    difference: Number | None
    parts: Mapping[Part, Value]
    dossiers: tuple[Moved, ...] = ()
    where: tuple[Bilingual, ...] = ()
    figure: Bilingual = same("")


Nets = Mapping[str, int | None]  # by how much each dossier moved a figure
CausesOf = Callable[[Part, Sequence[str]], Mapping[str, Sequence[Cause]]]


def with_dossiers(
    moved: Iterable[tuple[Change, Mapping[Part, Nets]]], causes_of: CausesOf
) -> Iterator[Change]:
    """Changes with the dossiers that moved them, and of each dossier the events that made it so."""
    every = list(moved)
    codes: dict[Part, set[str]] = {}
    for _, nets in every:
        for part, own in nets.items():
            codes.setdefault(part, set()).update(own)
    causes = {part: causes_of(part, sorted(own)) for part, own in codes.items()}
    for change, nets in every:
        dossiers = (
            Moved(code, part, net, tuple(causes[part].get(code, ())))
            for part, own in nets.items()
            for code, net in sorted(own.items())
        )
        yield change._replace(dossiers=tuple(dossiers))


def changes(figures: Mapping[CellName, Moments]) -> Iterator[Change]:
    """The figures that changed, split into parts, as yet without dossiers."""
    for name, moments in figures.items():
        parts = _split(moments)
        if any(part is not None and part != 0 for part in parts.values()):
            own, now = moments.released, moments.now
            difference = None if _is_text(moments) else _number(now) - _number(own)
            yield Change(name, own, now, difference, parts)


def _split(moments: Moments) -> dict[Part, Value]:
    released, then, known, now = moments
    steps: dict[Part, tuple[Value, Value]] = {
        "data": (then, known),
        "law": (known, now),
        "program": (released, then),
    }
    if _is_text(moments):
        return {part: to if to != of else None for part, (of, to) in steps.items()}
    return {part: _number(to) - _number(of) for part, (of, to) in steps.items()}


def _is_text(moments: Moments) -> bool:
    return any(isinstance(value, str) for value in moments)


def _number(value: Value) -> Number:
    return value if isinstance(value, int | Decimal) else 0
