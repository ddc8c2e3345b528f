"""The commands of docs/VAN-PHONG.md do what the page says, on the files beside it."""

import json
import re
import shlex
import shutil
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.command import Outcome, answered, asked

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/VAN-PHONG.md").read_text()
DOCX = "bao-cao-thang-11.docx"
COMMANDS = re.findall(r"^    hoso (.+)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outcome]]:
    """A copy of the sample register, and what each command of the page left, in order."""
    folder = tmp_path_factory.mktemp("office") / "mau"
    shutil.copytree(ROOT / "docs/mau", folder)
    return folder, [answered(folder, *shlex.split(command)) for command in COMMANDS]


def test_the_commands_end_as_the_page_says(office: tuple[Path, list[Outcome]]) -> None:
    _, outcomes = office
    assert [outcome.status for outcome in outcomes] == [0, 1, 1, 1, *[0] * 13, 1, 1, 0]
    assert all("6 dòng sai" in outcome.out for outcome in outcomes[1:3])


def test_the_map_beside_the_page_is_the_suggested_one_corrected(
    office: tuple[Path, list[Outcome]],
) -> None:
    folder, _ = office
    suggested = (folder / "cot-moi.yaml").read_text()
    corrected = re.sub(r'("Đang chờ ký số"): "\?".*', r"\1: in_progress", suggested)
    assert (folder / "cot.yaml").read_text() == corrected


def test_the_two_months_balance_and_nothing_is_in_suspense(
    office: tuple[Path, list[Outcome]],
) -> None:
    folder, _ = office
    windows = ("--window", "2026-M10", "--window", "2026-M11", "--format", "json")
    first, second = json.loads(asked(folder, "statement", *windows))
    assert first["total"]["carried_forward"] == second["total"]["carried_over"] > 0
    assert second["suspense"] == {"events": 0, "dossiers": 0}
    assert second["total"]["received"] > 500


def test_form_and_letter_have_the_figures_of_the_statement(
    office: tuple[Path, list[Outcome]],
) -> None:
    folder, outcomes = office
    month = ("--window", "2026-M11", "--format", "json")
    total = json.loads(asked(folder, "statement", *month))["total"]
    listed = json.loads(asked(folder, "dossiers", *month, "--account", "in_progress.overdue"))
    assert len(listed) == total["in_progress"]["overdue"] > 0
    letter = "\n".join(each.text for each in docx.Document(str(folder / DOCX)).paragraphs)
    received = f"{total['received']:,}".replace(",", ".")
    assert f"tiếp nhận trong kỳ {received} hồ sơ" in letter
    form = openpyxl.load_workbook(folder / "bieu-thang-11.xlsx", data_only=False).active
    assert form is not None
    numbers = {cell for row in form.iter_rows(values_only=True) for cell in row}
    assert "ỦY BAN NHÂN DÂN PHƯỜNG MẪU" in numbers
    [audited] = [o for o, command in zip(outcomes, COMMANDS, strict=True) if "audit" in command]
    assert "0 điểm không khớp" in audited.out


def test_each_morning_has_its_list_and_its_calendar(office: tuple[Path, list[Outcome]]) -> None:
    folder, outcomes = office
    printed = outcomes[COMMANDS.index("due --by field")].out
    listed = json.loads(asked(folder, "due", "--format", "json"))
    overdue = sum(row["days_left"] < 0 for row in listed)
    assert f"{overdue} hồ sơ đã quá hạn" in printed
    assert all(row["dossier"] in printed for row in listed)
    calendar = (folder / "den-han.ics").read_bytes()
    assert f"{overdue} đã quá hạn".encode() in calendar
    assert not any(row["dossier"].encode() in calendar for row in listed)


def test_a_register_loaded_late_is_backtested_by_the_days_of_its_events(
    office: tuple[Path, list[Outcome]],
) -> None:
    """The store of the page knew nothing in the month: the paper says so, and what to do."""
    folder, outcomes = office
    tried = outcomes[COMMANDS.index("due --backtest 2026-M11 --source sqlite:///thu.db")].out
    assert re.search(r"^[1-9][\d.]* dự báo; ", tried, re.MULTILINE)
    untold = asked(folder, "due", "--backtest", "2026-M11")
    assert "Đến hết ngày 14/11/2026 chưa ghi nhận sự kiện nào" in untold
    assert "--recorded time" in untold


def test_the_page_of_integrity_has_the_dossiers_that_were_paused_at_the_due_day(
    office: tuple[Path, list[Outcome]],
) -> None:
    """Without the checks of the day of recording, which says nothing where a register is loaded."""
    folder, outcomes = office
    [listed] = [each.out for each in outcomes if each.out.startswith("Tạm dừng sát ngày hẹn trả")]
    month = ("--window", "2026-M11", "--profile", "dau-hieu.yaml", "--format", "json")
    checks = json.loads(asked(folder, "integrity", *month))["checks"]
    found = {each["check"]: each["dossiers"] for each in checks}
    assert found["paused_on_due_day"]
    assert all(code in listed for code in found["paused_on_due_day"])
    assert found["recorded_late"] == found["recorded_after_due"] == []
    unlimited = json.loads(asked(folder, "report", "integrity", *month[:2], "--format", "json"))
    assert "nạp một lần về sau" in json.dumps(unlimited, ensure_ascii=False)
    assert "nạp một lần về sau" not in (folder / "dau-hieu-thang-11.html").read_text()


def test_no_applicant_of_the_sample_is_in_the_store(office: tuple[Path, list[Outcome]]) -> None:
    folder, outcomes = office
    raw = (folder / "hoso.db").read_bytes()
    text = "".join(outcome.out for outcome in outcomes)
    for name in ("Nguyễn Văn", "Lò Thị", "Quàng Minh", "Bản 1"):
        assert name.encode() not in raw
        assert name not in text


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "docs/mau").iterdir()]
    assert (len(sizes), sum(sizes) < 400_000) == (5, True)
