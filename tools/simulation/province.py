"""The made-up province: its bodies, the procedures that they handle, and the time allowed.

It goes through the reform of 1 July 2025. On 30 June its districts and old communes end, and some
of its departments. On 1 July new communes begin, directly under the province, and the departments
that take over. Each body that ends has a successor, except the districts: their dossiers go to
several communes.

Names are like those of a real province; codes and numbers are invented.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple

from hoso.domain.agencies import Agency
from hoso.domain.calendar import day_number
from hoso.domain.rules import UNITS
from hoso.tools.simulation.chance import Choice, choice
from hoso.tools.simulation.moments import DAY

REFORM: Final = date(2025, 7, 1)
REFORM_DAY: Final = day_number(REFORM)
LAST_BEFORE: Final = REFORM - timedelta(1)
FOREVER: Final = 1 << 62  # a moment that never comes

TOP: Final = Agency("H52", "UBND tỉnh", "province", None)

# --- Bodies -------------------------------------------------------------------------------------


class Body(NamedTuple):
    """An agency that handles dossiers.

    ``shares`` has its fields, and the share of all dossiers that each has; ``area`` is the code of
    the district in whose area a new commune lies.
    """

    agency: Agency
    shares: Mapping[str, float]
    area: str | None = None


def _body(code: str, level: str, name: str, shares: Mapping[str, float]) -> Body:
    """A body that the reform leaves as it is."""
    return Body(Agency(code, name, level, code.rpartition(".")[0]), shares)


def _old(
    code: str, level: str, name: str, shares: Mapping[str, float], successor: str | None = None
) -> Body:
    """A body that ends with the reform."""
    body = _body(code, level, name, shares)
    agency = body.agency._replace(valid_to=LAST_BEFORE, successor=successor)
    return body._replace(agency=agency)


def _new(
    code: str, level: str, name: str, shares: Mapping[str, float], area: str | None = None
) -> Body:
    """A body that begins with the reform."""
    body = _body(code, level, name, shares)
    return Body(body.agency._replace(valid_from=REFORM), shares, area)


def _district(share: float) -> dict[str, float]:
    return _evenly(share, "Hộ tịch", "Chứng thực", "Hộ kinh doanh", "Đất đai", "Xây dựng")


def _old_commune(share: float) -> dict[str, float]:
    return _evenly(share, "Hộ tịch", "Chứng thực", "Bảo trợ xã hội")


def _new_commune(share: float) -> dict[str, float]:
    """The fields of an old commune, and those of a district."""
    return _evenly(share, *dict.fromkeys([*_old_commune(1), *_district(1)]))


def _evenly(share: float, *fields: str) -> dict[str, float]:
    return dict.fromkeys(fields, share / len(fields))


BODIES: Final = (
    _body("H52.01", "province", "Sở Tư pháp", {"Lý lịch tư pháp": 11}),
    _old("H52.02", "province", "Sở Kế hoạch và Đầu tư", {"Doanh nghiệp": 5, "Đầu tư": 4}, "H52.13"),
    _old(
        *("H52.03", "province", "Sở Tài nguyên và Môi trường"),
        *({"Đất đai": 4, "Môi trường": 4}, "H52.11"),
    ),
    _old("H52.04", "province", "Sở Giao thông vận tải", {"Đường bộ": 12}, "H52.12"),
    _body("H52.05", "province", "Sở Y tế", {"Dược": 1.5, "Khám bệnh, chữa bệnh": 1.5}),
    _old(
        *("H52.06", "province", "Sở Lao động, Thương binh và Xã hội"),
        *({"Việc làm": 1.5, "Người có công": 1.5}, "H52.14"),
    ),
    _old("H52.07", "province", "Sở Xây dựng", {"Xây dựng": 2}, "H52.12"),
    _body("H52.08", "province", "Sở Công Thương", {"Xúc tiến thương mại": 6}),
    _old(
        *("H52.09", "province", "Sở Nông nghiệp và Phát triển nông thôn"),
        *({"Bảo vệ thực vật": 2}, "H52.11"),
    ),
    _body("H52.10", "province", "Sở Văn hóa, Thể thao và Du lịch", {"Văn hóa": 1}),
    _new(
        *("H52.11", "province", "Sở Nông nghiệp và Môi trường"),
        {"Đất đai": 4, "Môi trường": 4, "Bảo vệ thực vật": 2},
    ),
    _new("H52.12", "province", "Sở Xây dựng", {"Đường bộ": 12, "Xây dựng": 2}),
    _new("H52.13", "province", "Sở Tài chính", {"Doanh nghiệp": 5, "Đầu tư": 4}),
    _new("H52.14", "province", "Sở Nội vụ", {"Việc làm": 1.5, "Người có công": 1.5}),
    _old("H52.21", "district", "UBND thành phố Bình Minh", _district(5)),
    _old("H52.22", "district", "UBND huyện Sông Thao", _district(4)),
    _old("H52.23", "district", "UBND huyện Đồng Lĩnh", _district(4)),
    _old("H52.24", "district", "UBND huyện Nà Khoang", _district(3)),
    _old("H52.21.01", "commune", "UBND phường Tân Lập", _old_commune(5), "H52.32"),
    _old("H52.21.02", "commune", "UBND phường Quang Trung", _old_commune(4), "H52.31"),
    _old("H52.22.01", "commune", "UBND thị trấn Sông Thao", _old_commune(4), "H52.33"),
    _old("H52.22.07", "commune", "UBND xã Phú Lương", _old_commune(3), "H52.34"),
    _old("H52.23.04", "commune", "UBND xã Yên Đồng", _old_commune(3), "H52.35"),
    _old("H52.24.11", "commune", "UBND xã Nà Hin", _old_commune(2), "H52.37"),
    _new("H52.31", "commune", "UBND phường Bình Minh", _new_commune(7), "H52.21"),
    _new("H52.32", "commune", "UBND phường Tân Lập", _new_commune(7), "H52.21"),
    _new("H52.33", "commune", "UBND xã Sông Thao", _new_commune(6), "H52.22"),
    _new("H52.34", "commune", "UBND xã Phú Lương", _new_commune(5), "H52.22"),
    _new("H52.35", "commune", "UBND xã Yên Đồng", _new_commune(4), "H52.23"),
    _new("H52.36", "commune", "UBND xã Đồng Lĩnh", _new_commune(3), "H52.23"),
    _new("H52.37", "commune", "UBND xã Nà Hin", _new_commune(3), "H52.24"),
    _new("H52.38", "commune", "UBND xã Nà Khoang", _new_commune(2), "H52.24"),
)

# --- Procedures ---------------------------------------------------------------------------------


class Procedure(NamedTuple):
    """A procedure. Its allowance is ``days`` of ``unit``, 0 where it is settled on the spot;
    ``weight`` is its share of the dossiers of its field; ``online`` is how much of it is done
    online (toàn trình, một phần), None where the system does not say."""

    name: str
    days: int
    unit: Literal["working_days", "calendar_days"]
    weight: int
    online: Literal["full", "partial"] | None = "full"


PROCEDURES: Final[dict[str, tuple[Procedure, ...]]] = {
    "Lý lịch tư pháp": (
        Procedure("Cấp phiếu lý lịch tư pháp số 1", 10, "calendar_days", 4),
        Procedure("Cấp phiếu lý lịch tư pháp số 2", 10, "calendar_days", 1, "partial"),
    ),
    "Doanh nghiệp": (
        Procedure("Đăng ký thành lập công ty", 3, "working_days", 3),
        Procedure("Đăng ký thay đổi nội dung đăng ký doanh nghiệp", 3, "working_days", 5),
        Procedure("Thông báo tạm ngừng kinh doanh", 3, "working_days", 1),
    ),
    "Đầu tư": (Procedure("Điều chỉnh dự án đầu tư", 15, "working_days", 1, "partial"),),
    "Đất đai": (
        Procedure("Đăng ký biến động quyền sử dụng đất", 10, "working_days", 5, "partial"),
        Procedure("Đăng ký thế chấp quyền sử dụng đất", 1, "working_days", 3),
        Procedure(
            "Cấp giấy chứng nhận quyền sử dụng đất lần đầu", 30, "working_days", 2, "partial"
        ),
    ),
    "Môi trường": (Procedure("Cấp giấy phép môi trường", 30, "calendar_days", 1, "partial"),),
    "Đường bộ": (
        Procedure("Đổi giấy phép lái xe", 5, "working_days", 8),
        Procedure("Cấp phù hiệu xe", 2, "working_days", 3),
    ),
    "Dược": (Procedure("Cấp chứng chỉ hành nghề dược", 20, "calendar_days", 1),),
    "Khám bệnh, chữa bệnh": (
        Procedure("Cấp giấy phép hoạt động", 30, "calendar_days", 1, "partial"),
    ),
    "Việc làm": (Procedure("Cấp giấy phép lao động", 5, "working_days", 1),),
    "Người có công": (
        Procedure("Giải quyết chế độ mai táng phí", 12, "working_days", 1, "partial"),
    ),
    "Xây dựng": (
        Procedure("Cấp giấy phép xây dựng", 20, "calendar_days", 2),
        Procedure("Cấp chứng chỉ năng lực hoạt động xây dựng", 20, "working_days", 1, "partial"),
    ),
    "Xúc tiến thương mại": (
        Procedure("Thông báo hoạt động khuyến mại", 1, "working_days", 2),
        Procedure("Đăng ký tổ chức hội chợ", 7, "working_days", 1),
    ),
    "Bảo vệ thực vật": (
        Procedure("Cấp giấy chứng nhận buôn bán thuốc bảo vệ thực vật", 14, "working_days", 1),
    ),
    "Văn hóa": (Procedure("Cấp giấy phép tổ chức biểu diễn", 7, "working_days", 1, None),),
    "Hộ tịch": (
        Procedure("Đăng ký khai sinh", 1, "working_days", 4),
        Procedure("Xác nhận tình trạng hôn nhân", 3, "working_days", 3),
        Procedure("Cải chính hộ tịch", 6, "working_days", 1, "partial"),
    ),
    "Chứng thực": (Procedure("Chứng thực bản sao từ bản chính", 0, "working_days", 1),),
    "Hộ kinh doanh": (Procedure("Đăng ký hộ kinh doanh", 3, "working_days", 1),),
    "Bảo trợ xã hội": (Procedure("Trợ cấp xã hội hằng tháng", 22, "working_days", 1, "partial"),),
}
IN_PERSON_FIELDS: Final = ("Chứng thực",)  # they are not offered online
FREE_FIELDS: Final = ("Bảo trợ xã hội", "Người có công")  # nothing is to be paid there

# --- Desks --------------------------------------------------------------------------------------

CHANNELS: Final = ("online", "in_person", "post")
OFFICIALS: Final = 6  # of each agency: so many handle its dossiers ...
NOT_SAID: Final = ("H52.10",)  # ... except here: its system does not say who


@dataclass(frozen=True, eq=False, slots=True)
class Desk:
    """One procedure at one agency.

    ``unit`` is a number, as in ``domain.rules.UNITS``; ``share`` is the desk's share of all
    dossiers; ``facts`` are the data that all receptions there have in common, by channel.
    ``ends`` is the moment from which its dossiers stand with the communes of its area.
    """

    agency: str
    level: str
    field: str
    procedure: str
    days: int
    unit: int
    share: float
    facts: Mapping[str, dict[str, Any]]
    officials: tuple[str, ...]
    ends: int


def _officials(agency: str) -> tuple[str, ...]:
    """The codes of those who handle an agency's dossiers; none where its system does not say."""
    if agency in NOT_SAID:
        return ()
    return tuple(f"{agency}-{number:02}" for number in range(1, OFFICIALS + 1))


