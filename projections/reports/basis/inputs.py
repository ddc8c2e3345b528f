"""What people enter in addition to the events: figures of bodies, and the catalogue of procedures.

Both are optional. Figures come from a YAML document or a table, the catalogue from a table.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15; TT 09/2026/TT-BTP, form 07c.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_wrap_validator_function

from hoso.projections.documents.model import Bilingual
from hoso.projections.reports.basis.bodies import LevelBodies
from hoso.projections.reports.basis.validation import SHOWN_CHARS, Percent, WholeNumber, validated

PART_OF_WHOLE: Final = re.compile(r"(\d{1,18})/(\d{1,18})", re.ASCII)


def _percent_of(given: object, as_percent: ValidatorFunctionWrapHandler) -> object:
    """A percentage; ``145/165`` is that part of that whole, exactly."""
    if not isinstance(given, str) or "/" not in given:
        return as_percent(given)
    match = PART_OF_WHOLE.fullmatch(given.replace(" ", ""))
    part, whole = (int(number) for number in match.groups()) if match else (1, 0)
    if part > whole or whole == 0:
        raise ValueError(
            f"{given[:SHOWN_CHARS]!r} is no part of a whole: write a percentage, or two whole"
            " numbers such as 145/165"
        )
    return Fraction(100 * part, whole)


def _percent_schema(_source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    return no_info_wrap_validator_function(_percent_of, handler(Percent))


EnteredRate = Annotated[Decimal | Fraction, GetPydanticSchema(_percent_schema)]  # in percent
Section = Literal["I", "II", "III", "IV"]  # of form 07c, TT 09/2026/TT-BTP
CriterionPoints = Annotated[Decimal, Field(ge=0, le=2)]  # TT 01/2018/TT-VPCP art. 13
YES: Final = {"1", "x", "yes", "true", "có"}
NO: Final = {"0", "no", "false", "không"}


class BodiesContacted(BaseModel):
    """How many applicants had to turn to no further body (cơ quan), to one, or to more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    none: WholeNumber = 0
    once: WholeNumber = 0
    more: WholeNumber = 0


class Entered(BaseModel):
    """What was entered for one body.

    Rates in percent (``body_rates.RateName``), the number of complaints that drag on (kéo dài), a
    survey of the bodies that applicants contacted, the points of criteria that a committee scored,
    by the number of the criterion, and the section of form 07c in which its dossiers are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    published: EnteredRate | None = None
    updated: EnteredRate | None = None
    described: EnteredRate | None = None
    procedures_online: EnteredRate | None = None
    procedures_online_used: EnteredRate | None = None
    procedures_payable: EnteredRate | None = None
    procedures_paid: EnteredRate | None = None
    fees_paid_online: EnteredRate | None = None
    procedures_paid_online: EnteredRate | None = None
    procedures_with_fees: EnteredRate | None = None
    electronic_copies: EnteredRate | None = None
    shared: EnteredRate | None = None
    population_dossiers: EnteredRate | None = None
    population_procedures: EnteredRate | None = None
    undisputed: EnteredRate | None = None
    complaints_in_time: EnteredRate | None = None
    petitions_satisfied: EnteredRate | None = None
    one_stop: EnteredRate | None = None
    one_stop_decided: EnteredRate | None = None
    publication_posted: EnteredRate | None = None
    publication_electronic: EnteredRate | None = None
    complaints_protracted: WholeNumber | None = None
    bodies: BodiesContacted | None = None
    points: Mapping[Annotated[int, Field(ge=1, le=9)], CriterionPoints] = {}
    section: Section | None = None


class Inputs(BaseModel):
    """What was entered: for the whole, and for agencies by their codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overall: Entered = Entered()
    agencies: Mapping[str, Entered] = {}

    def of(self, code: str | None) -> Entered:
        """What was entered for an agency, or for the whole (None)."""
        return self.overall if code is None else self.agencies.get(code, Entered())


CATALOGUE_COLUMNS: Final = {"procedure", "online", "payable", "agency", "allowance", "unit"}


class Procedure(NamedTuple):
    """A procedure (thủ tục): whether it is offered online, and whether its fee can be paid online.
    ``payable`` is None where there is no fee."""

    online: bool
    payable: bool | None


