"""Shows the tables of a document on a page: every figure a link to its dossiers, every code a link
to the dossier's life.

Rows are put together here, because a template is slow for many cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from markupsafe import Markup

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.figures import DIMENSIONS
from hoso.projections.documents.model import (
    MAX_INDENT,
    NO_DATA,
    Bilingual,
    Cell,
    Count,
    Day,
    Difference,
    Document,
    Dossier,
    DrillDown,
    Language,
    Percentage,
    Points,
    Row,
    SeenByCheck,
    Sum,
    Table,
    Values,
    Words,
)
from hoso.tools.output import Paper, check_rows, layout, wording
from hoso.tools.output.calls import rules
from hoso.tools.output.wording import PercentMarks
from hoso.tools.serve.question import AGAINST, MOMENT, RULES, SLICES, WINDOW, Question

DOSSIERS: Final = "/dossiers"
COMPARE: Final = "/compare"
INTEGRITY: Final = "/integrity"
TABLE: Final = Bilingual("Bảng", "Table")
TRANSLATED: Final = "translated"  # the column of a statement's table
ROOMY: Final = 20  # characters; a wider column of text is not squeezed by others
LONG: Final = 60  # rows; a longer table scrolls in a box of its own, under its headings
OF_DOSSIERS: Final = ("account", *WINDOW, *SLICES, *MOMENT, *RULES)


class Links(NamedTuple):
    """Where the cells of a page lead, given the question that the page answers; and what agencies
    are called, by the registry. ``narrows``: values of dimensions narrow the question."""

    question: Question
    registry: AgencyRegistry = AgencyRegistry()
    narrows: bool = True

    def narrowed(self, dimension: str, cell: Cell) -> str:
        """The address of the same question for one value of a dimension; empty where the cell is
        none."""
        if not self.narrows or dimension not in DIMENSIONS or not isinstance(cell, Words):
            return ""
        text = cell.text.en if isinstance(cell.text, Bilingual) else cell.text
        raw = text if cell.value is None else cell.value
        value = "" if raw == NO_DATA else raw
        others = [each for each in self.question.texts("slice") if each.split("=")[0] != dimension]
        return self.question.changed(slice=[*others, f"{dimension}={value}"], page=None).address()

    def name(self, dimension: str, text: str) -> str:
        """The value of a dimension as people read it: an agency by its name."""
        is_known = dimension == "agency" and text in self.registry.agencies
        return f"{self.registry.name(text)} ({text})" if is_known else text

    def behind(self, behind: DrillDown) -> str:
        """The address that lists the dossiers behind a figure, or behind a difference of two."""
        if behind.against is not None:
            return self._of_difference(behind, behind.against)
        window = behind.window
        asked = self.question.elsewhere(DOSSIERS, OF_DOSSIERS)
        if behind.as_of is not None:
            asked = asked.changed(as_of=behind.as_of)
        is_same = asked.has_window and asked.window == window
        days = {} if is_same else _days(window.first.isoformat(), window.last.isoformat())
        judged = {} if behind.policy is None else _rules(behind)
        return asked.changed(
            account=",".join(behind.figures),
            slice=_slices(behind),
            under=behind.under,
            by=",".join(behind.by) or None,
            **days,
            **judged,
        ).address()

    def _of_difference(self, own: DrillDown, other: DrillDown) -> str:
        """The address that lists the dossiers that one of two figures counts and not the other."""
        is_same = (own.where, own.under) == (other.where, other.under)
        known = own.as_of == other.as_of
        moments = {} if known else {"as_of": own.as_of, "against_as_of": other.as_of}
        return (
            self.question.elsewhere(COMPARE, (*OF_DOSSIERS, *AGAINST))
            .changed(
                **moments,
                account=",".join(own.figures),
                slice=_slices(own),
                under=own.under,
                by=",".join(own.by) or None,
                against_slice=None if is_same else _slices(other),
                against_under=None if is_same else other.under,
            )
            .address()
        )

    def seen(self, behind: SeenByCheck) -> str:
        """The address that lists the dossiers in which a check saw something."""
        asked = self.question.elsewhere(INTEGRITY, (*WINDOW, "roll-up", *MOMENT, *RULES))
        first, last = behind.window
        is_same = asked.has_window and asked.window == behind.window
        return asked.changed(
            check=[behind.check],
            slice=[f"{name}={value or ''}" for name, value in behind.where],
            under=behind.under,
            **({} if is_same else _days(first.isoformat(), last.isoformat())),
        ).address()

    def dossier(self, code: str) -> str:
        """The address of a dossier's life."""
        return self.question.elsewhere(f"/dossier/{code}", (*MOMENT, *RULES)).address()

    def of(self, cell: Cell) -> str:
        """The address behind a cell; empty where there is none."""
        match cell:
            case Count(behind=behind) | Sum(behind=behind) | Difference(behind=behind) if behind:
                return self.seen(behind) if isinstance(behind, SeenByCheck) else self.behind(behind)
            case Dossier(code):
                return self.dossier(code)
            case _:
                return ""


def _slices(behind: DrillDown) -> list[str]:
    return [f"{name}={value or ''}" for name, value in behind.where]


def _days(first: str, last: str) -> dict[str, str | None]:
    return {"window": None, "from_": first, "to": last}


def _rules(behind: DrillDown) -> dict[str, str | Sequence[str] | None]:
    """The rules that judged a figure, as parameters."""
    given = dict.fromkeys((*RULES,), None)
    changes: dict[str, str | Sequence[str] | None] = {
        name.replace("-", "_"): value for name, value in given.items()
    }
    words = rules(behind.policy) if behind.policy is not None else ()
    pins = []
    for option, text in zip(words[::2], words[1::2], strict=True):
        if option == "--pin":
            pins.append(text)
        else:
            changes[option.removeprefix("--").replace("-", "_")] = text
    return changes | {"pin": pins}


