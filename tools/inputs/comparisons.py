"""Says what two sides of a comparison are: side A as asked for, and side B, which is the same but
for what ``--against-…`` changes."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry, roll_up_day
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import FIGURES, DossierFilter
from hoso.tools.inputs import agencies, questions
from hoso.tools.runtime import environment

AGAINST: Final = (
    "--against-window, --against-from and --against-to, --against-as-of, --against-law, "
    "--against-law-as-of, --against-pin, --against-slice or --against-under"
)


class SideTexts(NamedTuple):
    """What options, or the parameters of an address, say of a side; None, or no text, where they
    say nothing. Each is read by the function of its name in ``questions``."""

    first: str | None = None
    last: str | None = None
    window: str | None = None
    as_of: str | None = None
    law: str | None = None
    law_as_of: str | None = None
    pins: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    under: str | None = None

    def changed(self, by: "SideTexts") -> "SideTexts":
        """The same but for what others say. A window, slices, and a parameter that is pinned again
        take the place of those before; a body or slices that others name take that of both."""
        own, other = self._asdict(), by._asdict()
        if by.window or by.first or by.last:
            own |= {"first": None, "last": None, "window": None}
        if by.slices or by.under:
            own |= {"slices": (), "under": None}
        pinned_again = {pin.partition("=")[0].strip() for pin in by.pins}
        kept = (pin for pin in self.pins if pin.partition("=")[0].strip() not in pinned_again)
        named = {name: value for name, value in other.items() if value}
        return SideTexts(**{**own, **named, "pins": (*kept, *by.pins)})


class AskedSide(NamedTuple):
    """What a side asks for: a window of a history as known at an instant, judged by an office, and
    which of its dossiers."""

    window: Window
    as_of: datetime | None
    office: Office
    selected: DossierFilter

    def same_as(self, other: "AskedSide") -> bool:
        """Whether another side asks for the same."""
        asked = (
            (each.window, each.as_of, each.office.policy, each.selected.only, each.selected.under)
            for each in (self, other)
        )
        return next(asked) == next(asked)


def two_sides(
    own: SideTexts,
    against: SideTexts,
    listed: AgencyRegistry,
    registry: str | None,
    roll_up: questions.RollUp,
) -> tuple[AskedSide, AskedSide]:
    """The sides A and B of a comparison. ``listed`` are the agencies of the file ``registry``.

    Raises ``UserError`` for a text that means nothing, and where both sides are the same.
    """
    if against == SideTexts():
        raise UserError(f"compared with what? give {AGAINST}")
    a = _side(own, listed, registry, roll_up)
    with _naming_against():
        b = _side(own.changed(against), listed, registry, roll_up)
    if a.same_as(b):
        raise UserError(f"both sides are the same: change one with {AGAINST}")
    return a, b


def compared_figures(account: str) -> list[str]:
    """The figures that --account names. Raises ``UserError`` for one that no statement has."""
    figures = [name.strip() for name in account.split(",")]
    if unknown := sorted({*figures} - {*FIGURES}):
        raise UserError(f"--account: no account {unknown[0]!r}: use one of {', '.join(FIGURES)}")
    return figures


def _side(
    texts: SideTexts, listed: AgencyRegistry, name: str | None, roll_up: questions.RollUp
) -> AskedSide:
    window = questions.window(texts.first, texts.last, texts.window)
    known = None if texts.as_of is None else questions.instant(texts.as_of)
    policy = questions.policy(texts.law, texts.law_as_of, None, None, None, [*texts.pins])
    office = environment.office(policy)
    only = questions.slices([*texts.slices])
    on = roll_up_day(roll_up.value, window, office.last_day(known))
    return AskedSide(window, known, office, _filter(only, texts.under, listed.on(on), name))


def _filter(
    only: Mapping[str, Collection[str | None]],
    under: str | None,
    listed: AgencyRegistry,
    name: str | None,
) -> DossierFilter:
    agencies.check_bodies(listed, name, under, only.get("agency", ()))
    return DossierFilter(only, listed, under)


@contextmanager
def _naming_against() -> Iterator[None]:
    """Have an error of side B say so."""
    try:
        yield
    except UserError as error:
        raise UserError(f"side B, of --against-…: {error}") from None
