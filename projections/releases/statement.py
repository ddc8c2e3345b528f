"""What is different in a released statement today: line by line, figure by figure.

Today's figures come from the kept balance sheets; what each dossier moved of them, from the ledgers
of the dossiers that may differ (``history``).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.comparison import ASKED
from hoso.projections.documents.figures import (
    DIMENSIONS,
    FIGURES,
    figure,
    in_words,
    value_in_words,
)
from hoso.projections.documents.model import Bilingual
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.ledger.comparison import Side, contributions
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.statement import HELD
from hoso.projections.releases.history import OWN_PARTS, Revised, Sides
from hoso.projections.releases.revisions import (
    CellName,
    Change,
    Moments,
    Part,
    changes,
    with_dossiers,
)

NAME: Final = "statement"

Line = Mapping[str, Any]
Contributions = Mapping[tuple[Slice | None, str], Mapping[str, int]]


class Question(NamedTuple):
    """What a statement was asked for: window, dimensions, attribution, and which dossiers."""

    window: Window
    by: Sequence[str] = ()
    attribution: str = HELD
    selected: DossierFilter = EVERY_DOSSIER

    def selects(self) -> bool:
        """Whether not all dossiers count, or not each where its events say."""
        only, registry, under, bodies = self.selected
        return bool(only or registry.agencies) or under is not None or bodies is not None


def revisions(
    revised: Revised,
    asked: Question,
    released: Line,
    now: Line,
    of_program: Callable[[], Contributions] = dict,
) -> list[Change]:
    """What changed of a statement, with its dossiers: ``released`` and ``now`` are the statement as
    JSON, as released and as of today. ``of_program`` says by how much each dossier moves each
    figure for another program, where that is known."""
    parts: dict[Part, Contributions] = {
        part: _moved(revised.sides(part, [asked.window]), asked) for part in OWN_PARTS
    }
    found = list(changes(dict(_figures(asked.by, _lines(released), _lines(now), parts))))
    if any(change.parts["program"] for change in found):
        parts["program"] = of_program()
    moved = (
        (_in_words(change), {part: parts[part].get(_key(change.name), {}) for part in parts})
        for change in found
    )
    return list(with_dossiers(moved, revised.causes_in([asked.window])))


def _moved(sides: Sides | None, asked: Question) -> Contributions:
    """By how much each dossier moves each figure."""
    if sides is None:
        return {}
    own, other = (
        Side(each, asked.window, asked.selected, asked.attribution)
        for each in (sides.after, sides.before)
    )
    return contributions(own, other, [*ASKED.values()], asked.by)


def _lines(statement: Line) -> dict[Slice | None, Line]:
    """The lines of a statement by their slices; None: the total."""
    by = statement["by"]
    lines = statement["lines"] if by else ()
    return {
        **{tuple(line["slice"][n] for n in by): line for line in lines},
        None: statement["total"],
    }


def _figures(
    by: Sequence[str],
    released: Mapping[Slice | None, Line],
    now: Mapping[Slice | None, Line],
    parts: Mapping[Part, Contributions],
) -> Iterator[tuple[CellName, Moments]]:
    """The figures of all lines that may have changed, the total last."""
    moved = {slice_ for part in parts.values() for slice_, _ in part}
    for slice_ in _ordered({*released, *now, *moved}):
        own, today = released.get(slice_), now.get(slice_)
        if own == today and slice_ not in moved:
            continue
        for name in FIGURES:
            data, law = (sum(parts[p].get((slice_, ASKED[name]), {}).values()) for p in OWN_PARTS)
            new, old = (0 if line is None else figure(line, name) for line in (today, own))
            moments = Moments(old, new - law - data, new - law, new)
            yield _name(by, slice_, name), moments


def _ordered(slices: set[Slice | None]) -> list[Slice | None]:
    named = [slice_ for slice_ in slices if slice_ is not None]
    return [*sorted(named, key=slice_order), None]


def _name(by: Sequence[str], slice_: Slice | None, name: str) -> CellName:
    named = () if slice_ is None else tuple(zip(by, slice_, strict=True))
    return CellName(NAME, named, name)


def _in_words(change: Change) -> Change:
    named = [(DIMENSIONS[name], value_in_words(name, value)) for name, value in change.name.slice]
    where = Bilingual(
        ", ".join(f"{name.vi}: {value.vi}" for name, value in named),
        ", ".join(f"{name.en}: {value.en}" for name, value in named),
    )
    return change._replace(where=(where,) if named else (), figure=in_words(change.name.figure))


def _key(name: CellName) -> tuple[Slice | None, str]:
    slice_ = tuple(value for _, value in name.slice) if name.slice else None
    return slice_, ASKED[name.figure]
