"""The document of the law: the provisions in force on a day, or what differs between two editions.

An edition is the law as it was known on a day. Contract, section 8.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from hoso.domain.policy import Policy
from hoso.domain.provisions import IN_FORCE, Provision
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Data,
    Day,
    Document,
    Records,
    Row,
    Table,
    Words,
    in_numbers,
)

Json = dict[str, Any]

TITLE: Final = Bilingual("Quy định đang áp dụng", "Provisions of the law")
BETWEEN_DAYS: Final = Bilingual("Quy định thay đổi giữa hai ngày", "What changed between two days")
CHANGES: Final = Bilingual("Thay đổi giữa hai phiên bản", "What changed between two editions")
FIELDS: Final = Provision._fields
COLUMNS: Final = (
    Column("parameter", (Bilingual("Tham số", "Parameter"),), "text", width=24),
    Column("value", (Bilingual("Giá trị", "Value"),), "text", width=12),
    Column("first", (Bilingual("Từ ngày", "In force from"),), "text", width=12),
    Column("last", (Bilingual("Đến ngày", "until"),), "text", width=12),
    Column("published", (Bilingual("Công bố", "Published"),), "text", width=12),
    Column("source", (Bilingual("Căn cứ", "Source"),), "text", width=44),
    Column("certainty", (Bilingual("Độ tin cậy", "Certainty"),), "text", width=12),
)
CHANGE: Final = Column("change", (Bilingual("Thay đổi", "Change"),), "text", width=10)
ADDED: Final = Bilingual("thêm", "added")
REMOVED: Final = Bilingual("bỏ", "removed")

CERTAINTY: Final[dict[str, str]] = {
    "text read": "đã đọc văn bản",
    "second-hand": "theo nguồn khác",
    "inferred": "suy ra",
}
IN_VIETNAMESE: Final = (  # the English words of a source
    (r"\barts?\.? (?=\d)", "Điều "),
    (r"\bDecision (\S+) of (\d+)", r"Quyết định \1 năm \2"),
    (r"\bDecision\b", "Quyết định"),
    (r"\bLabour Code\b", "Bộ luật Lao động"),
    (r"; before it\b", "; trước đó"),
    (r"\bforms?\b", "biểu"),
    (r"\bsection\b", "mục"),
    (r"\bpinned\b", "ấn định"),
)


def cited(source: str) -> Bilingual:
    """A source as each language names it: ``Điều 19.5`` is ``art. 19.5``."""
    vietnamese = source
    for english, words in IN_VIETNAMESE:
        vietnamese = re.sub(english, words, vietnamese)
    return Bilingual(vietnamese, source)


def regime_in_words(name: str) -> Bilingual:
    """A regime as people read it: the law in force on each day in words, others by their names."""
    if name == IN_FORCE:
        return Bilingual("có hiệu lực từng ngày", "in force on each day")
    return Bilingual(name, name)


def document(policy: Policy, on: date | None) -> Document:
    """The provisions of a policy that are in force on a day (None: all of them)."""
    used = [each for each in policy.in_use() if on is None or each.is_in_force(on)]
    data: Json = {
        "law": policy.as_json(),
        "on": None if on is None else on.isoformat(),
        "provisions": [_json(each) for each in used],
    }
    table = Table("law", TITLE, COLUMNS, tuple(_rows(used)))
    about = (*_about(policy), *_on(on))
    records = Records(FIELDS, [_record(each) for each in used])
    return Document("law", TITLE, None, about, (table,), data=Data(data, records))


def difference(before: Policy, after: Policy, on: date | None) -> Document:
    """What differs between the provisions of two policies that are in force on a day (None: on any
    day)."""
    return _difference((before, on), (after, on))


def change(policy: Policy, before: date, after: date) -> Document:
    """What differs between the provisions of a policy that are in force on two days."""
    return _difference((policy, before), (policy, after), BETWEEN_DAYS)


Side = tuple[Policy, date | None]  # the provisions of a policy in force on a day


def _difference(one: Side, other: Side, title: Bilingual = CHANGES) -> Document:
    (before, from_on), (after, on) = one, other
    old, new = (
        [each for each in policy.in_use() if day is None or each.is_in_force(day)]
        for policy, day in (one, other)
    )
    removed = [each for each in old if each not in new]
    added = [each for each in new if each not in old]
    data: Json = {
        "from": before.as_json(),
        "to": after.as_json(),
        "on": None if on is None else on.isoformat(),
        **({} if from_on == on or from_on is None else {"against_on": from_on.isoformat()}),
        "removed": [_json(each) for each in removed],
        "added": [_json(each) for each in added],
    }
    rows = [*_rows(removed, REMOVED), *_rows(added, ADDED)]
    rows.sort(key=lambda row: row.key)
    bases = ((*_about(before), *_on(from_on)), (*_about(after), *_on(on)))
    about = tuple(dict.fromkeys((*bases[0], *bases[1])))
    changes = [("removed", each) for each in removed] + [("added", each) for each in added]
    records = Records(
        ("change", *FIELDS), [[change, *_record(each)] for change, each in sorted(changes, key=str)]
    )
    table = Table("law", title, (CHANGE, *COLUMNS), tuple(rows))
    return Document("law", title, None, about, (table,), data=Data(data, records))


def _about(policy: Policy) -> Iterator[About]:
    law = policy.as_json()
    yield About(Bilingual("Quy định", "Law"), regime_in_words(law["regime"]))
    yield About(Bilingual("Phiên bản", "Edition"), law["edition"])
    if law["as_of"] is not None:
        known = in_numbers(date.fromisoformat(law["as_of"]))
        yield About(Bilingual("Đã công bố đến", "Published by"), known)
    if law["pinned"]:
        pinned = ", ".join(f"{name} {value}" for name, value in law["pinned"].items())
        yield About(Bilingual("Ấn định", "Pinned"), pinned)


def _on(on: date | None) -> Iterator[About]:
    if on is not None:
        yield About(Bilingual("Ngày", "In force on"), in_numbers(on))


def _json(provision: Provision) -> Json:
    return dict(zip(FIELDS, _record(provision), strict=True))


def _record(provision: Provision) -> list[str | int | None]:
    return [each.isoformat() if isinstance(each, date) else each for each in provision]


def _rows(provisions: Sequence[Provision], change: Bilingual | None = None) -> Iterator[Row]:
    for each in provisions:
        cells: dict[str, Cell] = {
            "parameter": Words(each.parameter),
            "value": Words(NO_DATA if each.value is None else str(each.value)),
            "first": Day(each.first),
            "last": Day(each.last),
            "published": Day(each.published),
            "source": Words(cited(each.source)),
            "certainty": Words(Bilingual(CERTAINTY[each.certainty], each.certainty)),
        }
        if change is not None:
            cells["change"] = Words(change)
        began = each.first or date.min
        yield Row(f"{each.parameter} {began} {change.en if change else ''}", cells)
