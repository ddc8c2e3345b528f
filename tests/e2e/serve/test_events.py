"""Events over HTTP: what does a one-stop system get told, and what is in the store then?"""

import hashlib
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from hoso.consumers.http.binding import LONGEST_EVENT_BYTES
from hoso.consumers.http.receiver import ROOM_BYTES
from hoso.consumers.store.log import open_store
from tests.command import done, hoso
from tests.serving import Server, started
from tests.told import SOURCE, Json, paused, received, resolved

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    hoso(folder, "ingest", "-", stdin=json.dumps(received("2022-03-01", 5, code="first")).encode())
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with started(folder) as server:
        yield server


def post(server: Server, path: str, body: object, kind: str, **headers: str) -> httpx.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(server.address + path, content=raw, headers={"Content-Type": kind, **named})


def verdicts(answer: httpx.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["verdicts"]
    return found


def in_store(folder: Path) -> list[Json]:
    with open_store(f"sqlite:///{folder}/hoso.db") as store:
        return [json.loads(stored.state) for stored in store.read()]


def test_an_event_is_on_disk_when_it_is_answered(folder: Path, server: Server) -> None:
    event = received("2023-03-01", 5, code="S1")
    [verdict] = verdicts(post(server, "/events", event, STRUCTURED))
    assert verdict == {"verdict": "recorded", "id": event["id"]}
    assert event["id"] in [each["id"] for each in in_store(folder)]
    explained = json.loads(done(folder, "explain", "S1", "--format", "json"))
    assert "S1" in json.dumps(explained)


def test_an_event_in_binary_mode_is_the_same_event(server: Server) -> None:
    event = received("2023-03-01", 5, code="B1")
    attributes = {f"ce_{name}": str(value) for name, value in event.items() if name != "data"}
    sent = post(server, "/events", event["data"], "application/json", **attributes)
    assert verdicts(sent)[0]["verdict"] == "recorded"
    assert verdicts(post(server, "/events", event, STRUCTURED))[0]["verdict"] == "repeat"


def test_a_batch_has_a_verdict_for_each_event_in_its_order(server: Server) -> None:
    begun = received("2023-03-01", 5, code="T1")
    wrong = begun | {"data": begun["data"] | {"channel": "fax"}}
    future = begun | {"type": "dossier.received.v2"}
    batch = [begun, wrong, begun, begun | {"subject": "T2"}, future, 7]
    found = verdicts(post(server, "/events/batch", batch, BATCH))
    words = [each["verdict"] for each in found]
    assert words == ["recorded", "reject", "repeat", "conflict", "reject", "reject"]
    assert found[1]["path"] == "data.channel"
    assert found[3]["reason"] == "another event has this source and id: T1"
    assert found[4]["reason"] == "type: unknown event type (given: dossier.received.v2)"


def test_rejects_are_kept_blanked_and_name_the_call(folder: Path, server: Server) -> None:
    secret = received("2023-03-01", 5) | {"data": {"applicant": "Nguyễn Thị Bí Mật"}}
    answer = post(server, "/events/batch", [paused("2023-03-02"), secret], BATCH)
    assert verdicts(answer)[1]["verdict"] == "reject"
    listed = hoso(folder, "rejects", "list").out
    assert f"http:{answer.json()['call']}:2" in listed.replace("\n", "")
    with open_store(f"sqlite:///{folder}/hoso.db") as store:
        assert b"Nguy" not in b"".join(reject.raw for _, reject in store.rejects())


def test_national_records_have_verdicts(server: Server) -> None:
    record = {
        "MaHoSo": "H01-D0", "MaTTHC": "1.000001", "MaLinhVuc": "LV01", "KenhThucHien": "1",
        "NgayTiepNhan": "20240304080000", "NgayHenTra": "20240318080000", "TrangThaiHoSo": "2",
        "DonViXuLy": "Sở A",
    }  # fmt: skip
    envelope = {"service": "x", "isUpdating": "false", "data": [record, {"MaHoSo": "H01-D1"}]}
    found = verdicts(post(server, "/national", envelope, "application/json"))
    assert [each["verdict"] for each in found] == ["recorded", "reject"]
    found = verdicts(post(server, "/national", record, "application/json"))
    assert [each["verdict"] for each in found] == ["repeat"]


def test_what_national_records_lack_the_server_may_know(tmp_path: Path) -> None:
    record = {
        "MaHoSo": "H01-D0", "MaTTHC": "1.000001", "MaLinhVuc": "LV01", "DonViXuLy": "Sở A",
        "NgayTiepNhan": "20240304080000", "TrangThaiHoSo": "2",
    }  # fmt: skip
    (tmp_path / "p.csv").write_text("procedure,allowance,unit\n1.000001,5,working_days\n")
    with started(tmp_path, "--channel", "online", "--procedures", "p.csv") as server:
        [verdict] = verdicts(post(server, "/national", record, "application/json"))
    assert verdict == {"verdict": "recorded"}
    [event] = in_store(tmp_path)
    assert event["data"]["channel"] == "online"
    assert event["data"]["allowance"] == {"value": 5, "unit": "working_days"}


def test_a_sender_finds_out_whether_all_of_a_day_is_here(server: Server) -> None:
    day = "2023-04-03"
    sent = [received(day, 5, code=f"R{n}") for n in range(7)]
    late = resolved(f"{day}T23:59:59+07:00") | {"subject": "R1", "id": "Sự kiện 😀"}
    elsewhere = [
        resolved("2023-04-03T17:00:00Z") | {"id": "the day after, in Vietnam"},
        received(day, 5, code="R9") | {"source": f"{SOURCE}/2"},
    ]
    early = resolved("2023-04-02T17:00:00Z") | {"id": "the same day, in Vietnam"}
    verdicts(post(server, "/events/batch", [*sent, *sent, late, early, *elsewhere], BATCH))
    ids = [event["id"] for event in [*sent, late, early]]
    lines = "".join(f"{each}\n" for each in sorted(ids))
    found = server.get(f"/events/reconcile?source={SOURCE}&day={day}").json()
    digest = hashlib.sha256(lines.encode()).hexdigest()
    expected = {"source": SOURCE, "day": day, "events": 9, "hash": f"sha256:{digest}"}
    assert found == expected
    found = server.get(f"/events/reconcile?source={SOURCE}&day={day}&ids=all").json()
    assert found == expected | {"ids": sorted(ids)}


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "source=/a",
        "source=/a&day=3/4/2023",
        "source=&day=2023-04-03",
        "source=/a&day=2023-02-30",
    ],
)
def test_a_question_that_means_nothing_is_told_so(server: Server, asked: str) -> None:
    answer = server.get(f"/events/reconcile?{asked}")
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("/events", b"{", STRUCTURED, 400),
        ("/events/batch", b"{}", BATCH, 400),
        ("/national", b"[" * 400 + b"]" * 400, "application/json", 400),
        ("/events", b"{}", "application/json", 415),
        ("/events", b"[]", BATCH, 415),
        ("/events/batch", b"[]", STRUCTURED, 415),
        ("/national", b"{}", STRUCTURED, 415),
        ("/events", b" " * (LONGEST_EVENT_BYTES + 1), STRUCTURED, 413),
        ("/events/batch", b"[" + b"0," * 10_000 + b"0]", BATCH, 413),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_read_is_refused_as_a_whole(
    server: Server, path: str, body: bytes, kind: str, status: int
) -> None:
    told = [post(server, path, body, kind, Accept_Language=language) for language in ("en", "vi")]
    assert {answer.status_code for answer in told} == {status}
    english, vietnamese = (answer.json() for answer in told)
    assert english.keys() == vietnamese.keys() == {"error"}
    assert english != vietnamese