def _desks(body: Body) -> Iterator[Desk]:
    """The desks of a body. The share of a field is split by procedure."""
    scattered = body.agency.valid_to is not None and body.agency.successor is None
    for field, share in body.shares.items():
        all_weights = sum(procedure.weight for procedure in PROCEDURES[field])
        for procedure in PROCEDURES[field]:
            yield Desk(
                *(body.agency.code, body.agency.level, field, procedure.name, procedure.days),
                UNITS.index(procedure.unit),
                share * procedure.weight / all_weights,
                {channel: _facts(body.agency, field, procedure, channel) for channel in CHANNELS},
                _officials(body.agency.code),
                REFORM_DAY * DAY if scattered else FOREVER,
            )


def _facts(agency: Agency, field: str, procedure: Procedure, channel: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "agency": agency.code,
        "field": field,
        "procedure": procedure.name,
        "channel": channel,
        "level": agency.level,
        "allowance": {"value": procedure.days, "unit": procedure.unit},
    }
    if channel == "online" and procedure.online:
        facts["online_service"] = procedure.online
    if procedure.days == 0:
        facts["on_the_spot"] = True
    return facts


class Period(NamedTuple):
    """The province before the reform, or since: the desks to draw from.

    ``open_online`` are those that take dossiers on days off; ``offices`` take in dossiers for other
    bodies; ``departments`` are those of the province; ``of_procedure`` are the desks of each
    procedure.
    """

    desks: Choice[Desk]
    open_online: Choice[Desk]
    offices: Choice[str]
    departments: Choice[Desk]
    of_procedure: Mapping[str, Choice[Desk]]


