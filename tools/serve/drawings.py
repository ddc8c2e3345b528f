"""Draws what a page shows besides tables, as SVG: the identity of a statement as a flow, and the
life of a dossier as a band. Looks are classes of style.css: no drawing has a colour of its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from hoso.projections.documents.figures import figure, headings
from hoso.projections.documents.model import Bilingual, Language
from hoso.tools.output import wording

HEIGHT: Final = 220  # of all dossiers of a flow
TOP: Final = 8
GAP: Final = 3  # between two streams
INFLOWS: Final = ("carried_over", "received", "transferred.in")
OUTFLOWS: Final = (
    "resolved.early",
    "resolved.on_time",
    "resolved.overdue",
    "returned.total",
    "cancelled.total",
    "transferred.out",
    "carried_forward",
)


class Sizes(NamedTuple):
    """The measures of a flow: its width, that of the labels at the left and at the right, and the
    height of a label."""

    width: int
    left: int
    right: int
    label: int


WIDE: Final = Sizes(960, 230, 230, 20)
NARROW: Final = Sizes(390, 152, 140, 34)
BAR: Final = 14  # the width of the bar in the middle


class Stream(NamedTuple):
    """A stream of a flow: its name, how many dossiers, and the address that lists them."""

    key: str
    name: str
    number: int
    address: str


def flow(
    total: Mapping[str, Any], addresses: Mapping[str, str], language: Language, sizes: Sizes
) -> Markup:
    """The identity of a statement's line: what came in, and what became of it. The streams are as
    high as they have dossiers.

    ``addresses`` has, by figure, where the dossiers are listed. Empty where there are none.
    """
    most = 1 if sizes is NARROW else 2  # "early" alone is clear beside the others
    inflows, outflows = (
        [*_streams(names, total, addresses, language, most)] for names in (INFLOWS, OUTFLOWS)
    )
    whole = sum(stream.number for stream in inflows)
    if not whole:
        return Markup("")
    middle = (sizes.left + sizes.width - sizes.right - BAR) / 2
    scale, right = HEIGHT / whole, sizes.width - sizes.right
    into = _side(inflows, scale, sizes, (sizes.left, middle), language)
    out_of = _side(outflows, scale, sizes, (right, middle + BAR), language)
    height = max(into.height, out_of.height, HEIGHT + TOP) + TOP
    name = Bilingual("Hồ sơ vào và ra trong kỳ", "Dossiers in and out of the window").to(language)
    look = "wide" if sizes is WIDE else "narrow"
    return Markup(  # each piece is escaped where it is made
        f'<svg class="flow {look}" viewBox="0 0 {sizes.width} {height:.0f}" role="group" '
        f'aria-label="{escape(name)}">{into.drawn}{out_of.drawn}'
        f'<rect class="whole" x="{middle:.1f}" y="{TOP}" width="{BAR}" height="{HEIGHT}"/></svg>'
    )


def _streams(
    names: Sequence[str],
    total: Mapping[str, Any],
    addresses: Mapping[str, str],
    language: Language,
    most: int,
) -> Iterator[Stream]:
    """The streams with any dossiers; a name has the ``most`` inner ones of its headings."""
    for name in names:
        if number := figure(total, name):
            label = ", ".join(each.to(language) for each in headings(name)[-most:])
            yield Stream(name, label, number, addresses.get(name, ""))


class Side(NamedTuple):
    """One side of a flow, drawn, and how far down it reaches."""

    drawn: str
    height: float


def _side(
    streams: Sequence[Stream],
    scale: float,
    sizes: Sizes,
    ends: tuple[float, float],
    language: Language,
) -> Side:
    """The streams of one side, from the labels (``ends[0]``) to the bar (``ends[1]``)."""
    outer, inner = ends
    x = outer - 10 if outer < inner else outer + 10
    end = (2 * x + outer) / 3  # of the line from a stream to its label, a little before the text
    drawn, at_bar, at_label, free = [], float(TOP), float(TOP), 0.0
    for stream in streams:
        thick = stream.number * scale
        middle = at_label + thick / 2
        label = max(middle, free + sizes.label / 2)
        title = f"{stream.name}: {wording.numeral(stream.number, language)}"
        piece = (
            f'<path class="leader" d="M{outer:.1f} {middle:.1f}L{end:.1f} {label:.1f}"/>'
            f'<path class="{stream.key.replace(".", "-")}" '
            f'd="{_ribbon(outer, at_label, inner, at_bar, thick)}">'
            f"<title>{escape(title)}</title></path>"
            f"{_label(stream, x, label, 'end' if outer < inner else 'start', sizes, language)}"
        )
        drawn.append(f'<a href="{escape(stream.address)}">{piece}</a>' if stream.address else piece)
        free = label + sizes.label / 2
        at_bar += thick
        at_label = max(at_label + thick + GAP, label + GAP)
    return Side("".join(drawn), max(free, at_label))


def _ribbon(x1: float, y1: float, x2: float, y2: float, thick: float) -> str:
    """The outline of a stream between two upright edges of the same height."""
    middle = (x1 + x2) / 2
    thick = max(thick, 0.5)  # of one dossier among very many, a line that can be seen
    return (
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        f"V{y2 + thick:.1f}C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f} "
        f"{x1:.1f} {y1 + thick:.1f}Z"
    )


def _label(
    stream: Stream, x: float, y: float, anchor: str, sizes: Sizes, language: Language
) -> str:
    number = wording.numeral(stream.number, language)
    name = escape(stream.name)
    if sizes is WIDE:
        return (
            f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="{anchor}">{name} '
            f'<tspan class="number">{number}</tspan></text>'
        )
    return (
        f'<text x="{x:.1f}" y="{y - 2:.1f}" text-anchor="{anchor}">{name}'
        f'<tspan class="number" x="{x:.1f}" dy="15">{number}</tspan></text>'
    )


class Stretch(NamedTuple):
    """A stretch of a dossier's life: from a day to another, the last one included; ``look`` says
    what the clock does: running, standing, overdue or closed."""

    first: date
    last: date
    look: str
    name: str


def band(stretches: Sequence[Stretch], marks: Sequence[tuple[date, str]], name: str) -> Markup:
    """The life of a dossier as a band over its days, with marks at some of them."""
    first, last = stretches[0].first, stretches[-1].last
    days = max((last - first).days + 1, 1)

    def at(day: date) -> float:
        return 1000 * (day - first).days / days

    shown = "".join(
        f'<rect class="{each.look}" x="{at(each.first):.1f}" y="6" '
        f'width="{max(1000 * ((each.last - each.first).days + 1) / days, 1):.1f}" height="20">'
        f"<title>{escape(each.name)}</title></rect>"
        for each in stretches
    )
    ticks = "".join(
        f'<path class="mark" d="M{at(day):.1f} 0V32"><title>{escape(said)}</title></path>'
        for day, said in marks
        if first <= day <= last
    )
    return Markup(
        f'<svg class="band" viewBox="0 0 1000 32" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(name)}">{shown}{ticks}</svg>'
    )
