"""Reads the registry of agencies from a CSV file, ``code,name,level,parent``."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.errors import UserError
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.tools.inputs.csv_files import MAX_BYTES, csv_table
from hoso.tools.inputs.text_files import read_option_text

HEADINGS: Final = ("code", "name", "level", "parent")


def registry(name: str | None) -> AgencyRegistry:
    """The registry in a file; an empty one for None. Raises ``UserError``."""
    if name is None:
        return AgencyRegistry()
    text = read_option_text("--registry", name, MAX_BYTES)
    try:
        return AgencyRegistry(_agencies(name, text))
    except ValueError as error:
        raise UserError(f"{name}: {error}") from None


def within(
    only: Mapping[str, Collection[str | None]], name: str | None, under: str | None
) -> DossierFilter:
    """A filter for the dossiers of some slices, and ``under`` an agency of the registry in a file.

    Raises ``UserError`` for a file that is no registry, and for an agency that is not in it.
    """
    agencies = registry(name)
    if under is not None and under not in agencies.agencies:
        where = f"the registry {name} has no body {under!r}" if name else "needs --registry FILE"
        raise UserError(f"--under: {where}")
    return DossierFilter(only, agencies, under)


def _agencies(name: str, text: str) -> Iterator[Agency]:
    table = csv_table(name, text)
    headings = table.headings.values
    if sorted(headings) != sorted(HEADINGS):
        raise ValueError(
            f"the headings are {','.join(headings)[:80]!r}: write {','.join(HEADINGS)}"
        )
    for row in table.rows:
        agency = dict(zip(headings, row.values, strict=True))
        if not agency["code"] or not agency["name"]:
            raise row.fault("the code or the name is missing: write both")
        yield Agency(agency["code"], agency["name"], agency["level"], agency["parent"] or None)
