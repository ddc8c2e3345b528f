"""Warns of what is valid in a log but seldom right: each kind with a count and some examples.

- **due_before_received**: a reception whose due day is before it;
- **name_variants**: names of agencies, fields or procedures that differ in case, marks or
  punctuation only;
- **district_after_2025**: a reception at a district after 30/06/2025, when districts had ended;
- **long_open**: a dossier that has been open for ten times as long as half of the closed ones took,
  and for half a year at least.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.alphabet import without_marks
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.projections.documents.model import Bilingual
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.log.lives import local_days
from hoso.projections.log.schema import integers, places

EXAMPLES: Final = 5
NAMED: Final = ("agency", "field", "procedure", "received_at")
LAST_DAY_OF_DISTRICTS: Final = day_number(date(2025, 6, 30))
TIMES_AS_LONG: Final = 10
LONG_DAYS: Final = 183
NO_LETTERS: Final = re.compile(r"[\W_]+")
TEXTS: Final = {
    "due_before_received": Bilingual(
        "Hạn trả trước ngày tiếp nhận", "Due before the day of reception"
    ),
    "name_variants": Bilingual(
        "Một tên viết nhiều cách (hoa thường, dấu, dấu câu)",
        "One name in several spellings (case, marks, punctuation)",
    ),
    "district_after_2025": Bilingual(
        "Cấp huyện tiếp nhận sau ngày 30/06/2025", "Received at a district after 30/06/2025"
    ),
    "long_open": Bilingual(
        "Hồ sơ chưa xong lâu hơn hẳn các hồ sơ khác", "Dossiers open far longer than others take"
    ),
}


class Concern(NamedTuple):
    """What is warned of, how many there are, and the first examples."""

    name: str
    number: int
    examples: list[str]


def warnings(log: pa.Table, office: Office) -> list[Concern]:
    """What to warn of in a log (``log.schema.SCHEMA``); without what is not found."""
    every = [
        *_receptions(log, office),
        _warning("name_variants", [" = ".join(group) for group in _variants(log)]),
        _warning("long_open", _long_open(log, office)),
    ]
    return sorted((one for one in every if one.number), key=lambda one: [*TEXTS].index(one.name))


def as_json(found: Sequence[Concern]) -> list[dict[str, Any]]:
    """The warnings as JSON."""
    return [{"name": one.name, "count": one.number, "examples": one.examples} for one in found]


def _warning(name: str, found: Sequence[str]) -> Concern:
    return Concern(name, len(found), [*found[:EXAMPLES]])


def _receptions(log: pa.Table, office: Office) -> Iterator[Concern]:
    is_reception = places(log["type"], kinds.KINDS) == kinds.RECEIVED
    day = local_days(integers(log["occurred"]), office.zone)
    due = integers(log["due"], LAST_DAY_OF_DISTRICTS * 10)
    at_district = places(log["level"], ("district",)) == 0
    late = is_reception & (due < day)
    gone = is_reception & at_district & (day > LAST_DAY_OF_DISTRICTS)
    for name, found in (("due_before_received", late), ("district_after_2025", gone)):
        yield _warning(name, log["dossier"].take(pa.array(np.flatnonzero(found))).to_pylist())


def _variants(log: pa.Table) -> list[list[str]]:
    """Names of one column that are one name but for case, marks, blanks and punctuation."""
    groups = []
    for column in NAMED:
        alike = defaultdict(list)
        for name in log[column].unique().drop_null().to_pylist():
            alike[_bare(name)].append(name)
        groups += [sorted(names) for names in alike.values() if len(names) > 1]
    return groups


def _bare(name: str) -> str:
    """The letters and digits of a name, in lower case and without marks."""
    return NO_LETTERS.sub("", without_marks(name.casefold()))


def _long_open(log: pa.Table, office: Office) -> list[str]:
    """The dossiers that have been open for far longer than the closed ones took, oldest first."""
    if office.asked_on is None or not len(log):
        return []
    today = day_number(office.asked_on)
    register = register_of_log(log, office, Moment(None, today))
    received, closed = (integers(register[name]) for name in ("received", "closed"))
    is_open = register["closed"].is_null().to_numpy()
    took = closed[~is_open] - received[~is_open]
    usual = float(np.median(took)) if len(took) else 0.0
    age = np.where(is_open, today - received, 0)
    rows = np.flatnonzero(age > max(LONG_DAYS, TIMES_AS_LONG * usual))
    rows = rows[np.argsort(-age[rows], kind="stable")]
    dossiers: list[str] = register["dossier"].take(pa.array(rows)).to_pylist()
    return dossiers
