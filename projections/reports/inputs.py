"""On what is a body assessed? Rates of the period, and what people enter beside the events.

A rate comes from the events where they tell it, from the catalogue of procedures, or else from what
was entered. Where none of them has it, there is no data: never 0, never 100.

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from hoso.projections.documents.model import Bilingual, Rounding
from hoso.projections.reports.sections import Assessed, Section, decimal

SHOWN: Final = 60  # characters, of what is not understood

Percent = Annotated[Decimal, Field(ge=0, le=100)]
Score = Annotated[Decimal, Field(ge=0, le=2)]  # TT 01/2018/TT-VPCP art. 13: 0 to 2 a criterion
Number = Annotated[int, Field(ge=0)]
Measure = Literal[
    # What the events tell (SUMS and the like):
    "on_time",  # giải quyết đúng hạn
    "synced",  # đồng bộ lên Cổng Dịch vụ công quốc gia
    "components",  # số hóa thành phần hồ sơ
    "results",  # kết quả điện tử
    "reused",  # khai thác, sử dụng lại dữ liệu số hóa
    "online",  # nộp trực tuyến
    "paid_online",  # thanh toán trực tuyến
    "rated",  # đánh giá hài lòng
    "undisputed",  # không có phản ánh, kiến nghị
    "complaints_in_time",  # phản ánh, kiến nghị xử lý đúng hạn
    # What they tell together with the catalogue:
    "procedures_online",  # thủ tục cung cấp trực tuyến
    "procedures_online_used",  # có phát sinh hồ sơ
    "procedures_payable",  # thủ tục thanh toán trực tuyến được
    "procedures_paid",  # có phát sinh thanh toán trực tuyến
    # What is only entered:
    "published",  # công bố đúng hạn
    "updated",  # cập nhật, công khai đúng hạn
    "described",  # công khai đầy đủ nội dung
    "electronic_copies",  # chứng thực bản sao điện tử từ bản chính
    "shared",  # hồ sơ số hóa có kết nối, chia sẻ dữ liệu
    "population_dossiers",  # hồ sơ sử dụng dữ liệu dân cư
    "population_procedures",  # thủ tục kết nối dữ liệu dân cư
    "one_stop",  # thủ tục tiếp nhận, trả kết quả tại Bộ phận Một cửa
    "publication",  # mức độ công khai thủ tục
]
JUDGED: Final = ("resolved", "returned", "in_progress", "awaiting_supplement", "paused")
IN_TIME: Final = (
    *("resolved.early", "resolved.on_time", "returned.early", "returned.on_time"),
    *("in_progress.in_time", "awaiting_supplement.in_time", "paused.in_time"),
)
OVERDUE: Final = tuple(f"{group}.overdue" for group in JUDGED)
DISPUTED: Final = ("disputed.early", "disputed.on_time", "disputed.overdue")
SUMS: Final[Mapping[Measure, tuple[Sequence[str], Sequence[str]]]] = {  # the part, and the whole
    "on_time": (IN_TIME, JUDGED),
    "synced": (["synced"], ["total"]),
    "components": (["components.complete"], ["received"]),
    "results": (["result.complete"], ["resolved"]),
    "reused": (["reused"], ["received"]),
    "paid_online": (["paid.online"], ["paid.online", "paid.direct"]),
    "rated": (["rated.satisfied"], ["rated.satisfied", "rated.dissatisfied"]),
    "complaints_in_time": (["complaints.in_time"], ["complaints.in_time", "complaints.late"]),
}
Model = TypeVar("Model", bound=BaseModel)
YES: Final = {"1", "x", "yes", "true", "có"}
NO: Final = {"0", "no", "false", "không"}


class Contacted(BaseModel):
    """How many applicants had to turn to no body (cơ quan) beside the office, to one, to more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    none: Number = 0
    once: Number = 0
    more: Number = 0