def _period(day: date) -> Period:
    bodies = [body for body in BODIES if body.agency.is_in_force(day)]
    desks = [desk for body in bodies for desk in _desks(body)]
    named = {desk.procedure for desk in desks}
    return Period(
        _by_share(desks),
        _by_share(desk for desk in desks if desk.days),
        choice((1, body.agency.code) for body in bodies if body.agency.level != "province"),
        _by_share(desk for desk in desks if desk.level == "province"),
        {name: _by_share(desk for desk in desks if desk.procedure == name) for name in named},
    )


def _by_share(desks: Iterable[Desk]) -> Choice[Desk]:
    return choice((desk.share, desk) for desk in desks)


BEFORE: Final = _period(LAST_BEFORE)
SINCE: Final = _period(REFORM)


def period(day: int) -> Period:
    """The province as it is on a day."""
    return BEFORE if day < REFORM_DAY else SINCE


_BY_CODE: Final = {body.agency.code: body for body in BODIES}


def heirs(desk: Desk) -> Choice[Desk]:
    """The desks of the communes to which a district's dossiers go, by where the applicant lives."""
    return _by_share(
        other
        for other in SINCE.of_procedure[desk.procedure].values
        if _BY_CODE[other.agency].area == desk.agency
    )


def in_force(desk: Desk, day: int) -> Desk:
    """The desk that handles on a day what came to a desk before: its own, or its successor's."""
    successor = _BY_CODE[desk.agency].agency.successor
    if day < REFORM_DAY or successor is None:
        return desk
    return next(
        other for other in SINCE.of_procedure[desk.procedure].values if other.agency == successor
    )


# --- What people give beside the events ---------------------------------------------------------


def registry() -> Iterator[dict[str, str]]:
    """The rows of the agency registry, with dates: departments and districts are under the
    province, old communes under their district, new ones under the province."""
    for agency in (TOP, *(body.agency for body in BODIES)):
        yield {name: str(value or "") for name, value in agency._asdict().items()}


def catalogue() -> Iterator[dict[str, str]]:
    """The rows of the catalogue of procedures, with their allowances."""
    for body in BODIES:
        for field in body.shares:
            facts = {
                "online": "0" if field in IN_PERSON_FIELDS else "1",
                "payable": "" if field in FREE_FIELDS else "1",
                "agency": body.agency.code,
            }
            for each in PROCEDURES[field]:
                allowance = {"allowance": str(each.days), "unit": each.unit}
                yield {"procedure": each.name, **facts, **allowance}
