"""hoso in Vietnamese and in English: help, messages, what is wrong; and data that stay the same."""

import json
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import typer

from hoso.tools.cli import app
from hoso.tools.runtime import translation
from tests.command import Outcome, answered, started

VIETNAMESE: dict[str, Any] = {"LANG": "vi_VN.UTF-8"}
ENGLISH: dict[str, Any] = {"LANG": "C.UTF-8"}
RECEIVED = {
    "specversion": "1.0",
    "id": "1",
    "source": "/h52/motcua",
    "type": "dossier.received.v1",
    "subject": "000.00.00.H52-250716-0001",
    "time": "2025-07-16T09:00:00+07:00",
    "recordedtime": "2025-07-16T09:00:01+07:00",
    "data": {
        "agency": "H52.02",
        "field": "Doanh nghiệp",
        "procedure": "Đăng ký thành lập công ty",
        "channel": "online",
        "level": "province",
        "allowance": {"value": 3, "unit": "working_days"},
    },
}


def hoso(folder: Path, *words: str, **variables: str) -> Outcome:
    """What a command leaves where some variables say the locale."""

    def run() -> Outcome:
        translation.choose(words, variables)
        return answered(folder, *words)

    return copy_context().run(run)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has one event and one reject."""
    folder = tmp_path_factory.mktemp("office")
    lines = [json.dumps(RECEIVED), '{"type": "dossier.received.v1"}']
    (folder / "day.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "none.jsonl").write_text("")
    assert hoso(folder, "ingest", "day.jsonl", **ENGLISH).status == 1
    return folder


def paths(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words by which each command is called, groups included."""
    below = getattr(command, "commands", {}).items()
    return [path, *(each for name, one in below for each in paths(one, (*path, name)))]


ALL = paths(typer.main.get_command(app))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_is_in_the_language_of_the_locale(path: tuple[str, ...], tmp_path: Path) -> None:
    called = " ".join(["", *path])
    vietnamese = hoso(tmp_path, *path, "--help", **VIETNAMESE)
    english = hoso(tmp_path, *path, "--help", **ENGLISH)
    assert vietnamese.status == english.status == 0
    assert vietnamese.out.startswith("Cách dùng: ")
    assert f"{called} [TÙY-CHỌN]" in vietnamese.out
    assert english.out.startswith("Usage: ")
    assert f"{called} [OPTIONS]" in english.out
    assert "In phần trợ giúp này rồi thoát." in vietnamese.out
    for word in ("Usage", "Options:", "Default", "default:", "required"):
        assert word not in vietnamese.out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_option_comes_before_the_locale(path: tuple[str, ...], tmp_path: Path) -> None:
    for words in ((*path, "--lang", "vi", "--help"), (*path, "--help", "--lang=vi")):
        assert hoso(tmp_path, *words, **ENGLISH) == hoso(tmp_path, *path, "--help", **VIETNAMESE)
    english = hoso(tmp_path, *path, "--lang", "en", "--help", **VIETNAMESE)
    assert english == hoso(tmp_path, *path, "--help", **ENGLISH)


def test_the_option_may_stand_before_the_command(office: Path) -> None:
    assert hoso(office, "--lang", "en", "status") == hoso(office, "status", "--lang", "en")
    assert hoso(office, "--lang=en", "rejects", "list") == hoso(
        office, "rejects", "list", "--lang", "en"
    )
    twice = hoso(office, "--lang", "en", "status", "--lang", "vi")
    assert (twice.status, twice.err) == (2, "hoso: --lang: is given 2 times: give it once\n")


