"""Says what two sides of a comparison are: side A as asked for, and side B, which is the same but
for what ``--against-…`` changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import FIGURES, DossierFilter
from hoso.tools.inputs import questions
from hoso.tools.jobs.statement import Agencies, Asked
from hoso.tools.runtime import environment

AGAINST: Final = (
    "--against-window, --against-from and --against-to, --against-as-of, --against-law, "
    "--against-law-as-of, --against-pin, --against-slice or --against-under"
)

OPTIONS: Final = {  # the fields of SideTexts, by the options that errors name
    "--from/--to": "first",
    "--window": "window",
    "--as-of": "as_of",
    "--law": "law",
    "--law-as-of": "law_as_of",
    "--pin": "pins",
    "--slice": "slices",
    "--under": "under",
}


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
    agencies: Agencies,
    bodies: tuple[str, ...] | None = None,
) -> tuple[AskedSide, AskedSide]:
    """The sides A and B of a comparison, both limited to ``bodies`` (``statement.Asked``).

    Raises ``UserError`` for a text that means nothing, and where both sides are the same.
    """
    if against == SideTexts():
        raise UserError(f"compared with what? give {AGAINST}")
    a = _side(own, agencies, bodies)
    with _naming_against(against):
        b = _side(own.changed(against), agencies, bodies)
    if a.same_as(b):
        raise UserError(f"both sides are the same: change one with {AGAINST}")
    return a, b


def compared_figures(account: str) -> list[str]:
    """The figures that --account names. Raises ``UserError`` for one that no statement has."""
    figures = [name.strip() for name in account.split(",")]
    if unknown := sorted({*figures} - {*FIGURES}):
        raise UserError(f"--account: no account {unknown[0]!r}: use one of {', '.join(FIGURES)}")
    return figures


def _side(texts: SideTexts, agencies: Agencies, bodies: tuple[str, ...] | None) -> AskedSide:
    window = questions.window(texts.first, texts.last, texts.window)
    known = None if texts.as_of is None else questions.instant(texts.as_of)
    policy = questions.policy(texts.law, texts.law_as_of, None, None, None, [*texts.pins])
    office, only = environment.office(policy), questions.slices([*texts.slices])
    asked = Asked(known, (), only=only, under=texts.under, agencies=agencies, bodies=bodies)
    return AskedSide(window, known, office, asked.selected(window, office))


@contextmanager
def _naming_against(against: SideTexts) -> Iterator[None]:
    """Have an error of side B name the option that says it: ``--against-window``, where that is
    given, for ``--window``."""
    try:
        yield
    except UserError as error:
        option, colon, fault = str(error).partition(": ")
        name = OPTIONS.get(option)
        if colon and name is not None and getattr(against, name):
            said = f"{option.replace('--', '--against-')}: {fault}"
        else:
            said = f"side B, of --against-…: {error}"
        raise UserError(said) from None