class SortBy(Protocol):
    """Where the heading of a column leads, and how the table is sorted by it now: ascending,
    descending, or not."""

    @property
    def address(self) -> str:
        """The address that sorts the table."""

    @property
    def sorted(self) -> str:
        """How it is sorted."""


def table(
    part: Table,
    document: Document,
    links: Links,
    language: Language,
    sort: Mapping[str, SortBy] = MappingProxyType({}),
) -> Markup:
    """A table, with its notes under it; ``sort`` has what its headings sort by. A column with the
    names in the other language is left out.

    Raises ``UserError`` for a table that is too long for browsers.
    """
    check_rows(part, Paper.html)
    columns = tuple(column for column in part.columns if column.key != TRANSLATED)
    part = part._replace(columns=columns)
    values = Values(part, document.rounding)
    shares = wording.shares(part)
    head = "".join(_head(part, shares, language, sort))
    rows = "\n".join(_row(part, row, values, shares, links, language) for row in part.rows)
    notes = wording.notes(part, shares, document.rounding, language)
    title = part.title.to(language)
    name = f"{TABLE.to(language)}: {title}"
    look = "box long" if len(part.rows) > LONG else "box"
    return Markup(  # each piece is escaped where it is made
        f'<div class="{look}" role="region" tabindex="0" aria-label="{escape(name)}">'
        f'<table id="{escape(part.key)}"><caption class="unseen">{escape(title)}</caption>'
        f"<thead>{head}</thead><tbody>{rows}</tbody></table></div>"
        + "".join(f'<p class="note">{escape(note)}</p>' for note in notes)
    )


def _head(
    part: Table, shares: PercentMarks, language: Language, sort: Mapping[str, SortBy]
) -> Iterator[str]:
    columns = part.columns
    headings = layout.headings(columns)
    names = columns[layout.names(columns)].key
    roomy = {column.key for column in columns if column.kind == "text" and column.width >= ROOMY}
    texts = {column.key for column in columns if column.kind == "text"}
    for level in range(layout.levels(columns)):
        yield "<tr>"
        for each in (heading for heading in headings if heading.level == level):
            scope = "col" if each.of else "colgroup"
            is_name, is_text = names in each.of, texts.issuperset(each.of) and each.of
            room = " roomy" if roomy.intersection(each.of) else ""
            look = f' class="name{room}"' if is_name else f' class="text{room}"' if is_text else ""
            mark = _mark(shares.at_heading(each.of))
            text = escape(each.text.to(language))
            by = next((sort[key] for key in each.of if key in sort), None)
            if by is not None:
                look += f' aria-sort="{by.sorted}"' if by.sorted else ""
                text = f'<a href="{escape(by.address)}">{text}</a>'
            yield (
                f'<th scope="{scope}" rowspan="{each.levels}" colspan="{each.columns}"{look}>'
                f"{text}{mark}</th>"
            )
        yield "</tr>"
    if layout.numbered(columns):
        numbers = "".join(f"<td>{escape(column.number)}</td>" for column in columns)
        yield f'<tr class="numbering">{numbers}</tr>'


def _row(
    part: Table,
    row: Row,
    values: Values,
    shares: PercentMarks,
    links: Links,
    language: Language,
) -> str:
    names = part.columns[layout.names(part.columns)].key
    cells = []
    for column in part.columns:
        cell = row.cells.get(column.key)
        is_name = column.key == names
        if cell is None:
            cells.append('<th scope="row" class="name"></th>' if is_name else "<td></td>")
            continue
        value = values.of(row.key, column.key, cell)
        text = links.name(column.key, wording.cell(cell, value, language))
        text = escape(text, quote=False)
        address = (links.of(cell) or links.narrowed(column.key, cell)) if value else ""
        inner = f'<a href="{escape(address)}">{text}</a>' if address else text
        if isinstance(cell, Percentage):
            inner += _mark(shares.at_cell(column.key, cell))
        explained = _explained(cell, values, language)
        title = f' title="{escape(explained)}"' if explained else ""
        if is_name:
            look = f" d{min(row.depth, MAX_INDENT)}" if row.depth else ""
            look += " whole" if isinstance(cell, Dossier) else ""
            cells.append(f'<th scope="row" class="name{look}"{title}>{inner}</th>')
        else:
            look = _look(cell, column.kind)
            cells.append(f"<td{look}{title}>{inner}</td>")
    return f'<tr class="{row.style}">{"".join(cells)}</tr>'


def _look(cell: Cell, kind: str) -> str:
    if isinstance(cell, Day | Dossier):
        return ' class="whole"'
    return ' class="text"' if kind == "text" else ""


def _mark(mark: str) -> str:
    return f" <sup>{escape(mark)}</sup>" if mark else ""


def _explained(cell: Cell, values: Values, language: Language) -> str:
    """What a computed cell follows from."""
    match cell:
        case Percentage(part, whole, of):
            sums = (
                sum(n for p in places if isinstance(n := values[p], int))
                for places in (part, whole)
            )
            top, bottom = (wording.shown(number, language) for number in sums)
            return f"= {top} / {bottom} ({of.to(language)})"
        case Difference(of, less):
            one, other = (wording.shown(values[place], language) for place in (of, less))
            return f"= {one} - {other}"
        case Points(_, how, _) if how is not None:
            return f"= {how.to(language)}"
        case _:
            return ""