@pytest.mark.parametrize(
    ("words", "vietnamese", "english"),
    [
        (["check", "day.jsonl"], "1 dòng bị loại", "1 lines rejected"),
        (["check", "day.jsonl", "--format", "table"], "bắt buộc có", "Field required"),
        (["ingest", "none.jsonl"], "hoso.db: đã ghi nhận 0 sự kiện", "hoso.db: 0 events recorded"),
        (["rejects", "show", "1"], "lý do", "reason"),
        (
            ["rejects", "show", "1", "--store", "sqlite:///hoso.db"],
            "giá trị đã xóa trắng",
            "with blanked values",
        ),
        (["rejects", "retry"], "đã ghi nhận 0, còn bị loại", "0 recorded, "),
        (["rejects", "retention"], "giữ thông điệp bị loại", "rejects are kept until"),
        (["rejects", "drop"], "cho biết xóa gì: SỐ, --reason", "say which: NUMBER, --reason"),
        (["archive", "--out", "arch"], "arch: 1 sự kiện, đến vị trí 1", "arch: 1 events, up to"),
        (
            ["register", "--out", "r.csv", "--as-of", "2025-08-01T00:00:00+07:00"],
            "r.csv: 1 hồ sơ vào cuối ngày 2025-08-01",
            "r.csv: 1 dossiers at the end of 2025-08-01",
        ),
        (["audit", "nix.yaml"], "không có tệp hoặc thư mục này", "No such file or directory"),
        (
            ["report", "all", "--window", "2025-Q3"],
            "--out: ghi tên thư mục",
            "--out: name a folder",
        ),
        (["explain", "nix"], "chưa ghi nhận sự kiện nào của hồ sơ 'nix'", "no event of a dossier"),
        (
            ["statement", "--from", "2025-02-30", "--to", "2025-03-01"],
            "--from/--to: không có ngày 2025-02-30",
            "--from/--to: no such day: 2025-02-30",
        ),
        (
            ["statement", "--window", "2025-Q9"],
            "--window: không có khoảng thời gian '2025-Q9': dùng 2023-Q1",
            "--window: no window '2025-Q9': use 2023-Q1",
        ),
        (["statement"], "khoảng thời gian nào?", "which window?"),
        (
            ["dossiers", "--account", "x", "--window", "2025-Q3"],
            "--account: không có chỉ tiêu 'x'",
            "--account: no account 'x'",
        ),
        (["law", "--as-of", "x"], "'x' không phải ngày", "no date 'x'"),
        (["windows", "--on", "x"], "'x' không phải ngày", "no date 'x'"),
        (["cache", "--source", "day.jsonl"], "không có bộ nhớ đệm", "has no cache"),
        (["status", "--store", "sqlite:///nix.db"], "chưa có kho dữ liệu này", "no such store"),
        (["ingest"], "Thiếu tham số 'TỆP'.", "Missing argument 'FILE'."),
        (["explain"], "Thiếu tham số 'MÃ'.", "Missing argument 'CODE'."),
        (["dossiers"], "Thiếu tùy chọn '--account'.", "Missing option '--account'."),
        (["statement", "--window"], "'--window' cần một giá trị", "requires an argument"),
        (["law", "--diff", "2025-01-01"], "'--diff' cần 2 giá trị", "requires 2 arguments"),
        (["status", "--nix"], "Không có tùy chọn --nix", "No such option: --nix"),
        (["status", "--stor"], "--stor (có thể là: --", "--stor (Possible options: --"),
        (["nix"], "Không có lệnh 'nix'.", "No such command 'nix'."),
        (["status", "nix"], "Thừa tham số (nix)", "extra argument(s) (nix)"),
        (["status", "--format", "nix"], "'nix' không phải một trong", "'nix' is not one of"),
        (["report", "nix"], "hợp lệ của 'BÁO-CÁO'", "Invalid value for 'REPORT'"),
        (["rejects", "show", "x"], "phải là số nguyên", "should be a valid integer"),
        (["rejects", "show", "0"], "phải từ 1 trở lên", "greater than or equal to 1"),
        (["status", "--json", "--json"], "được ghi 2 lần", "is given 2 times"),
        (["ingest", "office.pdf"], "có vẻ là một tệp PDF", "it seems to be a PDF"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_command_says(words: list[str], vietnamese: str, english: str, office: Path) -> None:
    (office / "office.pdf").write_bytes(b"%PDF-1.7\nx\n")
    assert vietnamese in all_of(hoso(office, *words, **VIETNAMESE))
    assert english in all_of(hoso(office, *words, **ENGLISH))


def test_a_process_of_its_own_reads_the_locale(office: Path) -> None:
    assert started(office, "--help", **VIETNAMESE).out.startswith("Cách dùng: hoso")
    assert started(office, "--help", **ENGLISH).out.startswith("Usage: hoso")
    assert started(office, "explain", **VIETNAMESE).err == (
        "hoso: Thiếu tham số 'MÃ'. (xem hoso --help)\n"
    )
    assert started(office, "explain", LC_ALL="C", **VIETNAMESE).err == (
        "hoso: Missing argument 'CODE'. (hoso --help)\n"
    )


def all_of(outcome: Outcome) -> str:
    return outcome.out + outcome.err


def test_documents_are_in_vietnamese_whatever_the_locale(office: Path) -> None:
    for words in (["status"], ["windows"], ["law"], ["statement", "--window", "2025-Q3"]):
        assert hoso(office, *words, **ENGLISH).out == hoso(office, *words, **VIETNAMESE).out
        assert hoso(office, *words, "--lang", "en").out != hoso(office, *words, **ENGLISH).out


@pytest.mark.parametrize("paper", ["json", "csv"])
@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["rejects", "list"],
        ["check", "day.jsonl"],
        ["windows", "--on", "2026-01-15"],
        ["statement", "--window", "2025-Q3"],
        ["dossiers", "--window", "2025-Q3", "--account", "received"],
        ["explain", "000.00.00.H52-250716-0001", "--as-of", "2025-08-01T00:00:00+07:00"],
        ["law"],
    ],
    ids=" ".join,
)
def test_the_keys_of_data_are_the_same_in_both_languages(
    paper: str, words: list[str], office: Path
) -> None:
    command = [*words, "--format", paper]
    vietnamese = hoso(office, *command, "--lang", "vi", **VIETNAMESE).out
    english = hoso(office, *command, "--lang", "en", **ENGLISH).out
    if paper == "csv":
        assert vietnamese.splitlines()[0] == english.splitlines()[0]
    else:
        assert keys(json.loads(vietnamese)) == keys(json.loads(english))


def keys(data: Any) -> Any:
    """The keys of JSON, without its values."""
    if isinstance(data, dict):
        return {key: keys(value) for key, value in data.items()}
    return [keys(each) for each in data] if isinstance(data, list) else None


def test_a_reason_is_stored_in_english_and_listed_in_vietnamese(office: Path) -> None:
    listed = hoso(office, "rejects", "list", **VIETNAMESE).out
    assert "bắt buộc có" in " ".join(listed.split())
    [first, *_] = json.loads(hoso(office, "rejects", "list", "--format", "json", **VIETNAMESE).out)
    assert "Field required" in first["reason"]


def test_rejects_are_dropped_by_a_reason_in_either_language(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"type": "nix"}\n{"a": 1}\n', encoding="utf-8")
    hoso(tmp_path, "ingest", "bad.jsonl")
    dropped = hoso(tmp_path, "rejects", "drop", "--reason", "không có loại sự kiện này")
    assert dropped.out == "hoso.db: 1 rejects dropped\n"
    dropped = hoso(tmp_path, "rejects", "drop", "--reason", "type: missing", **VIETNAMESE)
    assert dropped.out == "hoso.db: đã xóa 1 thông điệp bị loại\n"
