"""Personal names in every place of every input: they end up nowhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hoso.consumers.store.log import Reject, open_store
from tests.command import done, hoso
from tests.told import received

Json = dict[str, Any]

NAME = "Nguyễn Văn An"
PHONE = 912345678
TRACES = (NAME, "Nguyễn", "Văn An", str(PHONE), json.dumps(NAME)[1:-1], json.dumps("Nguyễn")[1:-1])
GOOD = received("2023-03-01", 5)
REJECTED = "rejects of an older version: their values are blanked now"


def inputs() -> Iterator[str]:
    """Messages with a name in each place where it is no valid text."""
    data = GOOD["data"]
    for attribute in ("specversion", "source", "type", "time", "recordedtime", "data"):
        yield json.dumps(GOOD | {attribute: NAME})
        yield json.dumps(GOOD | {attribute: {"name": NAME, "phone": [PHONE]}}, ensure_ascii=False)
    for attribute in ("id", "subject", "partitionkey", "traceparent"):
        yield json.dumps(GOOD | {attribute: {"name": NAME}})
        yield json.dumps(GOOD | {attribute: [PHONE, NAME]}, ensure_ascii=False)
        yield json.dumps(GOOD | {attribute: f"{NAME}\n"})
    for field in ("channel", "level", "online_service", "allowance", "due", "on_the_spot"):
        yield json.dumps(GOOD | {"data": data | {field: NAME}})
    for field in ("citizen", NAME, "official", "reason"):
        yield json.dumps(GOOD | {"data": data | {field: f"{NAME} {PHONE}"}}, ensure_ascii=False)
        yield json.dumps(GOOD | {"data": data | {field: {NAME: PHONE}}})
    yield json.dumps(GOOD | {"id": "valid", "subject": "D2", "citizen": NAME, NAME: [NAME]})
    yield json.dumps([GOOD | {"citizen": NAME}])
    yield json.dumps(NAME)
    yield f"{NAME};{PHONE}"
    yield json.dumps(GOOD | {"citizen": NAME})[:-1]
    yield json.dumps({"pad": "x" * 4_000_000, "citizen": NAME})


def records() -> Iterator[str]:
    record = {"MaHoSo": "D9", "TrangThaiHoSo": "4", "HoTen": NAME, "SoDienThoai": PHONE}
    yield json.dumps(record)
    for name in ("TrangThaiHoSo", "KenhThucHien", "NgayTiepNhan", "DanhSachHoSoBoSung", "TenNguoi"):
        yield json.dumps(record | {name: NAME}, ensure_ascii=False)
        yield json.dumps(record | {name: [{"NgayBoSung": NAME, "NguoiNop": NAME}]})


def traces(folder: Path) -> list[str]:
    """The files of a folder that have the name in them, or in their own name."""
    found = []
    for path in folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        if any(trace.encode() in raw or trace in path.name for trace in TRACES):
            found.append(str(path.relative_to(folder)))
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_name_in_any_place_ends_up_nowhere(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    came, left = tmp_path / "came", tmp_path / "left"
    came.mkdir()
    left.mkdir()
    url = f"sqlite:///{left}/hoso.db"
    if kind == "postgres":
        url = str(request.getfixturevalue("database"))
    (came / f"{NAME}.jsonl").write_text("\n".join(inputs()))
    (came / "records.jsonl").write_text("\n".join(records()))
    settings: dict[str, Any] = {"HOSO_STORE": url, "XDG_CACHE_HOME": str(left / "cache")}
    said = hoso(came, "ingest", f"{NAME}.jsonl", **settings)
    assert said.status == 1
    hoso(came, "ingest", "records.jsonl", "--from-format", "national", **settings)
    for command in (
        ("rejects", "list", "--out", f"{left}/list.csv"),
        ("rejects", "list", "--out", f"{left}/list.html"),
        ("statement", "--window", "2023", "--out", f"{left}/statement.html"),
        ("register", "--out", f"{left}/register.csv"),
        ("status", "--out", f"{left}/status.json"),
        ("archive", "--out", f"{left}/archive"),
        ("rejects", "export", f"{left}/mend.jsonl", "1", "2", "3"),
    ):
        assert hoso(came, *command, **settings).status == 0
    with open_store(url) as store:
        assert store.count_rejects() > 40
        shown = [hoso(came, "rejects", "show", str(number), **settings).out for number in (1, 7)]
    assert not [trace for trace in TRACES if trace in "".join(shown)]
    assert traces(left) == []
    if kind == "postgres":
        with open_store(url) as store, store._database.transaction(commit=True) as cursor:
            cursor.execute("SELECT origin || reason, raw FROM rejects")
            told = [(text.encode(), bytes(raw)) for text, raw in cursor.fetchall()]
            cursor.execute("SELECT originator_id, state FROM stored_events")
            told += [(text.encode(), bytes(raw)) for text, raw in cursor.fetchall()]
        whole = b"".join(part for row in told for part in row)
        assert len(told) > 40
        assert not [trace for trace in TRACES if trace.encode() in whole]


def test_what_an_older_version_kept_is_blanked_and_told(tmp_path: Path) -> None:
    raw = json.dumps(GOOD | {"type": "x", "citizen": NAME}, ensure_ascii=False).encode()
    url = f"sqlite:///{tmp_path}/hoso.db"
    old = Reject(datetime.now(UTC), f"{NAME}.jsonl:1", f"type: (given: '{NAME}')", raw, "events")
    with open_store(url, create=True) as store, store.writing() as writer:
        writer.add_rejects([old._replace(kept="before")] * 3)
    assert traces(tmp_path)
    (tmp_path / "e.jsonl").write_text(json.dumps(GOOD))
    told = done(tmp_path, "ingest", "e.jsonl").splitlines()
    assert told == ["hoso.db: 1 events recorded", f"hoso.db: 3 {REJECTED}"]
    assert traces(tmp_path) == []
    assert done(tmp_path, "ingest", "e.jsonl").splitlines() == ["hoso.db: 1 events recorded"]


def test_what_is_kept_raw_can_be_dropped_for_good(tmp_path: Path) -> None:
    (tmp_path / "came").mkdir()
    (tmp_path / "came" / "e.jsonl").write_text("\n".join(inputs()))
    hoso(tmp_path, "ingest", "came/e.jsonl", "--keep-raw")
    assert sorted(traces(tmp_path)) == ["came/e.jsonl", "hoso.db"]
    assert done(tmp_path, "rejects", "drop", "--all").endswith(" rejects dropped\n")
    assert traces(tmp_path) == ["came/e.jsonl"]


def test_the_key_is_the_owners_and_in_no_paper(tmp_path: Path) -> None:
    hoso(tmp_path, "ingest", "-", stdin=b'{"a":1}')
    key = tmp_path / "hoso.db.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes() not in (tmp_path / "hoso.db").read_bytes()
    key.write_bytes(b"short")
    outcome = hoso(tmp_path, "ingest", "-", stdin=b'{"a":1}')
    assert outcome.status == 2
    assert outcome.err == (
        "hoso: hoso.db.key: is no key of hoso's; remove it, and another one is made\n"
    )


def ages(folder: Path, *days: int) -> None:
    """Rejects that are some days old."""
    whens = [datetime.now(UTC) - timedelta(days=age, minutes=1) for age in days]
    rejects = [
        Reject(when, f"-:{number}", f"why {age}.", b"x", "events")
        for number, (when, age) in enumerate(zip(whens, days, strict=True), 1)
    ]
    with open_store(f"sqlite:///{folder}/hoso.db", create=True) as store, store.writing() as writer:
        writer.add_rejects(rejects)


def left(folder: Path) -> list[int]:
    listed = json.loads(done(folder, "rejects", "list", "--format", "json"))
    return [row["number"] for row in listed]


def test_rejects_are_dropped_one_by_one_by_reason_and_by_age(tmp_path: Path) -> None:
    ages(tmp_path, 400, 40, 4, 4)
    assert done(tmp_path, "rejects", "drop", "4") == "hoso.db: 1 rejects dropped\n"
    assert left(tmp_path) == [1, 2, 3]
    done(tmp_path, "rejects", "drop", "--older-than", "30", "--reason", "why 40.")
    assert left(tmp_path) == [1, 3]
    done(tmp_path, "rejects", "drop", "--older-than", "30")
    assert left(tmp_path) == [3]
    outcome = hoso(tmp_path, "rejects", "drop")
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)


def test_a_store_keeps_rejects_as_long_as_it_is_told_to(tmp_path: Path) -> None:
    ages(tmp_path, 400, 40, 4)
    assert "until they are dropped" in done(tmp_path, "rejects", "retention")
    assert "for 90 days" in done(tmp_path, "rejects", "retention", "90")
    assert left(tmp_path) == [2, 3]
    done(tmp_path, "rejects", "retention", "30", "--store", "sqlite:///hoso.db")
    (tmp_path / "e.jsonl").write_text(json.dumps(GOOD))
    done(tmp_path, "ingest", "e.jsonl")
    assert left(tmp_path) == [3]
    assert "until" in done(tmp_path, "rejects", "retention", "--forever")


def test_those_whose_event_came_in_since_are_dropped_as_mended(tmp_path: Path) -> None:
    broken = [
        GOOD | {"id": f"{number}", "subject": f"D{number}", "citizen": NAME, "time": "2023-02-30"}
        for number in range(4)
    ]
    (tmp_path / "broken.jsonl").write_text("\n".join(map(json.dumps, broken)))
    assert hoso(tmp_path, "ingest", "broken.jsonl").status == 1
    assert done(tmp_path, "rejects", "drop", "--mended") == "hoso.db: 0 rejects dropped\n"
    mended = [broken[1] | {"time": GOOD["time"]}, broken[2] | {"time": GOOD["time"]}]
    mended[1]["subject"] = "another dossier with the same id"
    (tmp_path / "mended.jsonl").write_text("\n".join(map(json.dumps, mended)))
    done(tmp_path, "ingest", "mended.jsonl")
    assert done(tmp_path, "rejects", "drop", "--mended") == "hoso.db: 1 rejects dropped\n"
    assert left(tmp_path) == [1, 3, 4]
    retried = hoso(tmp_path, "rejects", "retry")
    assert "3 of these have blanked values: mend them where they came from" in retried.out


FOREIGN = {
    "a table (CSV)": f"Mã hồ sơ,Họ tên\n1,{NAME}\n2,{NAME}\n".encode(),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\n1 0 obj",
    "a spreadsheet, a document or another ZIP file": b"PK\x03\x04\x14\0\6\0",
    "a picture (PNG)": b"\x89PNG\r\n\x1a\n\0\0",
    "a page or a document (HTML or XML)": f"<html><body>{NAME}</body></html>".encode(),
    "a text in UTF-16, not UTF-8": json.dumps(GOOD).encode("utf-16"),
    "a text": f"{NAME}\n".encode() * 12,
}


@pytest.mark.parametrize(("seems", "raw"), FOREIGN.items(), ids=FOREIGN)
def test_a_file_of_no_events_is_refused_as_a_whole_in_one_line(
    seems: str, raw: bytes, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(raw)
    for command in (
        ("ingest", "f"),
        ("check", "f"),
        ("statement", "--source", "f", "--window", "2023"),
        ("ingest", "f", "--from-format", "national"),
    ):
        outcome = hoso(tmp_path, *command)
        assert (outcome.status, outcome.out) == (2, "")
        assert outcome.err == (
            f"hoso: f: has no events: it seems to be {seems}; "
            "events are JSON, one object on each line\n"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_file_with_some_json_is_read(tmp_path: Path) -> None:
    for first in ("a,b", "<x>", "some text"):
        lines = "\n".join([first, first, json.dumps(GOOD)]).encode()
        outcome = hoso(tmp_path, "ingest", "-", stdin=lines)
        assert outcome.status == 1
        assert "2 lines rejected" in outcome.err
