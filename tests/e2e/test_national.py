"""Do records of the national portal become the same figures, from a file and from Kafka?"""

import json
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
