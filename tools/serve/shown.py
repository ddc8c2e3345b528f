"""Shows the parts of a document on a page: its tables, each under its title, and its charts."""

from typing import Final, NamedTuple

from markupsafe import Markup

from hoso.projections.documents.model import Chart, Document, Language, Table
from hoso.tools.output import wording
from hoso.tools.output.html import svg
from hoso.tools.serve.tables import Links, table
from hoso.tools.serve.templates import environment as templates

CHART: Final = "chart.html.jinja"


class Shown(NamedTuple):
    """A part of a document as a page has it. ``title`` is empty where the page says it already."""

    key: str
    title: str
    html: Markup


def parts(document: Document, links: Links, language: Language) -> list[Shown]:
    """The parts of a document."""
    return [
        Shown(
            part.key,
            "" if part.title == document.title else part.title.to(language),
            table(part, document, links, language)
            if isinstance(part, Table)
            else chart(part, document, language),
        )
        for part in document.parts
    ]


def chart(exact: Chart, document: Document, language: Language) -> Markup:
    """A chart with its legend, and its numbers as a table."""
    rounded = wording.rounded_chart(exact, document.rounding)
    names = [series.name.to(language) for series in rounded.series]
    lines = zip(rounded.labels, *(series.numbers for series in rounded.series), strict=True)
    html = templates.get_template(CHART).render(
        language=language,
        title=rounded.title.to(language),
        drawn=svg.drawn(exact, document.rounding, language),
        legend=[(svg.swatch(rounded, place), name) for place, name in enumerate(names)],
        unit=rounded.unit.to(language),
        lines=[[wording.shown(value, language) for value in line] for line in lines],
    )
    return Markup(html)  # the template escapes
