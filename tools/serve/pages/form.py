"""What the form of a page offers to choose from: laws, dimensions, bodies."""

from collections.abc import Iterator
from typing import NamedTuple

from hoso.domain.errors import UserError
from hoso.domain.provisions import IN_FORCE, REGIMES
from hoso.projections.documents.figures import DIMENSIONS, value_in_words
from hoso.projections.documents.model import Bilingual, same
from hoso.tools.serve.access.visitor import Role
from hoso.tools.serve.page import Asking
from hoso.tools.serve.question import Question


class Option(NamedTuple):
    """A value to choose in a form."""

    value: str
    shown: Bilingual
    chosen: bool


def choices(asking: Asking) -> dict[str, list[Option]]:
    """What the form offers: laws, dimensions and bodies."""
    question = asking.question
    may_choose, law = asking.visitor.may(Role.ANALYST), question.text("law") or ""
    laws = [("", Bilingual("đang có hiệu lực từng ngày", "in force on each day"))]
    laws += [(name, Bilingual(name, name)) for name in REGIMES if name != "in_force"]
    return {
        "law": [Option(value, shown, value == law) for value, shown in laws if may_choose],
        "by": [Option(name, words, name in question.by) for name, words in DIMENSIONS.items()],
        "under": [*_bodies(asking)],
    }


def _bodies(asking: Asking) -> Iterator[Option]:
    """The bodies of the registry that the visitor may see."""
    registry, bodies = asking.serving.registry, asking.visitor.bodies
    for agency in registry.on(asking.question.window.last).downwards():
        if bodies is None or any(registry.is_under(agency.code, body) for body in bodies):
            shown = same(f"{agency.name} ({agency.code})")
            yield Option(agency.code, shown, agency.code == asking.question.under)


def bodies(asking: Asking) -> list[tuple[str, str]]:
    """The bodies that the visitor may ask for, of any day: the code of each, and its name."""
    return [(each.code, f"{each.name} ({each.code})") for each in asking.bodies()]


def own_body(asking: Asking) -> str | None:
    """The body whose dossiers count, with those of all bodies under it; None: all count. That of a
    visitor who sees some bodies is one of these.

    Raises ``UserError`` for a body that is none, or none that the visitor sees, and where it is not
    said which of several.
    """
    own, under = asking.visitor.bodies, asking.selected(asking.question.window).under
    if own is None:
        return under
    if under is None and len(own) == 1:
        under = own[0]
    if under is None:
        raise UserError(f"--under: of which body? name one of {', '.join(own)}")
    if under not in {each.code for each in asking.bodies()}:
        file = asking.serving.registry_file
        raise UserError(f"--under: the registry {file} has no body {under!r}")
    return under


def dimensions(asking: Asking) -> list[tuple[str, str]]:
    """The dimensions by which figures may be split, each with its name."""
    return [(name, words.to(asking.language)) for name, words in DIMENSIONS.items()]


def regimes() -> list[tuple[str, str]]:
    """The laws that may be chosen in place of the one in force."""
    return [(name, name) for name in REGIMES if name != IN_FORCE]


def slices_in_words(question: Question) -> list[Bilingual]:
    """The slices that a question names, in the order of its parameters, as people read them."""
    found = []
    for text in question.texts("slice"):
        name, _, value = text.partition("=")
        words, shown = DIMENSIONS[name], value_in_words(name, value or None)
        found.append(Bilingual(f"{words.vi}: {shown.vi}", f"{words.en}: {shown.en}"))
    return found


def narrowed(asking: Asking) -> list[tuple[Bilingual, str]]:
    """The slices that narrow a page, each with the address without it."""
    question = asking.question
    texts = question.texts("slice")
    found = []
    for place, words in enumerate(slices_in_words(question)):
        rest = texts[:place] + texts[place + 1 :]
        found.append((words, question.changed(slice=rest, page=None).address()))
    return found