class Entered(BaseModel):
    """What people enter of a body, all of it optional: shares in percent, as Measure names them;
    ``bodies``, a survey of criterion 4; ``points``, by number, of criteria that a committee scored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    published: Percent | None = None
    updated: Percent | None = None
    described: Percent | None = None
    procedures_online: Percent | None = None
    procedures_online_used: Percent | None = None
    procedures_payable: Percent | None = None
    procedures_paid: Percent | None = None
    electronic_copies: Percent | None = None
    shared: Percent | None = None
    population_dossiers: Percent | None = None
    population_procedures: Percent | None = None
    undisputed: Percent | None = None
    complaints_in_time: Percent | None = None
    one_stop: Percent | None = None
    publication: Percent | None = None
    bodies: Contacted | None = None
    points: Mapping[Annotated[int, Field(ge=1, le=9)], Score] = {}


class Inputs(BaseModel):
    """What people enter: of the whole, and of agencies by their codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overall: Entered = Entered()
    agencies: Mapping[str, Entered] = {}

    def of(self, code: str | None) -> Entered:
        """What was entered of an agency, or of the whole (None)."""
        return self.overall if code is None else self.agencies.get(code, Entered())


class Procedure(NamedTuple):
    """A procedure (thủ tục): whether it is offered online, and whether it can be paid online; None
    where nothing is to be paid."""

    online: bool
    payable: bool | None


class Catalogue(NamedTuple):
    """The procedures (danh mục thủ tục hành chính) by agency, None for everybody's, and by code."""

    procedures: Mapping[str | None, Mapping[str, Procedure]]

    def of(self, agencies: Collection[str] | None) -> dict[str, Procedure]:
        """The procedures of some agencies, or all (None), by their codes. One that several of them
        have is offered, or can be paid, where it is at any of them."""
        found: dict[str, Procedure] = {}
        for agency in self.procedures if agencies is None else (None, *agencies):
            for code, (online, payable) in self.procedures.get(agency, {}).items():
                known = found.get(code, Procedure(False, None))
                priced = [said for said in (known.payable, payable) if said is not None]
                found[code] = Procedure(known.online or online, any(priced) if priced else None)
        return found


class Rate(NamedTuple):
    """A share, exact, from 0 to 1; ``how`` says of what."""

    share: Fraction
    how: Bilingual


def inputs(name: str, document: object) -> Inputs:
    """What a document gives (``overall``, and ``agencies`` by code), ``name`` being its file's.

    Raises ``ValueError``, one line that says which key is wrong and how to mend it.
    """
    return checked(Inputs, name, {} if document is None else document)


def inputs_in_rows(name: str, rows: Iterable[Mapping[str, str | None]]) -> Inputs:
    """The same from the rows of a table: an agency to each, a column to each value, as
    ``points.4`` and ``bodies.once``; a row without agency is of the whole.

    Raises ``ValueError``, one line that says in which row what is wrong and how to mend it.
    """
    found: dict[str, Entered] = {}
    for place, row in _rows(name, rows, {"agency"}):
        code = row.pop("agency")
        if code in found:
            raise ValueError(f"{place}: agency {code[:SHOWN]!r} stands there twice: leave one out")
        found[code] = checked(Entered, place, _nested(row))
    return Inputs(overall=found.pop("", Entered()), agencies=found)


def catalogue(name: str, rows: Iterable[Mapping[str, str | None]]) -> Catalogue:
    """The catalogue of a table ``procedure,online,payable[,agency]``; ``payable`` is empty where
    nothing is to be paid.

    Raises ``ValueError``, one line that says in which row what is wrong and how to mend it.
    """
    found: dict[str | None, dict[str, Procedure]] = {}
    for place, row in _rows(name, rows, {"procedure", "online", "payable"}):
        if unknown := row.keys() - {"procedure", "online", "payable", "agency"}:
            raise ValueError(f"{place}: no column {min(unknown)[:SHOWN]!r}: leave it out")
        code, theirs = row["procedure"], found.setdefault(row.get("agency") or None, {})
        if not code:
            raise ValueError(f"{place}: procedure is empty: give its code")
        if code in theirs:
            raise ValueError(f"{place}: {code[:SHOWN]!r} stands there twice: leave one out")
        online, payable = (_said(place, key, row[key]) for key in ("online", "payable"))
        theirs[code] = Procedure(bool(online), payable)
    return Catalogue(found)


