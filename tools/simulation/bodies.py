"""The registry of agencies and the catalogue of procedures of the made-up province.

They are written as the files that people give beside the events. The names are like those of a real
province.
"""

from collections.abc import Iterator
from typing import Final

from hoso.tools.simulation.province import AGENCIES, CODE_PREFIX, PROCEDURES
from hoso.tools.simulation.quality import FREE_FIELDS

TOP: Final = CODE_PREFIX.rpartition(".")[2]  # H52
NAMES: Final = {
    TOP: "UBND tỉnh",
    "H52.01": "Sở Tư pháp",
    "H52.02": "Sở Kế hoạch và Đầu tư",
    "H52.03": "Sở Tài nguyên và Môi trường",
    "H52.04": "Sở Giao thông vận tải",
    "H52.05": "Sở Y tế",
    "H52.06": "Sở Lao động, Thương binh và Xã hội",
    "H52.07": "Sở Xây dựng",
    "H52.08": "Sở Công Thương",
    "H52.09": "Sở Nông nghiệp và Phát triển nông thôn",
    "H52.10": "Sở Văn hóa, Thể thao và Du lịch",
    "H52.21": "UBND thành phố Bình Minh",
    "H52.22": "UBND huyện Sông Thao",
    "H52.23": "UBND huyện Đồng Lĩnh",
    "H52.24": "UBND huyện Nà Khoang",
    "H52.21.01": "UBND phường Tân Lập",
    "H52.21.02": "UBND phường Quang Trung",
    "H52.22.01": "UBND thị trấn Sông Thao",
    "H52.22.07": "UBND xã Phú Lương",
    "H52.23.04": "UBND xã Yên Đồng",
    "H52.24.11": "UBND xã Nà Hin",
}
IN_PERSON_FIELDS: Final = ("Chứng thực",)  # they are not offered online


def registry() -> Iterator[dict[str, str]]:
    """The rows of the registry: departments and districts are under the province, communes under
    their district."""
    yield {"code": TOP, "name": NAMES[TOP], "level": "province", "parent": ""}
    for code, level, *_ in AGENCIES:
        parent = code.rpartition(".")[0]
        yield {"code": code, "name": NAMES[code], "level": level, "parent": parent}


def catalogue() -> Iterator[dict[str, str]]:
    """The rows of the catalogue of procedures."""
    for code, _, _, fields in AGENCIES:
        for field in fields:
            facts = {
                "online": "0" if field in IN_PERSON_FIELDS else "1",
                "payable": "" if field in FREE_FIELDS else "1",
                "agency": code,
            }
            yield from ({"procedure": each.name, **facts} for each in PROCEDURES[field])
