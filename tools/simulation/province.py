"""The made-up province: its agencies, the procedures that they handle, and the time allowed.

They look like those of a real province; codes and numbers are invented.
"""

from typing import Any, Final, Literal, NamedTuple

from hoso.domain.rules import UNITS

SOURCE: Final = "/h52/motcua"
CODE_PREFIX: Final = "000.00.00.H52"


class Agency(NamedTuple):
    """An agency. ``weight`` is its share of the dossiers; ``fields`` are those that it handles."""

    code: str
    level: Literal["province", "district", "commune"]
    weight: int
    fields: tuple[str, ...]


class Procedure(NamedTuple):
    """A procedure. Its allowance is ``days`` of ``unit``, 0 where it is settled on the spot;
    ``weight`` is its share of the dossiers of its field."""

    name: str
    days: int
    unit: Literal["working_days", "calendar_days"]
    weight: int


class Desk(NamedTuple):
    """One procedure at one agency.

    ``unit`` is a number, as in ``domain.rules.UNITS``; ``weight`` is the desk's share of all
    dossiers; ``facts`` are the data that all receptions there have in common.
    """

    level: str
    days: int
    unit: int
    weight: float
    facts: dict[str, Any]


DISTRICT_FIELDS: Final = ("Hộ tịch", "Chứng thực", "Hộ kinh doanh", "Đất đai", "Xây dựng")
COMMUNE_FIELDS: Final = ("Hộ tịch", "Chứng thực", "Bảo trợ xã hội")

AGENCIES: Final = (
    Agency("H52.01", "province", 11, ("Lý lịch tư pháp",)),
    Agency("H52.02", "province", 9, ("Doanh nghiệp", "Đầu tư")),
    Agency("H52.03", "province", 8, ("Đất đai", "Môi trường")),
    Agency("H52.04", "province", 12, ("Đường bộ",)),
    Agency("H52.05", "province", 3, ("Dược", "Khám bệnh, chữa bệnh")),
    Agency("H52.06", "province", 3, ("Việc làm", "Người có công")),
    Agency("H52.07", "province", 2, ("Xây dựng",)),
    Agency("H52.08", "province", 6, ("Xúc tiến thương mại",)),
    Agency("H52.09", "province", 2, ("Bảo vệ thực vật",)),
    Agency("H52.10", "province", 1, ("Văn hóa",)),
    Agency("H52.21", "district", 5, DISTRICT_FIELDS),
    Agency("H52.22", "district", 4, DISTRICT_FIELDS),
    Agency("H52.23", "district", 4, DISTRICT_FIELDS),
    Agency("H52.24", "district", 3, DISTRICT_FIELDS),
    Agency("H52.21.01", "commune", 5, COMMUNE_FIELDS),
    Agency("H52.21.02", "commune", 4, COMMUNE_FIELDS),
    Agency("H52.22.01", "commune", 4, COMMUNE_FIELDS),
    Agency("H52.22.07", "commune", 3, COMMUNE_FIELDS),
    Agency("H52.23.04", "commune", 3, COMMUNE_FIELDS),
    Agency("H52.24.11", "commune", 2, COMMUNE_FIELDS),
)

PROCEDURES: Final[dict[str, tuple[Procedure, ...]]] = {
    "Lý lịch tư pháp": (
        Procedure("Cấp phiếu lý lịch tư pháp số 1", 10, "calendar_days", 4),
        Procedure("Cấp phiếu lý lịch tư pháp số 2", 10, "calendar_days", 1),
    ),
    "Doanh nghiệp": (
        Procedure("Đăng ký thành lập công ty", 3, "working_days", 3),
        Procedure("Đăng ký thay đổi nội dung đăng ký doanh nghiệp", 3, "working_days", 5),
        Procedure("Thông báo tạm ngừng kinh doanh", 3, "working_days", 1),
    ),
    "Đầu tư": (Procedure("Điều chỉnh dự án đầu tư", 15, "working_days", 1),),
    "Đất đai": (
        Procedure("Đăng ký biến động quyền sử dụng đất", 10, "working_days", 5),
        Procedure("Đăng ký thế chấp quyền sử dụng đất", 1, "working_days", 3),
        Procedure("Cấp giấy chứng nhận quyền sử dụng đất lần đầu", 30, "working_days", 2),
    ),
    "Môi trường": (Procedure("Cấp giấy phép môi trường", 30, "calendar_days", 1),),
    "Đường bộ": (
        Procedure("Đổi giấy phép lái xe", 5, "working_days", 8),
        Procedure("Cấp phù hiệu xe", 2, "working_days", 3),
    ),
    "Dược": (Procedure("Cấp chứng chỉ hành nghề dược", 20, "calendar_days", 1),),
    "Khám bệnh, chữa bệnh": (Procedure("Cấp giấy phép hoạt động", 30, "calendar_days", 1),),
    "Việc làm": (Procedure("Cấp giấy phép lao động", 5, "working_days", 1),),
    "Người có công": (Procedure("Giải quyết chế độ mai táng phí", 12, "working_days", 1),),
    "Xây dựng": (
        Procedure("Cấp giấy phép xây dựng", 20, "calendar_days", 2),
        Procedure("Cấp chứng chỉ năng lực hoạt động xây dựng", 20, "working_days", 1),
    ),
    "Xúc tiến thương mại": (
        Procedure("Thông báo hoạt động khuyến mại", 1, "working_days", 2),
        Procedure("Đăng ký tổ chức hội chợ", 7, "working_days", 1),
    ),
    "Bảo vệ thực vật": (
        Procedure("Cấp giấy chứng nhận buôn bán thuốc bảo vệ thực vật", 14, "working_days", 1),
    ),
    "Văn hóa": (Procedure("Cấp giấy phép tổ chức biểu diễn", 7, "working_days", 1),),
    "Hộ tịch": (
        Procedure("Đăng ký khai sinh", 1, "working_days", 4),
        Procedure("Xác nhận tình trạng hôn nhân", 3, "working_days", 3),
        Procedure("Cải chính hộ tịch", 6, "working_days", 1),
    ),
    "Chứng thực": (Procedure("Chứng thực bản sao từ bản chính", 0, "working_days", 1),),
    "Hộ kinh doanh": (Procedure("Đăng ký hộ kinh doanh", 3, "working_days", 1),),
    "Bảo trợ xã hội": (Procedure("Trợ cấp xã hội hằng tháng", 22, "working_days", 1),),
}


def _desk(agency: Agency, field: str, procedure: Procedure) -> Desk:
    """A desk. Its share is the agency's, split evenly over fields, then by procedure."""
    facts: dict[str, Any] = {
        "agency": agency.code,
        "field": field,
        "procedure": procedure.name,
        "level": agency.level,
        "allowance": {"value": procedure.days, "unit": procedure.unit},
    }
    if procedure.days == 0:
        facts["on_the_spot"] = True
    all_weights = sum(other.weight for other in PROCEDURES[field])
    weight = agency.weight * procedure.weight / (all_weights * len(agency.fields))
    return Desk(agency.level, procedure.days, UNITS.index(procedure.unit), weight, facts)


DESKS: Final = tuple(
    _desk(agency, field, procedure)
    for agency in AGENCIES
    for field in agency.fields
    for procedure in PROCEDURES[field]
)
