"""Reads the registry of agencies from a CSV file: ``code,name,level,parent``, and optionally
``valid_from,valid_to,successor``."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from hoso.domain.agencies import Agency, AgencyRegistry, RegistryError
from hoso.domain.errors import UserError
from hoso.domain.windows import parse_day
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.tools.inputs.csv_files import MAX_BYTES, CsvRow, csv_table
from hoso.tools.inputs.text_files import read_option_text

HEADINGS: Final = ("code", "name", "level", "parent")
OPTIONAL_HEADINGS: Final = ("valid_from", "valid_to", "successor")


def registry(name: str | None) -> AgencyRegistry:
    """The registry in a file; an empty one for None. Raises ``UserError``."""
    if name is None:
        return AgencyRegistry()
    text = read_option_text("--registry", name, MAX_BYTES)
    lines: dict[str, int] = {}
    try:
        agencies = AgencyRegistry(_agencies(name, text, lines))
        _refuse_two_roots(agencies.agencies.values())
    except RegistryError as error:
        raise UserError(f"{name}:{lines[error.code]}: {error}") from None
    except ValueError as error:
        raise UserError(f"{name}: {error}") from None
    return agencies


def within(
    only: Mapping[str, Collection[str | None]],
    name: str | None,
    under: str | None,
    day: date,
) -> DossierFilter:
    """A filter for the dossiers of some slices, and ``under`` an agency of the registry in a file,
    both as the agencies stand on a day.

    Raises ``UserError`` for a file that is no registry, and for an agency that is not in it or that
    another one counts on that day.
    """
    agencies = registry(name).on(day)
    check_bodies(agencies, name, under, only.get("agency", ()))
    return DossierFilter(only, agencies, under)


def check_bodies(
    agencies: AgencyRegistry,
    name: str | None,
    under: str | None,
    chosen: Collection[str | None],
) -> None:
    """Check a body that is named by --under, and agencies that are by --slice. ``agencies`` are
    those of a day, from the registry in a file.

    Raises ``UserError`` for an agency that another one counts on that day, and for a body that the
    registry does not have.
    """
    for option, codes in (("--under", (under,)), ("--slice", chosen)):
        for code in codes:
            if code is not None and (current := agencies.current(code)) != code:
                fault = f"{code} has ended before {agencies.day} and counts in {current}"
                raise UserError(f"{option}: {fault}: write {current}, or another --roll-up")
    if under is not None and under not in agencies.agencies:
        where = f"the registry {name} has no body {under!r}" if name else "needs --registry FILE"
        raise UserError(f"--under: {where}")


def _agencies(name: str, text: str, lines: dict[str, int]) -> Iterator[Agency]:
    """The agencies of a file; ``lines`` gets the line of each code."""
    table = csv_table(name, text)
    headings = table.headings.values
    optional = set(headings) & set(OPTIONAL_HEADINGS)
    if sorted(headings) != sorted((*HEADINGS, *optional)):
        raise ValueError(
            f"the headings are {','.join(headings)[:80]!r}: write {','.join(HEADINGS)}, and if "
            f"there are dates {','.join(OPTIONAL_HEADINGS)}"
        )
    for row in table.rows:
        values = dict(zip(headings, row.values, strict=True))
        if not values["code"] or not values["name"]:
            raise row.fault("the code or the name is missing: write both")
        lines[values["code"]] = row.line
        yield Agency(
            values["code"],
            values["name"],
            values["level"],
            values["parent"] or None,
            _day(row, "valid_from", values),
            _day(row, "valid_to", values),
            values.get("successor") or None,
        )


def _day(row: CsvRow, heading: str, values: Mapping[str, str]) -> date | None:
    if not (text := values.get(heading)):
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise row.fault(f"{heading}: {error}") from None


def _refuse_two_roots(agencies: Iterable[Agency]) -> None:
    """Refuse two bodies without a parent on the same day, except one that is merged later."""
    roots = [each for each in agencies if each.parent is None and each.successor is None]
    roots.sort(key=lambda root: root.valid_from or date.min)
    earlier: Agency | None = None
    for root in roots:
        if earlier is not None and not earlier.has_ended(root.valid_from or date.min):
            fault = f"has no parent, and {earlier.code} has none either: write the parent of one"
            raise RegistryError(root.code, fault)
        earlier = root
