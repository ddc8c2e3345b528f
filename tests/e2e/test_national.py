"""Do records of the national portal become the same figures, from a file and from Kafka?"""

import json
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer

from tests.command import done, hoso
from tests.services.kafka import Broker

Record = dict[str, object]

CODE = "000.00.00.H52-230315-0001"
FACTS: Record = {
    "MaHoSo": CODE,
    "MaTTHC": "1.004199",
    "MaLinhVuc": "dat_dai",
    "KenhThucHien": "2",
    "DonViXuLy": "H52.01",
    "NgayTiepNhan": "20230301081500",
    "NgayHenTra": "20230315170000",
    "TenNguoiNop": "Nguyễn Văn A",
}
LIFE: list[Record] = [
    FACTS | {"TrangThaiHoSo": "2"},
    {"MaHoSo": CODE, "ThoiDiemXuLy": "20230303093000", "TrangThai": "6"},
    {"MaHoSo": CODE, "ThoiDiemXuLy": "20230306140000", "TrangThai": "4"},
    FACTS | {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20230310120000"},
    FACTS
    | {"TrangThaiHoSo": "10", "NgayKetThucXuLy": "20230310120000", "NgayTra": "20230320090000"},
]
NO_RECORD: Record = {"MaHoSo": CODE, "TrangThai": "4"}
CASES = Path(__file__).parents[1] / "data" / "cases" / "national"
NATIONAL = ("--from-format", "national")
QUARTER = ("--window", "2023-Q1", "--by", "channel", "--format", "json")


def written(folder: Path, records: list[Record]) -> str:
    """A file of records, one a line."""
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def test_records_of_a_file_become_the_figures_that_they_tell_of(tmp_path: Path) -> None:
    file = written(tmp_path, LIFE)
    assert "4 events recorded" in done(tmp_path, "ingest", "--from-format", "national", file)
    [line] = json.loads(done(tmp_path, "statement", *QUARTER))["lines"]
    assert line["slice"] == {"channel": "online"}
    assert (line["received"], line["resolved"]["early"], line["carried_forward"]) == (1, 1, 0)
    assert "financial_obligation" not in done(tmp_path, "explain", CODE)
    assert all(b"Nguy" not in path.read_bytes() for path in tmp_path.glob("hoso.db*"))


def test_records_sent_again_add_no_event(tmp_path: Path) -> None:
    file = written(tmp_path, LIFE)
    done(tmp_path, "ingest", "--from-format", "national", file)
    stated = done(tmp_path, "statement", *QUARTER)
    for _ in range(2):
        assert "0 events recorded" in done(tmp_path, "ingest", "--from-format", "national", file)
    assert done(tmp_path, "statement", *QUARTER) == stated


def test_the_order_of_lines_changes_no_event(tmp_path: Path) -> None:
    for name, records in (("hoso", LIFE), ("turned", LIFE[::-1])):
        file = written(tmp_path, records)
        store = ("--store", f"sqlite:///{name}.db")
        assert "4 events recorded" in done(tmp_path, "ingest", *NATIONAL, *store, file)
    explained = [
        done(tmp_path, "explain", CODE, "--source", f"sqlite:///{name}.db")
        for name in ("hoso", "turned")
    ]
    assert explained[0] == explained[1]


def test_what_senders_leave_out_comes_from_options(tmp_path: Path) -> None:
    file = str(CASES / "hagiang.jsonl")
    (tmp_path / "procedures.csv").write_text("procedure,allowance,unit\n2.002492,5,working_days\n")
    refused = hoso(tmp_path, "ingest", *NATIONAL, file)
    assert (refused.status, "hagiang.jsonl:2: KenhThucHien: missing" in refused.err) == (1, True)
    options = ("--channel", "post", "--procedures", "procedures.csv")
    checked = json.loads(done(tmp_path, "check", *NATIONAL, *options, "--format", "json", file))
    assert checked["events"]["kinds"] == {"received": 1}
    assert [found["day"] for found in checked["events"]["found"]] == ["2023-06-01"]
    assert "1 events recorded" in done(tmp_path, "ingest", *NATIONAL, *options, file)
    [line] = json.loads(done(tmp_path, "statement", "--window", "2023-Q2", *QUARTER[2:]))["lines"]
    assert (line["slice"], line["in_progress"]["overdue"]) == ({"channel": "post"}, 1)


def test_a_catalogue_without_allowances_is_refused(tmp_path: Path) -> None:
    (tmp_path / "procedures.csv").write_text("procedure,online,payable\n2.002492,1,1\n")
    options = (*NATIONAL, "--procedures", "procedures.csv", str(CASES / "hagiang.jsonl"))
    for command in ("ingest", "check"):
        outcome = hoso(tmp_path, command, *options)
        assert outcome.status == 2
        assert "procedures.csv:1: there is no column 'allowance': add it" in outcome.err


def test_check_says_which_events_a_store_lacks_and_records_nothing(tmp_path: Path) -> None:
    done(tmp_path, "ingest", *NATIONAL, written(tmp_path, LIFE[:3]))
    file = written(tmp_path, LIFE)
    asked = ("check", *NATIONAL, "--format", "json", "--store", "sqlite:///hoso.db", file)
    for _ in range(2):
        assert json.loads(done(tmp_path, *asked))["events"]["kinds"] == {"resolved": 1}
    done(tmp_path, "ingest", *NATIONAL, file)
    assert json.loads(done(tmp_path, *asked))["events"]["kinds"] == {}


def test_what_is_redated_is_known_from_then_on(tmp_path: Path) -> None:
    instants = []
    for number in (1, 2, 3):
        done(tmp_path, "ingest", *NATIONAL, str(CASES / f"redated_{number}.jsonl"))
        instants.append(datetime.now(UTC).isoformat())
    asked = ("statement", "--from", "2024-03-01", "--to", "2024-03-31", "--format", "json")
    resolved = [
        json.loads(done(tmp_path, *asked, "--as-of", instant))["total"]["resolved"]
        for instant in instants
    ]
    assert [(each["on_time"], each["overdue"]) for each in resolved] == [(0, 0), (0, 1), (1, 0)]


def test_a_history_from_before_is_loaded_as_known_when_it_occurred(tmp_path: Path) -> None:
    loading = ("ingest", *NATIONAL, "--recorded", "time", written(tmp_path, LIFE))
    assert "4 events recorded" in done(tmp_path, *loading)
    asked = ("statement", *QUARTER, "--as-of", "2023-03-04T00:00:00+07:00")
    assert json.loads(done(tmp_path, *asked))["total"]["paused"]["in_time"] == 1


def test_what_is_no_record_is_rejected_and_retried_as_a_record(tmp_path: Path) -> None:
    file = written(tmp_path, [*LIFE, NO_RECORD])
    ingested = hoso(tmp_path, "ingest", "--from-format", "national", file)
    assert (ingested.status, "4 events recorded" in ingested.out) == (1, True)
    assert "records.jsonl:6: ThoiDiemXuLy" in ingested.err
    retried = hoso(tmp_path, "rejects", "retry")
    assert (retried.status, "1 still rejected" in retried.out) == (1, True)


def test_from_kafka_they_become_the_same_events(tmp_path: Path, broker: Broker, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for record in [*LIFE, NO_RECORD, *LIFE]:
        producer.send(topic, key=CODE.encode(), value=json.dumps(record).encode())
    producer.flush()
    producer.close()
    servers = ("--bootstrap-servers", broker.bootstrap)
    options = ("--topic", topic, *servers, "--from-format", "national", "--until-end")
    consumed = hoso(tmp_path, "consume", *options)
    assert (consumed.status, "1 messages rejected" in consumed.err) == (1, True)
    file = written(tmp_path, LIFE)
    done(tmp_path, "ingest", "--from-format", "national", "--store", "sqlite:///file.db", file)
    stated = [
        json.loads(done(tmp_path, "statement", *QUARTER, "--source", f"sqlite:///{name}"))
        for name in ("hoso.db", "file.db")
    ]
    assert stated[0] == stated[1]
