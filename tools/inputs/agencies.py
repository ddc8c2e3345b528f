"""Who are the agencies? A registry from a CSV file ``code,name,level,parent``."""

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.errors import UserError
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.tools.inputs.csv_tables import text_of

HEADINGS: Final = ("code", "name", "level", "parent")
MOST_BYTES: Final = 50_000_000


def registry(name: str | None) -> AgencyRegistry:
    """The registry of a file; of none, an empty one. Raises ``UserError``."""
    if name is None:
        return AgencyRegistry()
    try:
        return AgencyRegistry(_bodies(name))
    except OSError as error:
        raise UserError(f"--registry: {name}: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{name}: {error}") from None


def within(
    only: Mapping[str, Collection[str | None]], name: str | None, under: str | None
) -> DossierFilter:
    """Which dossiers are meant. Raises ``UserError`` as ``registry``, and for a body it has not."""
    known = registry(name)
    if under is not None and under not in known.agencies:
        where = f"the registry {name} has no body {under!r}" if name else "needs --registry FILE"
        raise UserError(f"--under: {where}")
    return DossierFilter(only, known, under)


def _bodies(name: str) -> Iterator[Agency]:
    text = text_of(Path(name), MOST_BYTES)
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    headings = [heading.strip() for heading in next(rows, [])]
    if sorted(headings) != sorted(HEADINGS):
        raise ValueError(
            f"the headings are {','.join(headings)[:80]!r}: write {','.join(HEADINGS)}"
        )
    for row in rows:
        values = [value.strip() for value in row]
        if not any(values):
            continue
        if len(values) != len(headings):
            raise ValueError(f"line {rows.line_num}: has {len(values)} values: write four")
        body = dict(zip(headings, values, strict=True))
        if not body["code"] or not body["name"]:
            raise ValueError(f"line {rows.line_num}: the code or the name is missing: write both")
        yield Agency(body["code"], body["name"], body["level"], body["parent"] or None)