def test_a_program_that_gives_no_type_of_its_own_is_told_to_give_one(server: Server) -> None:
    """curl says that it sends a form, unless told otherwise."""
    for kind in ("application/x-www-form-urlencoded", "text/plain"):
        told = post(server, "/events", b"{}", kind, Accept_Language="en")
        assert told.status_code == 403
        assert "A program gives the Content-Type" in told.json()["error"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_nothing_takes_is_told_so_whatever_it_says_of_its_body(
    server: Server, method: str
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx.request(method, server.address + "/events", headers=headers)
    assert answer.status_code == 405


def resident_kb(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]


def test_a_body_without_end_is_refused_and_never_held(server: Server) -> None:
    before = resident_kb(server)
    pieces = (b" " * 1_000_000 for _ in range(200))
    headers = {"Content-Type": BATCH}
    with suppress(httpx.WriteError, httpx.ReadError):  # it may hang up on who goes on sending
        answer = httpx.post(f"{server.address}/events/batch", content=pieces, headers=headers)
        assert answer.status_code == 413
    assert resident_kb(server) - before < 50_000


def test_bodies_that_wait_take_bounded_memory_and_others_are_told_to_come_again(
    server: Server,
) -> None:
    length = 7_900_000
    head = f"POST /events/batch HTTP/1.1\r\nHost: {server.address.removeprefix('http://')}\r\n"
    head += f"Content-Type: {BATCH}\r\nContent-Length: {length}\r\n\r\n"
    before = resident_kb(server)
    with ExitStack() as held:
        for _ in range(ROOM_BYTES // length):
            place = urlsplit(server.address)
            sender = held.enter_context(socket.create_connection((place.hostname, place.port)))
            sender.sendall(head.encode() + b" " * (length - 1))  # the last byte does not come
        refused = wait_for(server, 429)
        assert int(refused.headers["Retry-After"]) >= 1
        assert set(refused.json()) == {"error"}
        assert resident_kb(server) - before < 3 * ROOM_BYTES / 1_000
    wait_for(server, 400)


def wait_for(server: Server, status: int) -> httpx.Response:
    """The answer to a large body, once it has a status."""
    for _ in range(200):
        answer = post(server, "/events/batch", b"[" + b" " * 1_000_000, BATCH)
        if answer.status_code == status:
            return answer
        time.sleep(0.05)
    raise AssertionError(answer.status_code)


def test_a_compressed_body_is_refused(server: Server) -> None:
    answer = post(server, "/events", b"x", STRUCTURED, Content_Encoding="gzip")
    assert answer.status_code == 415


def test_a_server_of_files_takes_no_events(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(received("2023-03-01", 5)))
    with started(tmp_path, "--source", "e.jsonl") as server:
        answer: Any = post(server, "/events", received("2023-03-01", 5), STRUCTURED)
    assert answer.status_code == 404


def test_a_program_with_a_token_sends_for_its_own_source_only(tmp_path: Path) -> None:
    add = ("users", "add", "motcua", "--role", "publisher", "--no-password")
    done(tmp_path, *add, "--from-source", SOURCE)
    token = done(tmp_path, "users", "token", "motcua").split()[-1]
    own, other = received("2023-03-01", 5), received("2023-03-01", 5) | {"source": "/other"}
    known = {"Authorization": f"Bearer {token}"}
    with started(tmp_path, "--users", "users.yaml") as server:
        assert post(server, "/events", own, STRUCTURED).status_code == 401
        assert post(server, "/events", own, STRUCTURED, Authorization="Bearer x").status_code == 401
        assert post(server, "/events/batch", [own, other], BATCH, **known).status_code == 403
        assert verdicts(post(server, "/events", own, STRUCTURED, **known)) == [
            {"verdict": "recorded", "id": own["id"]}
        ]
        asked = "/events/reconcile?day=2023-03-01&source="
        assert server.get(asked + SOURCE, **known).json()["events"] == 1
        assert server.get(f"{asked}/other", **known).status_code == 403
        assert server.get("/api/statement?window=2023-Q1", **known).status_code == 403
        assert server.get("/openapi.json").status_code == 200
    assert [each["source"] for each in in_store(tmp_path)] == [SOURCE]
