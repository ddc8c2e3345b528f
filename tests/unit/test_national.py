"""Which events do the national portal's records tell? Given snapshots, then events.

Lives told in snapshots come to the same figures as those told in events; and what is sent again
adds nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn

from hoso.consumers.intake import national, validate
from hoso.consumers.intake.national.records import NO_DEFAULTS, Defaults
from hoso.consumers.intake.validate import Rejected
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import KeptRecord
from hoso.domain import events
from hoso.domain.dossier import life_of
from hoso.domain.events import Event
from tests.engine import LOCAL, Json, accounts_on, day_of, examples, ledger_of, stated
from tests.told import FACTS, received, resolved, said

CODE = "000.00.00.H52-230301-0001"
NAME = "Nguyễn Văn A"
NOW = datetime(2023, 4, 1, 5, tzinfo=UTC)
START = datetime(2023, 3, 1, 8, tzinfo=LOCAL)
WINDOW = (date(2023, 2, 15), date(2023, 3, 14))
RECEIVED_AS = {
    "MaTTHC": "1.004227",
    "MaLinhVuc": "dat_dai",
    "DonViXuLy": "so_tnmt",
    "KenhThucHien": "2",
    "NgayTiepNhan": "20230301080000",
    "NgayHenTra": "20230308170000",
}


class Sent(NamedTuple):
    """A record, and when it came."""

    fields: Json
    came: datetime


def instant(when: str) -> datetime:
    """A plain date stands for eight in the morning."""
    return datetime.fromisoformat(when if "T" in when else f"{when}T08:00:00").replace(tzinfo=LOCAL)


def digits(when: str) -> str:
    """A local time as the portal writes it."""
    return f"{instant(when):%Y%m%d%H%M%S}"


def sync(status: Any, came: str = "2023-03-30", **changes: Any) -> Sent:
    """A snapshot of a dossier received on 1 March 2023, due on the 8th; fields that are changed to
    ``...`` are left out."""
    fields = {"MaHoSo": CODE, "TrangThaiHoSo": status, **RECEIVED_AS, **changes}
    return Sent({name: v for name, v in fields.items() if v is not ...}, instant(came))


def progress(status: Any, when: str, came: str | None = None) -> Sent:
    """A status reached, told at once unless it came later."""
    fields = {"MaHoSo": CODE, "TrangThai": status, "ThoiDiemXuLy": digits(when)}
    return Sent(fields, instant(came or when))


def supplement(before: str = "", after: str = "", asked: str = "", brought: str = "") -> Json:
    """One of DanhSachHoSoBoSung, days written 2023-03-08."""
    dates = {
        "NgayBoSung": asked,
        "NgayTiepNhanBoSung": brought,
        "NgayHenTraTruoc": before,
        "NgayHenTraMoi": after,
    }
    return {name: when and digits(when) for name, when in dates.items()}


def read(sent: Sent) -> national.Record:
    raw = json.dumps(sent.fields).encode()
    return national.read_record(raw, sent.fields, LOCAL, sent.came.astimezone(UTC))


def records_of(message: str, defaults: Defaults = NO_DEFAULTS) -> list[national.Record]:
    """The records that a message holds."""
    return [
        national.read_record(raw, fields, LOCAL, NOW, defaults)
        for _, raw, fields in national.split_message(message.encode())
    ]


class Kept(NamedTuple):
    """What a store has of a dossier: its events, and what records said of it."""

    events: list[Event]
    kept_records: list[KeptRecord]

    def tell(self, *records: Sent) -> list[Event]:
        """Add records that come together; returns the events that they add."""
        now = records[0].came.astimezone(UTC)
        said = [read(sent) for sent in records]
        new, observed = national.additions(CODE, *self, said, now, LOCAL)
        self.events.extend(event.model_copy(update={"recordedtime": now}) for event in new)
        self.kept_records.extend(observed)
        return new


def told(*records: Sent) -> Kept:
    """What is kept of records that came one after the other."""
    kept = Kept([], [])
    for sent in records:
        kept.tell(sent)
    return kept


def given(*records: Sent) -> list[Event]:
    """The events of records that came one after the other."""
    return told(*records).events


def line(event: Event) -> str:
    """An event on one line: its day, its kind, and what is said of it."""
    day = event.time.astimezone(LOCAL).date()
    kind = event.type.split(".")[1]
    due, reason = getattr(event.data, "due", None), getattr(event.data, "reason", None)
    if isinstance(event, events.Annulled):
        return f"{day} annulled: {event.data.event_id.split()[1]}"
    return f"{day} {kind}{f' due {due}' if due else ''}{f': {reason}' if reason else ''}"


RECEPTION = "2023-03-01 received due 2023-03-08"


@pytest.mark.parametrize(
    ("records", "lines"),
    [
        pytest.param([sync("1")], [], id="newly registered"),
        pytest.param([sync("3"), progress("3", "2023-03-02")], [], id="never accepted"),
        pytest.param([sync("5", NgayTiepNhan="")], [], id="not received yet"),
        pytest.param([sync("1"), sync("2"), sync("4")], [RECEPTION], id="received, in process"),
        pytest.param(
            [sync("2"), sync("3", "2023-03-05")],
            [RECEPTION, "2023-03-05 returned: not_accepted"],
            id="not accepted after all",
        ),
        pytest.param(
            [sync("2"), sync("5", "2023-03-03"), sync("5", "2023-03-04"), sync("4", "2023-03-06")],
            [RECEPTION, "2023-03-03 supplement_requested", "2023-03-06 supplemented"],
            id="a supplement",
        ),
        pytest.param(
            [
                sync("5", "2023-03-03", DanhSachHoSoBoSung=[supplement("2023-03-08")]),
                sync(
                    "4",
                    "2023-03-06",
                    NgayHenTra=digits("2023-03-15"),
                    DanhSachHoSoBoSung=[supplement("2023-03-08", "2023-03-15")],
                ),
            ],
            [
                RECEPTION,
                "2023-03-03 supplement_requested",
                "2023-03-06 supplemented due 2023-03-15",
            ],
            id="a supplement with its new appointment",
        ),
        pytest.param(
            [
                sync(
                    "4",
                    NgayHenTra=digits("2023-03-15"),
                    DanhSachHoSoBoSung=[
                        supplement("2023-03-08", "2023-03-15", "2023-03-03", "2023-03-06")
                    ],
                )
            ],
            [
                RECEPTION,
                "2023-03-03 supplement_requested",
                "2023-03-06 supplemented due 2023-03-15",
            ],
            id="a supplement with its dates, first seen when it was over",
        ),
        pytest.param(
            [
                sync(
                    "9",
                    NgayHenTra=digits("2023-03-15"),
                    NgayKetThucXuLy=digits("2023-03-14"),
                    DanhSachHoSoBoSung=[supplement("2023-03-08", "2023-03-15")],
                )
            ],
            [
                RECEPTION,
                "2023-03-01 supplement_requested",
                "2023-03-01 supplemented due 2023-03-15",
                "2023-03-14 resolved",
            ],
            id="a supplement without dates, first seen when all was over",
        ),
        pytest.param(
            [
                sync("4"),
                sync("5", "2023-03-03", DanhSachHoSoBoSung=[supplement("2023-03-08")]),
                sync("4", "2023-03-06"),
            ],
            [RECEPTION, "2023-03-03 supplement_requested"],
            id="an old snapshot does not know of the supplement",
        ),
        pytest.param(
            [sync("2"), progress("5", "2023-03-03"), sync("2", "2023-03-06")],
            [RECEPTION, "2023-03-03 supplement_requested"],
            id="an old snapshot does not end what has a date",
        ),
        pytest.param(
            [sync("2"), sync("6", "2023-03-03"), sync("4", "2023-03-06")],
            [RECEPTION, "2023-03-03 paused: financial_obligation", "2023-03-06 resumed"],
            id="a fee to pay",
        ),
        pytest.param(
            [sync("5", "2023-03-03"), sync("6", "2023-03-06")],
            [
                RECEPTION,
                "2023-03-03 supplement_requested",
                "2023-03-06 supplemented",
                "2023-03-06 paused: financial_obligation",
            ],
            id="a supplement, then a fee",
        ),
        pytest.param(
            [sync("2"), sync("4", "2023-03-07", NgayHenTra=digits("2023-03-10"))],
            [RECEPTION, "2023-03-07 rescheduled due 2023-03-10"],
            id="another appointment that no supplement explains",
        ),
        pytest.param(
            [sync("2"), sync("4", NgayHenTra="20230308093000")],
            [RECEPTION],
            id="another hour of the same day is no other appointment",
        ),
        pytest.param(
            [sync("7", "2023-03-05")],
            [RECEPTION, "2023-03-05 cancelled: withdrawn"],
            id="withdrawn",
        ),
        pytest.param(
            [sync("8", NgayKetThucXuLy=digits("2023-03-04"))],
            [RECEPTION, "2023-03-04 paused: other"],
            id="stopped, with its date",
        ),
        pytest.param(
            [
                sync("9", NgayKetThucXuLy=digits("2023-03-07")),
                sync("10", NgayKetThucXuLy=digits("2023-03-07"), NgayTra=digits("2023-03-09")),
                progress("10", "2023-03-09"),
            ],
            [RECEPTION, "2023-03-07 resolved"],
            id="completion stops the clock, hand-over does not",
        ),
        pytest.param(
            [sync("10", NgayTra=digits("2023-03-09"))],
            [RECEPTION, "2023-03-09 resolved"],
            id="hand-over where no completion is known",
        ),
        pytest.param(
            [
                sync("10", NgayTra=digits("2023-03-09")),
                sync("10", NgayKetThucXuLy=digits("2023-03-07"), NgayTra=digits("2023-03-09")),
            ],
            [
                RECEPTION,
                "2023-03-09 resolved",
                "2023-03-30 annulled: resolved",
                "2023-03-07 resolved",
            ],
            id="completion told after the hand-over",
        ),
        pytest.param(
            [sync("2"), progress("9", "2023-03-07"), progress("10", "2023-03-09")],
            [RECEPTION, "2023-03-07 resolved"],
            id="progress to the end",
        ),
        pytest.param(
            [
                sync("2"),
                progress("9", "2023-03-07"),
                progress("4", "2023-03-08"),
                progress("9", "2023-03-10"),
            ],
            [
                RECEPTION,
                "2023-03-07 resolved",
                "2023-03-07 annulled: resolved",
                "2023-03-10 resolved",
            ],
            id="completed by mistake",
        ),
        pytest.param(
            [sync("2"), sync("8", "2023-03-03"), sync("9", NgayKetThucXuLy=digits("2023-03-07"))],
            [
                RECEPTION,
                "2023-03-03 paused: other",
                "2023-03-07 resolved",
            ],
            id="stopped, and completed nonetheless",
        ),
        pytest.param(
            [sync("4"), sync("9", NgayKetThucXuLy=digits("2023-03-07")), sync("4")],
            [RECEPTION, "2023-03-07 resolved"],
            id="what has no date takes nothing back: it may be an old record sent again",
        ),
        pytest.param(
            [sync("2"), progress("9", "2023-03-10"), progress("5", "2023-03-03", "2023-03-12")],
            [RECEPTION, "2023-03-10 resolved", "2023-03-03 supplement_requested"],
            id="late progress falls into its place",
        ),
        pytest.param(
            [sync("2"), sync("5", "2023-03-06"), progress("5", "2023-03-03", "2023-03-07")],
            [
                RECEPTION,
                "2023-03-06 supplement_requested",
                "2023-03-06 annulled: supplement_requested",
                "2023-03-03 supplement_requested",
            ],
            id="the date of a change, told after the change",
        ),
        pytest.param(
            [
                sync("5", "2023-03-03"),
                sync("4", "2023-03-07", NgayHenTra=digits("2023-03-15")),
                progress("4", "2023-03-06", "2023-03-08"),
            ],
            [
                RECEPTION,
                "2023-03-03 supplement_requested",
                "2023-03-07 supplemented due 2023-03-15",
                "2023-03-07 annulled: supplemented",
                "2023-03-06 supplemented due 2023-03-15",
            ],
            id="the date of a change, which keeps its appointment",
        ),
        pytest.param(
            [sync("5", "2023-03-03T09:00:00"), progress("5", "2023-03-03", "2023-03-04")],
            [
                RECEPTION,
                "2023-03-03 supplement_requested",
                "2023-03-03 annulled: supplement_requested",
                "2023-03-03 supplement_requested",
            ],
            id="the same change by both services",
        ),
        pytest.param(
            [progress("2", "2023-03-02"), progress("5", "2023-03-03"), progress("4", "2023-03-06")],
            ["2023-03-03 supplement_requested", "2023-03-06 supplemented"],
            id="progress of a dossier never synced",
        ),
    ],
)
def test_snapshots_become_events_by_what_changed(records: list[Sent], lines: list[str]) -> None:
    assert [line(event) for event in given(*records)] == lines


def test_a_reception_reads_like_this() -> None:
    (event,) = given(sync("2", KenhThucHien=3, TenNguoiNop=NAME))
    assert json.loads(event.model_dump_json(exclude_none=True, exclude={"recordedtime"})) == {
        "specversion": "1.0",
        "id": f"{CODE} received 2023-03-01T01:00:00+00:00",
        "source": "/national-portal",
        "type": "dossier.received.v1",
        "subject": CODE,
        "time": "2023-03-01T01:00:00Z",
        "data": {**FACTS, "channel": "post", "due": "2023-03-08"},
    }


@pytest.mark.parametrize(
    ("number", "channel"), [("1", "in_person"), ("2", "online"), ("3", "post")]
)
def test_channels(number: str, channel: str) -> None:
    (event,) = given(sync("2", KenhThucHien=number))
    assert event.data.model_dump()["channel"] == channel


def test_what_another_source_told_is_not_told_again_nor_taken_back() -> None:
    known = parsed([received("2023-03-01", 5, code=CODE), resolved("2023-03-07", code=CODE)])
    kept = Kept(known, [])
    assert kept.tell(sync("2")) == []
    assert kept.tell(progress("9", "2023-03-08")) == []
    assert kept.tell(progress("4", "2023-03-09")) == []


def test_events_of_an_older_version_stay_and_are_not_told_again() -> None:
    before = parsed(
        [
            received("2023-03-01", 5, code=CODE),
            said("paused", "2023-03-02", code=CODE, reason="other"),
        ]
    )
    kept = Kept([event.model_copy(update={"source": "/national-portal"}) for event in before], [])
    assert kept.tell(sync("2")) == []
    assert [line(event) for event in kept.tell(progress("9", "2023-03-06"))] == [
        "2023-03-06 resolved"
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"TrangThai":"9"}'])
def test_a_kept_record_that_is_damaged_is_told(body: bytes) -> None:
    kept = Kept([], [KeptRecord(NOW, body)])
    with pytest.raises(StoreError, match=f"{CODE}: what is kept of its national records"):
        kept.tell(sync("2"))


def test_a_later_end_counts_where_a_sync_record_confirms_it() -> None:
    steps = (progress("9", "2023-03-06"), progress("4", "2023-03-07"), progress("9", "2023-03-08"))
    first, last = (sync("9", NgayKetThucXuLy=digits(f"2023-03-0{day}")) for day in (6, 8))
    assert closed_on(first, *steps) == "2023-03-06"
    assert closed_on(first, *steps, last) == closed_on(last, *steps, first) == "2023-03-08"
    assert closed_on(first, last) == closed_on(last, first) == "2023-03-06"


def closed_on(*records: Sent) -> str:
    """The day of the end that counts after records that came one after the other."""
    life = life_of(given(*records), LOCAL)
    [end] = [event for event in life if event.type == "dossier.resolved.v1"]
    return str(end.time.astimezone(LOCAL).date())


def parsed(lives: Sequence[Json]) -> list[Event]:
    return [events.EVENT.validate_json(json.dumps(event)) for event in lives]


# --- Form ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(progress(9, "2023-03-07"), id="a number"),
        pytest.param(sync(2, KenhThucHien=2, NgayTiepNhan=20230301080000), id="numbers"),
        pytest.param(sync("3", NgayHenTra="", NgayTra=None), id="blank is absent"),
        pytest.param(sync("2", DanhSachHoSoBoSung=None, SoDienThoai=0), id="no supplement"),
    ],
)
def test_what_has_the_form_is_read(one: Sent) -> None:
    assert read(one).code == CODE


def test_noon_is_not_midnight() -> None:
    noon, midnight = (progress("9", f"2023-03-07T{clock}") for clock in ("12:30:00", "00:30:00"))
    assert [event.time for event in given(noon)] == [datetime(2023, 3, 7, 5, 30, tzinfo=UTC)]
    assert [event.time for event in given(midnight)] == [datetime(2023, 3, 6, 17, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param("{", "not valid JSON: EOF", id="no JSON"),
        pytest.param('{"x": NaN}', "not valid JSON:", id="no JSON number"),
        pytest.param([[sync("2").fields]], "not a record: a record is", id="arrays in an array"),
        pytest.param({"data": [{}]}, "not a record: no TrangThaiHoSo", id="an envelope of nothing"),
        pytest.param(sync("2", MaHoSo=...), "MaHoSo: Field required", id="no code"),
        pytest.param(sync("2", MaHoSo="  "), "MaHoSo: Field required", id="a blank code"),
        pytest.param(sync("2", MaHoSo="x" * 101), "MaHoSo: String should", id="a code too long"),
        pytest.param(sync("2", DonViXuLy="a\nb"), "DonViXuLy: String should", id="two lines"),
        pytest.param(sync("2", NgayHenTra=""), "NgayHenTra: missing", id="no deadline"),
        pytest.param(sync("2", KenhThucHien="4"), "KenhThucHien: Input should", id="no channel"),
        pytest.param(sync("11"), "TrangThaiHoSo: Input should be", id="no status"),
        pytest.param(sync(True), "TrangThaiHoSo: Input should be", id="not even a number"),
        pytest.param(sync(""), "TrangThaiHoSo: Field required", id="a blank status"),
        pytest.param(
            sync("2", NgayTiepNhan="20230230080000"), "NgayTiepNhan: Input should", id="no day"
        ),
        pytest.param(
            sync("2", NgayTiepNhan="20230301240000"), "NgayTiepNhan: Input should", id="no hour"
        ),
        pytest.param(
            sync("2", NgayTiepNhan="00020101000000"), "NgayTiepNhan: Input should", id="no year"
        ),
        pytest.param(
            progress("9", "2023-03-07")._replace(
                fields={"MaHoSo": CODE, "TrangThai": "9", "ThoiDiemXuLy": "00010101000000"}
            ),
            "ThoiDiemXuLy: Input should be a valid datetime",
            id="the date that stands for none, where one is needed",
        ),
        pytest.param(sync("2", NgayHenTra="2023030١170000"), "NgayHenTra:", id="other digits"),
        pytest.param(
            sync("9", NgayKetThucXuLy="20230402120001"),
            "NgayKetThucXuLy: more than a day ahead of the clock",
            id="ahead of the clock",
        ),
        pytest.param(
            sync("5", DanhSachHoSoBoSung=[{}, {"NgayBoSung": "x"}]),
            "DanhSachHoSoBoSung.1.NgayBoSung: Input should",
            id="in a supplement",
        ),
        pytest.param(
            Sent({"MaHoSo": CODE, "TrangThai": "4"}, NOW), "ThoiDiemXuLy: Field", id="no time"
        ),
    ],
)
def test_what_has_not_the_form_is_rejected_with_the_place_and_the_cause(
    sent: Any, reason: str
) -> None:
    document = sent.fields | {"ChuHoSo": NAME} if isinstance(sent, Sent) else sent
    raw = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(Rejected) as rejected:
        records_of(raw)
    message = str(rejected.value)
    assert message.startswith(reason)
    assert message.isprintable()
    assert len(message) < 300
    assert NAME not in message


def test_exactly_a_day_ahead_of_the_clock_is_read() -> None:
    ahead = progress("9", "2023-03-08T08:00:00", "2023-03-07T08:00:00")
    assert read(ahead)
    with pytest.raises(Rejected, match="ThoiDiemXuLy: more than a day ahead"):
        read(ahead._replace(came=ahead.came - timedelta(seconds=1)))


# --- Lives ---------------------------------------------------------------------------------------

STATUS = {
    "received": "2",
    "supplement_requested": "5",
    "supplemented": "4",
    "paused": "6",
    "resumed": "4",
    "returned": "3",
    "cancelled": "7",
    "resolved": "9",
}
DATA: dict[str, Json] = {
    "paused": {"reason": "financial_obligation"},
    "returned": {"reason": "not_accepted"},
    "cancelled": {"reason": "withdrawn"},
    "resolved": {"outcome": "granted"},
}
NEXT = {
    "received": ("supplement_requested", "paused", "rescheduled"),
    "supplement_requested": ("supplemented", "rescheduled"),
    "paused": ("resumed", "supplement_requested"),
}
GAPS = st.integers(1, 8).map(lambda days: timedelta(days=days))


@st.composite
def lives(draw: DrawFn, appointments: bool = True) -> list[Json]:
    """What a dossier may go through, as far as records can tell.

    Progress tells of no appointments, nor that a dossier was returned that it alone speaks of.
    """
    day, due, phase = date(2023, 2, 1), date(2023, 2, 20), "received"
    life = [received(str(day), code=CODE, due=str(due))]
    for _ in range(draw(st.integers(0, 6))):
        day, due = day + draw(GAPS), due + draw(GAPS)
        kind = draw(st.sampled_from(NEXT[phase]).filter(lambda k: appointments or k in STATUS))
        data = DATA.get(kind, {})
        if appointments and kind in ("supplemented", "resumed", "rescheduled"):
            data = {"due": str(due)}
        life.append(said(kind, str(day), code=CODE, **data))
        if kind in STATUS:
            phase = kind if kind in NEXT else "received"
    end = draw(st.sampled_from((None, "resolved", "cancelled", "returned")[: 3 + appointments]))
    if end is not None:
        life.append(said(end, str(day + draw(GAPS)), code=CODE, **DATA[end]))
    return life


def kind_of(event: Json) -> str:
    kind: str = event["type"].split(".")[1]
    return kind


def by_sync(life: Sequence[Json]) -> Iterator[Sent]:
    """A snapshot after each event, which comes an hour later."""
    status, due, supplements = "", "", list[Json]()
    for event in life:
        kind, day = kind_of(event), str(day_of(event))
        status = STATUS.get(kind, status)
        if kind == "supplement_requested":
            supplements.append(supplement(before=due))
        due = event.get("data", {}).get("due", due)
        if kind == "supplemented":
            supplements[-1] = supplements[-1] | {"NgayHenTraMoi": digits(due)}
        yield sync(
            status,
            f"{day}T09:00:00",
            NgayTiepNhan=digits("2023-02-01"),
            NgayHenTra=digits(due),
            NgayKetThucXuLy=digits(day) if kind in ("resolved", "returned", "cancelled") else "",
            DanhSachHoSoBoSung=list(supplements),
        )


def progress_of(life: Sequence[Json]) -> Iterator[Sent]:
    """The progress after the reception; it comes two hours later."""
    for event in life[1:]:
        if kind_of(event) in STATUS:
            day = str(day_of(event))
            yield progress(STATUS[kind_of(event)], day, f"{day}T10:00:00")


def by_sync_at_night(life: Sequence[Json]) -> Iterator[Sent]:
    """Snapshots that come the day after, and then the progress."""
    for sent in by_both(life):
        yield sent._replace(came=sent.came + timedelta(hours=16))


def by_progress(life: Sequence[Json]) -> Iterator[Sent]:
    yield from by_sync(life[:1])
    yield from progress_of(life)


def by_progress_before_the_reception(life: Sequence[Json]) -> Iterator[Sent]:
    yield from progress_of(life)
    yield list(by_sync(life))[-1]._replace(came=START + timedelta(days=60))


def by_both(life: Sequence[Json]) -> Iterator[Sent]:
    yield from sorted([*by_sync(life), *progress_of(life)], key=lambda sent: sent.came)


Way = Callable[[Sequence[Json]], Iterator[Sent]]
DATED: tuple[Way, ...] = (by_progress, by_progress_before_the_reception)
WAYS = pytest.mark.parametrize("way", [by_sync, by_both, by_sync_at_night, *DATED])


@WAYS
@for_all(data=st.data())
@examples(30)
def test_a_life_told_in_records_comes_to_the_same_figures(way: Way, data: DataObject) -> None:
    life = data.draw(lives(appointments=way not in DATED))
    known = given(*way(life))
    ours = [json.loads(event.model_dump_json(exclude_none=True)) for event in known]
    assert stated(ours, WINDOW, ["channel"]) == stated(life, WINDOW, ["channel"])
    ledgers = ledger_of(ours), ledger_of(life)
    for day in {day_of(event) for event in life} | {date(2023, 12, 1)}:
        told, lived = (accounts_on(ledger, day) for ledger in ledgers)
        assert told == lived


@WAYS
@for_all(data=st.data())
@examples(50)
def test_what_is_sent_again_adds_nothing(way: Way, data: DataObject) -> None:
    records = list(way(data.draw(lives(appointments=way not in DATED))))
    kept = Kept([], [])
    for number, sent in enumerate(records, 1):
        kept.tell(sent)
        for again in records[:number]:
            assert kept.tell(again._replace(came=sent.came + timedelta(days=1))) == []


# --- Any records ---------------------------------------------------------------------------------

TIMES = st.integers(0, 80).map(lambda half_days: START + half_days * timedelta(hours=12))
DIGITS = TIMES.map(lambda time: f"{time:%Y%m%d%H%M%S}")
STATUSES = st.sampled_from([str(status) for status in national.Status])
SUPPLEMENTS = st.fixed_dictionaries(
    {"NguoiYeuCauBoSung": st.just(NAME)}, optional=dict.fromkeys(supplement(), DIGITS)
)
ANY_SYNC = st.fixed_dictionaries(
    {"TrangThaiHoSo": STATUSES, "DanhSachHoSoBoSung": st.lists(SUPPLEMENTS, max_size=3)},
    optional={
        "NgayTiepNhan": DIGITS | st.just(""),
        **dict.fromkeys(("NgayHenTra", "NgayKetThucXuLy", "NgayTra"), DIGITS),
    },
)
ANY_PROGRESS = st.fixed_dictionaries({"TrangThai": STATUSES, "ThoiDiemXuLy": DIGITS})
ANY_RECORD = st.one_of(
    ANY_SYNC.map(lambda fields: sync("2", ChuHoSo=NAME).fields | fields),
    ANY_PROGRESS.map(lambda fields: {"MaHoSo": CODE, "NguoiXuLy": NAME} | fields),
)


@for_all(st.lists(ANY_RECORD, max_size=8), st.lists(TIMES, min_size=8, max_size=8).map(sorted))
@examples(500)
def test_whatever_records_say_the_events_are_valid_and_hold_no_personal_data(
    records: list[Json], arrivals: list[datetime]
) -> None:
    kept = Kept([], [])
    for fields, came in zip(records, arrivals, strict=False):
        sent = Sent(fields, came + timedelta(days=50))
        new = kept.tell(sent)
        assert kept.tell(sent) == []
        for event in new:
            raw = event.model_dump_json(exclude_none=True)
            assert validate.parse_event(raw.encode(), sent.came) == event
            assert NAME not in raw
    assert len({event.id for event in kept.events}) == len(kept.events)
    assert NAME not in repr(kept.kept_records)
