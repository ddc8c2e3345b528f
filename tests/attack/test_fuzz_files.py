"""Files that people and systems hand in: events, records, settings, tables, published reports.

However they were changed, a command works, or says in one line what is wrong and where.
"""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy
from zstandard import ZstdCompressor

from hoso.projections import reports
from tests.attack.changes import bytes_like, tree_like
from tests.attack.fuzzing import attacks, is_one_answer, tried
from tests.command import SPAN, answered, asked

WINDOW: Final = ("--window", "2023-Q1")
SOURCE: Final = ("--source", "sqlite:///hoso.db")
PUBLISHED: Final = Path(__file__).parents[1] / "data" / "published"
PROFILES: Final = Path(reports.__file__).with_name("profiles")
RECORD: Final = {
    "MaHoSo": "000.00.00.H52-230301-0001",
    "TrangThaiHoSo": "9",
    "MaTTHC": "1.004227",
    "MaLinhVuc": "dat_dai",
    "DonViXuLy": "so_tnmt",
    "KenhThucHien": "2",
    "NgayTiepNhan": "20230301080000",
    "NgayHenTra": "20230308170000",
    "NgayKetThucXuLy": "20230307170000",
}
INPUTS: Final = """agencies:
  so_tnmt: {published: 98.5, updated: 145/165}
  so_xd: {published: 100}
"""
REGISTRY: Final = b"""code,name,level,parent,valid_from,valid_to,successor
tinh,Tinh,province,,,,
so_tnmt,So TNMT,province,tinh,,2025-02-28,so_nnmt
so_nnmt,So NNMT,province,tinh,2025-03-01,,
xa_a,"Xa A, huyen B",commune,tinh,,,
"""
TABLES: Final[dict[str, tuple[bytes, tuple[str, ...]]]] = {
    "registry": (REGISTRY, ("report", "quarterly", *WINDOW, *SOURCE, "--registry")),
    "procedures": (
        b"procedure,online,payable,agency\n1.004227,1,x,so_tnmt\n2.000889,,1,\n",
        ("report", "index766", *WINDOW, *SOURCE, "--procedures"),
    ),
    "inputs": (
        b"agency,published,updated\nso_tnmt,98.5,145/165\nso_xd,100,0\n",
        ("report", "index766", *WINDOW, *SOURCE, "--inputs"),
    ),
    "windows": (
        b"2023-Q1 # quarter\n2022-12-15, 2023-03-14\nqu\xc3\xbd I/2026\n",
        ("statement", *SOURCE, "--windows"),
    ),
    "policies": (
        b"law,law_as_of,supplement_limit\nin_force,,1\nnd61-2018,2023-01-01,\n",
        ("statement", *WINDOW, *SOURCE, "--policies"),
    ),
}
DOCUMENTS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "audit": (
        (PUBLISHED / "son-la-2023-q1.yaml").read_text(encoding="utf-8"),
        ("audit",),
    ),
    "audit of tables": (
        (PUBLISHED / "bac-kan-2024-09" / "summary.yaml").read_text(encoding="utf-8"),
        ("audit",),
    ),
    "inputs": (INPUTS, ("report", "index766", *WINDOW, *SOURCE, "--inputs")),
    "folding": (
        (PROFILES / "folding-default.yaml").read_text(encoding="utf-8"),
        ("report", "form07a", *WINDOW, *SOURCE, "--folding"),
    ),
    "index profile": (
        (PROFILES / "index766-national.yaml").read_text(encoding="utf-8"),
        ("report", "index766", *WINDOW, *SOURCE, "--index-profile"),
    ),
    "scorecard profile": (
        (PROFILES / "scorecard-tt01-2018.yaml").read_text(encoding="utf-8"),
        ("report", "scorecard", *WINDOW, *SOURCE, "--scorecard-profile"),
    ),
}
PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "e.jsonl": bytes,
    "e.jsonl.gz": lambda raw: gzip.compress(raw, mtime=0),
    "e.jsonl.zst": ZstdCompressor().compress,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, events, and the tables beside a published report."""
    folder = tmp_path_factory.mktemp("office")
    asked(
        folder, "simulate", *SPAN, "--dossiers", "40", "--seed", "3", "--facts", "--out", "e0.jsonl"
    )
    asked(folder, "ingest", "e0.jsonl")
    for path in (PUBLISHED / "bac-kan-2024-09").iterdir():
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_good_before_they_are_changed(name: str, office: Path) -> None:
    body, call = TABLES[name]
    (office / "good.csv").write_bytes(body)
    outcome = answered(office, *call, "good.csv")
    assert outcome.status in (0, 1), outcome


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_good_before_they_are_changed(name: str, office: Path) -> None:
    body, call = DOCUMENTS[name]
    (office / "good.yaml").write_text(body, encoding="utf-8")
    outcome = answered(office, *call, "good.yaml")
    assert outcome.status in (0, 1), outcome


@attacks(50)
@given(st.data())
def test_fuzz_tables(office: Path, data: DataObject) -> None:
    name = data.draw(st.sampled_from([*TABLES]))
    body, call = TABLES[name]
    (office / "changed.csv").write_bytes(data.draw(bytes_like(body)))
    outcome = answered(office, *call, "changed.csv")
    tried(f"tables: {name}", outcome)
    assert is_one_answer(outcome)


def changed_document(good: str) -> SearchStrategy[bytes]:
    """A YAML text, changed as a text or as a tree."""
    tree: Any = yaml.safe_load(good)
    written = tree_like(tree).map(lambda it: yaml.safe_dump(it, allow_unicode=True).encode())
    return written | written | bytes_like(good.encode())


CHANGED: Final = {name: changed_document(body) for name, (body, _) in DOCUMENTS.items()}


@attacks(60)
@given(st.data())
def test_fuzz_documents(office: Path, data: DataObject) -> None:
    name = data.draw(st.sampled_from([*DOCUMENTS]))
    (office / "changed.yaml").write_bytes(data.draw(CHANGED[name]))
    outcome = answered(office, *DOCUMENTS[name][1], "changed.yaml")
    tried(f"documents: {name}", outcome)
    assert is_one_answer(outcome)


@attacks(30)
@given(st.data())
def test_fuzz_workbooks(office: Path, data: DataObject) -> None:
    """The bytes of the file, or of one of the files that are packed in it."""
    if not (book := office / "form.xlsx").exists():
        asked(office, "report", "form07a", *WINDOW, *SOURCE, "--out", book.name)
    with ZipFile(book) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    chosen = data.draw(st.sampled_from([None, *parts]))
    raw = data.draw(bytes_like(book.read_bytes() if chosen is None else parts[chosen]))
    (office / "changed.xlsx").write_bytes(raw)
    if chosen is not None:
        with ZipFile(office / "changed.xlsx", "w") as changed:
            for name, body in (parts | {chosen: raw}).items():
                changed.writestr(name, body)
    outcome = answered(office, "audit", "changed.xlsx")
    tried("workbooks", outcome)
    assert is_one_answer(outcome)


@attacks(30)
@given(st.data())
def test_fuzz_files_of_events(office: Path, data: DataObject) -> None:
    lines = (office / "e0.jsonl").read_bytes().splitlines()[:30]
    name = data.draw(st.sampled_from([*PACKED]))
    packed = PACKED[name](data.draw(bytes_like(b"\n".join(lines))))
    raw = data.draw(st.just(packed) | bytes_like(packed))
    (office / name).write_bytes(raw)
    (office / "new.db").unlink(missing_ok=True)
    for call in (
        ("ingest", name, "--store", "sqlite:///new.db"),
        ("check", name),
        ("statement", *WINDOW, "--source", name, "--skip-rejects"),
    ):
        outcome = answered(office, *call)
        tried(f"files: {call[0]}", outcome)
        assert is_one_answer(outcome)


@attacks(12)
@given(
    st.lists(
        tree_like(RECORD) | tree_like({**RECORD, "TrangThaiHoSo": "2"}), min_size=25, max_size=25
    )
)
def test_fuzz_national_records(office: Path, records: list[Any]) -> None:
    lines = [json.dumps(record) for record in records]
    (office / "n.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (office / "new.db").unlink(missing_ok=True)
    store = "sqlite:///new.db"
    for call in (
        ("ingest", "n.jsonl", "--from-format", "national", "--store", store),
        ("statement", *WINDOW, "--source", store),
        ("rejects", "list", "--store", store),
    ):
        outcome = answered(office, *call)
        tried(f"national records, 25: {call[0]}", outcome)
        assert is_one_answer(outcome)