def _rows(
    name: str, rows: Iterable[Mapping[str, str | None]], needed: Collection[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows that have anything, each with its place in the file."""
    for number, row in enumerate(rows, 2):  # the first line is the heading
        place = f"{name}:{number}"
        if None in row:
            raise ValueError(f"{place}: has more values than headings: write one for each")
        if missing := needed - row.keys():
            raise ValueError(f"{place}: there is no column {min(missing)!r}: add it")
        if any(values := {key: (value or "").strip() for key, value in row.items()}.values()):
            yield place, dict(zip(row, values, strict=True))


def _nested(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as a document: ``points.4`` is within ``points``, and 98,5 is as good as 98.5."""
    document: dict[str, Any] = {}
    for heading, value in row.items():
        key, _, within = heading.partition(".")
        if value and within:
            document[key] = {**document.get(key, {}), within: value.replace(",", ".")}
        elif value:
            document[key] = value.replace(",", ".")
    return document


def _said(place: str, key: str, text: str) -> bool | None:
    if text and text.casefold() not in YES | NO:
        raise ValueError(f"{place}: {key}: {text[:SHOWN]!r} is neither yes nor no: write 1 or 0")
    return text.casefold() in YES if text else None


def checked(model: type[Model], name: str, document: object) -> Model:
    """A document as a model. Raises ``ValueError``, one line: which key, what is wrong with it, and
    how to mend it."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        place = f"{name}: {key}" if key else name
        raise ValueError(f"{place}: {_fault(first)}") from None


def _fault(error: ErrorDetails) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "no such key: leave it out, or write it as the others are"
        case "missing":
            return "is missing: add it"
        case "model_type":
            return "is no table of keys: write one, key: value"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
    return f"{error['msg']} (given: {str(error['input'])[:SHOWN]!r})"


def rate(measure: Measure, body: Assessed, entered: Entered, procedures: Catalogue) -> Rate | None:
    """A rate of a body: what the events and the catalogue tell, or else what was entered; None
    where there is no data."""
    part, whole = _counted(measure, body, procedures)
    if whole:
        share, of = Fraction(part, whole), f"{part} ÷ {whole}"
        percent = written(100 * share)
        return Rate(share, Bilingual(f"{of} = {percent.vi} %", f"{of} = {percent.en} %"))
    said: Decimal | None = getattr(entered, measure, None)
    if said is None:
        return None
    percent = written(Fraction(said))
    return Rate(
        Fraction(said) / 100, Bilingual(f"{percent.vi} % (nhập)", f"{percent.en} % (entered)")
    )


def _counted(measure: Measure, body: Assessed, procedures: Catalogue) -> tuple[int, int]:
    """A part and its whole: so many dossiers, times or procedures; of nothing, there is no data."""
    cube = body.cube
    if measure in SUMS:
        part, whole = SUMS[measure]
        return cube.sum(*part), cube.sum(*whole)
    match measure:
        case "online":
            return cube.only(channel="online").sum("received"), cube.sum("received")
        case "undisputed":
            return cube.sum("resolved") - cube.sum(*DISPUTED), cube.sum("resolved")
        case "procedures_online" | "procedures_online_used":
            offered = procedures.of(body.members)
            online = {code for code, each in offered.items() if each.online}
            if measure == "procedures_online":
                return len(online), len(offered)
            return len(
                online & cube.only(channel="online").values_with("received", "procedure")
            ), len(online)
        case "procedures_payable" | "procedures_paid":
            offered = procedures.of(body.members)
            priced = [code for code, each in offered.items() if each.payable is not None]
            payable = {code for code in priced if offered[code].payable}
            if measure == "procedures_payable":
                return len(payable), len(priced)
            return len(payable & cube.values_with("paid.online", "procedure")), len(payable)
    return 0, 0


def misplaced(compared: Sequence[Section], inputs: Inputs) -> Iterator[Bilingual]:
    """A note on what was entered for agencies that are not compared, if any was."""
    codes = {body.code for section in compared for body in section.bodies}
    if others := ", ".join(sorted(inputs.agencies.keys() - codes)):
        yield Bilingual(
            f"Số liệu nhập cho cơ quan không có trong bảng: {others}.",
            f"Entered for agencies that are not in the table: {others}.",
        )


def written(number: Fraction, places: int = 2) -> Bilingual:
    """A number as it stands in a sentence: rounded, without zeros that say nothing."""
    rounded = Rounding(places).of(decimal(number))
    text = f"{rounded:f}".rstrip("0").rstrip(".") if places else f"{rounded:f}"
    return Bilingual(text.replace(".", ","), text)