class Catalogue(NamedTuple):
    """The procedures (danh mục thủ tục hành chính) by agency and by code. Those of the agency None
    are offered by all agencies."""

    procedures: Mapping[str | None, Mapping[str, Procedure]]

    def of(self, agencies: Collection[str] | None) -> dict[str, Procedure]:
        """The procedures of some agencies, or of all (None), by code.

        A procedure is offered online, or payable, if it is at any of these agencies.
        """
        merged: dict[str, Procedure] = {}
        for agency in self.procedures if agencies is None else (None, *agencies):
            for code, (online, payable) in self.procedures.get(agency, {}).items():
                known = merged.get(code, Procedure(False, None))
                given = [each for each in (known.payable, payable) if each is not None]
                merged[code] = Procedure(known.online or online, any(given) if given else None)
        return merged


def parse_inputs(file: str, document: object) -> Inputs:
    """The inputs in a document (``overall``, and ``agencies`` by code) that was read from ``file``.

    Raises ``ValueError`` with one line: which key is wrong and how to mend it.
    """
    return validated(Inputs, file, {} if document is None else document)


def parse_input_rows(file: str, rows: Iterable[Mapping[str, str | None]]) -> Inputs:
    """The inputs in the rows of a table: an agency in each, a value in each column.

    Columns within a key are named ``points.4`` and ``bodies.once``. A row without agency is for the
    whole. Raises ``ValueError`` with one line: what is wrong in which row and how to mend it.
    """
    by_agency: dict[str, Entered] = {}
    for place, row in _filled_rows(file, rows, {"agency"}):
        code = row.pop("agency")
        if code in by_agency:
            raise ValueError(
                f"{place}: agency {code[:SHOWN_CHARS]!r} is given twice: leave one out"
            )
        by_agency[code] = validated(Entered, place, _nested(row))
    return Inputs(overall=by_agency.pop("", Entered()), agencies=by_agency)


def parse_catalogue(file: str, rows: Iterable[Mapping[str, str | None]]) -> Catalogue:
    """The catalogue in the rows of a table ``procedure,online,payable[,agency,allowance,unit]``.

    ``payable`` is empty where there is no fee; allowances are for intake, and not read here. Raises
    ``ValueError`` with one line: what is wrong in which row and how to mend it.
    """
    by_agency: dict[str | None, dict[str, Procedure]] = {}
    for place, row in _filled_rows(file, rows, {"procedure", "online", "payable"}):
        if unknown := row.keys() - CATALOGUE_COLUMNS:
            raise ValueError(f"{place}: no column {min(unknown)[:SHOWN_CHARS]!r}: leave it out")
        code, procedures = row["procedure"], by_agency.setdefault(row.get("agency") or None, {})
        if not code:
            raise ValueError(f"{place}: procedure is empty: give its code")
        if code in procedures:
            raise ValueError(f"{place}: {code[:SHOWN_CHARS]!r} is given twice: leave one out")
        online, payable = (_yes_or_no(place, key, row[key]) for key in ("online", "payable"))
        procedures[code] = Procedure(bool(online), payable)
    return Catalogue(by_agency)


def _filled_rows(
    file: str, rows: Iterable[Mapping[str, str | None]], required: Collection[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows that are not empty, each with its line in the file."""
    for number, row in enumerate(rows, 2):  # line 1 has the headings
        place = f"{file}:{number}"
        if None in row:
            raise ValueError(f"{place}: has more values than headings: write one for each")
        if missing := required - row.keys():
            raise ValueError(f"{place}: there is no column {min(missing)!r}: add it")
        values = {key: (value or "").strip() for key, value in row.items()}
        if any(values.values()):
            yield place, values


def _nested(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as a document: ``points.4`` is a key within ``points``, and 98,5 is read as 98.5."""
    document: dict[str, Any] = {}
    for heading, value in row.items():
        key, _, within = heading.partition(".")
        if value and within:
            document[key] = {**document.get(key, {}), within: value.replace(",", ".")}
        elif value:
            document[key] = value.replace(",", ".")
    return document


def _yes_or_no(place: str, key: str, text: str) -> bool | None:
    if text and text.casefold() not in YES | NO:
        shown = repr(text[:SHOWN_CHARS])
        raise ValueError(f"{place}: {key}: {shown} is neither yes nor no: write 1 or 0")
    return text.casefold() in YES if text else None


def unused_inputs_notes(levels: Sequence[LevelBodies], inputs: Inputs) -> Iterator[Bilingual]:
    """A note that names the agencies with inputs but without a row; none if there are none."""
    codes = {body.code for level in levels for body in level.bodies}
    if others := ", ".join(sorted(inputs.agencies.keys() - codes)):
        yield Bilingual(
            f"Số liệu nhập cho cơ quan không có trong bảng: {others}.",
            f"Entered for agencies that are not in the table: {others}.",
        )
