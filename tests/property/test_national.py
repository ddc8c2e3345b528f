"""In whatever order, and however often, true records of a life come: the life is the same.

A true life is told by sync records, one as it stood after each event, and by progress records, one
for each change of status. They come shuffled and repeated, in one delivery or in several.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from hoso.consumers.intake import national
from hoso.consumers.store.log import KeptRecord
from hoso.domain.events import Event
from tests.engine import LOCAL, Json, examples, ledger_of
from tests.told import FACTS, received, said

FIRST = datetime(2023, 2, 1, 8, 30, tzinfo=LOCAL)
LOADED = datetime(2025, 1, 1, tzinfo=UTC)
STATUS = {
    "received": "2",
    "supplement_requested": "5",
    "supplemented": "4",
    "resumed": "4",
    "returned": "3",
    "cancelled": "7",
    "resolved": "9",
}
PAUSED = {"financial_obligation": "6", "other": "8"}
ENDS: dict[str, Json] = {
    "returned": {"reason": "not_accepted"},
    "cancelled": {"reason": "withdrawn"},
    "resolved": {"outcome": "granted"},
}
DATE_OF_END = {"returned": "NgayTuChoi", "cancelled": "NgayKetThucXuLy"}
NEXT = {
    "received": ("supplement_requested", "paused"),
    "supplement_requested": ("supplemented",),
    "paused": ("resumed", "supplement_requested"),
}


def kind_of(event: Json) -> str:
    kind: str = event["type"].split(".")[1]
    return kind


def status_of(event: Json) -> str:
    kind = kind_of(event)
    return PAUSED[event["data"]["reason"]] if kind == "paused" else STATUS[kind]


def life_of(random: Random, code: str, *, appointments: bool) -> list[Json]:
    """The events of a life that records can tell; in some, all times are days at no known hour.
    ``appointments``: the end of a pause may have a new due day."""
    first, hours = random.choice(((FIRST, 1), (FIRST, 1), (FIRST.replace(hour=0, minute=0), 24)))
    time, due = first + timedelta(hours=hours * random.randint(0, 20)), date(2023, 3, 10)
    life = [received(time.isoformat(), code=code, due=str(due))]
    phase = "received"
    for _ in range(random.randint(0, 6)):
        time += timedelta(hours=hours * random.choice((1, 2, 5, 10, 30)))
        due += timedelta(days=random.randint(1, 8))
        kind = random.choice(NEXT[phase])
        data: Json = {}
        if kind == "paused":
            data = {"reason": random.choice([*PAUSED])}
        if kind == "supplemented" or (kind == "resumed" and appointments):
            data = {"due": str(due)}
        life.append(said(kind, time.isoformat(), code=code, **data))
        phase = kind if kind in NEXT else "received"
    end = random.choice((None, *ENDS))
    if end is not None:
        time += timedelta(hours=hours * random.randint(1, 20))
        life.append(said(end, time.isoformat(), code=code, **ENDS[end]))
    return life


def digits(time: str) -> str:
    return f"{datetime.fromisoformat(time):%Y%m%d%H%M%S}"


def snapshots(life: Sequence[Json], *, dated: bool) -> Iterator[Json]:
    """A sync record after each event, and one of the hand-over; ``dated``: its list of supplements
    has dates."""
    fields: Json = {
        "MaHoSo": life[0]["subject"],
        "DonViXuLy": FACTS["agency"],
        "MaLinhVuc": FACTS["field"],
        "MaTTHC": FACTS["procedure"],
        "KenhThucHien": "2",
        "NgayTiepNhan": digits(life[0]["time"]),
        "DanhSachHoSoBoSung": [],
    }
    for event in life:
        kind, data, time = kind_of(event), event.get("data", {}), digits(event["time"])
        fields = {**fields, "TrangThaiHoSo": status_of(event)}
        listed: list[Json] = list(fields["DanhSachHoSoBoSung"])
        if kind == "supplement_requested":
            listed.append({"NgayHenTraTruoc": fields["NgayHenTra"]})
            listed[-1] |= {"NgayBoSung": time} if dated else {}
        if "due" in data:
            fields["NgayHenTra"] = digits(data["due"])
        if kind == "supplemented":
            new = {"NgayHenTraMoi": fields["NgayHenTra"]}
            listed[-1] = listed[-1] | new | ({"NgayTiepNhanBoSung": time} if dated else {})
        if kind in ENDS:
            fields[DATE_OF_END.get(kind, "NgayKetThucXuLy")] = time
        fields["DanhSachHoSoBoSung"] = listed
        yield fields
        if kind == "resolved":
            yield fields | {
                "TrangThaiHoSo": "10",
                "NgayTra": "20241201000000",
            }


def progress(life: Sequence[Json]) -> Iterator[Json]:
    """A progress record for each change of status, and one of the hand-over."""
    code = life[0]["subject"]
    for event in life:
        yield {
            "MaHoSo": code,
            "TrangThai": status_of(event),
            "ThoiDiemXuLy": digits(event["time"]),
        }
        if kind_of(event) == "resolved":
            yield {"MaHoSo": code, "TrangThai": "10", "ThoiDiemXuLy": "20241201000000"}


def told(deliveries: Sequence[tuple[datetime, Sequence[Json]]], code: str) -> list[Json]:
    """The events of a dossier after deliveries of records."""
    known, kept = list[Event](), list[KeptRecord]()
    for came, records in deliveries:
        read = [
            national.read_record(json.dumps(each).encode(), each, LOCAL, came) for each in records
        ]
        new, observed = national.additions(code, known, kept, read, came, LOCAL)
        known += [event.model_copy(update={"recordedtime": came}) for event in new]
        kept += observed
    return [json.loads(event.model_dump_json(exclude_none=True)) for event in known]


def shuffled(
    random: Random, records: Sequence[Json], hours: int
) -> list[tuple[datetime, list[Json]]]:
    """Records in any order, some of them again, in deliveries that are so many hours apart."""
    order = [*records, *random.choices(records, k=random.randint(0, 3))]
    random.shuffle(order)
    size = random.randint(1, len(order))
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    return [(LOADED + n * timedelta(hours=hours), part) for n, part in enumerate(parts)]


def moves(events: Sequence[Json]) -> tuple[list[tuple[str, int, int]], int]:
    """Each move of a dossier, with its day and the account that it leads to; and how many events
    are in suspense."""
    ledger = ledger_of(events)
    journal, codes = ledger.folded.journal, ledger.log["dossier"].combine_chunks().dictionary
    names = codes.take(pa.array(journal.dossier)).to_pylist()
    lines = zip(names, journal.day.tolist(), journal.into.tolist(), strict=True)
    return sorted(lines), len(ledger.folded.suspense.row)


@pytest.mark.parametrize(
    ("hours", "appointments"),
    [
        pytest.param(0, True, id="together"),
        pytest.param(200, False, id="over months"),
    ],
)
@for_all(st.integers(0, 2**32))
@examples(60)
def test_the_order_of_arrival_does_not_matter(hours: int, appointments: bool, seed: int) -> None:
    random = Random(seed)
    lived, ours = list[Json](), list[Json]()
    for number in range(20):
        life = life_of(random, f"D{number}", appointments=appointments)
        records = [*snapshots(life, dated=random.random() < 0.5), *progress(life)]
        ours += told(shuffled(random, records, hours), f"D{number}")
        lived += life
    assert moves(ours) == moves(lived)
