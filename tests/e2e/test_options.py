"""The options of the command line: help, completion, repeated options, spellings, diagnostics."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hoso.tools.cli import COMMANDS, app
from tests.command import HOSO, PATIENCE_S, SPAN, Outcome, done, environment, hoso, started

EVENTS = "events.jsonl"
QUARTER_1 = ("--window", "2023-Q1")
RECORD = (
    b'{"MaHoSo":"000.00.00.H52-230315-0001","MaTTHC":"1.004199","MaLinhVuc":"dat_dai",'
    b'"KenhThucHien":"2","DonViXuLy":"H52.01","NgayTiepNhan":"20230301081500",'
    b'"NgayHenTra":"20230315170000","TrangThaiHoSo":"2"}\n'
)
EARLY_PROGRESS = (
    b'{"MaHoSo":"000.00.00.H52-230315-0002","ThoiDiemXuLy":"20230303093000","TrangThai":"6"}\n'
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of events and a store that holds them."""
    folder = tmp_path_factory.mktemp("office")
    done(folder, "simulate", *SPAN, "--dossiers", "60", "--seed", "7", "--out", EVENTS)
    done(folder, "ingest", EVENTS)
    return folder


def refusal(folder: Path, *arguments: str) -> str:
    """The one line with which a call is refused."""
    outcome = hoso(folder, *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    [line] = outcome.err.splitlines()
    return line


# --- Help ----------------------------------------------------------------------------------------

NAMES = [command.__name__.strip("_") for commands in COMMANDS.values() for command in commands]
REJECTS = [f"rejects {name}" for name in ("list", "show", "retry", "export", "drop", "retention")]


def test_help_lists_every_command_under_its_task(tmp_path: Path) -> None:
    text = done(tmp_path, "--help")
    sections = re.findall(r"^([A-Z][\w ]+):\n((?:  .*\n)+)", text, re.MULTILINE)
    listed = {heading: re.findall(r"^  (\w\S*)  ", lines, re.M) for heading, lines in sections}
    assert [*listed] == ["Options", *COMMANDS]
    for task, commands in COMMANDS.items():
        assert [name for name in listed[task] if name not in ("rejects", "users", "ledger")] == [
            c.__name__.strip("_") for c in commands
        ]
    assert "..." not in text.partition("Figures:")[2]  # no summary is cut off


@pytest.mark.parametrize("command", [*NAMES, "rejects", *REJECTS])
def test_help_names_values_and_has_a_text_for_each_option(tmp_path: Path, command: str) -> None:
    text = done(tmp_path, *command.split(), "--help")
    assert "traceback" not in text.casefold()
    assert not re.search(r"<(str|int|float|list|.* range)|\bTEXT\b|\bINTEGER\b|\[required\]$", text)
    for option in re.findall(r"^  (--\S+)(?: \S+)*\n? {2,}(\S.*)$", text, re.MULTILINE):
        assert re.match(r"[A-Z]", option[1]), option


def test_help_is_printed_without_rich(tmp_path: Path) -> None:
    names = "import sys, atexit; atexit.register(lambda: print('rich' in sys.modules))"
    run = f"{names}; from hoso.tools import cli; sys.argv = ['hoso', 'statement', '--help']; "
    printed = subprocess.run(
        [sys.executable, "-c", f"{run}cli.main()"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.endswith("\nFalse\n")


def test_it_is_run_as_a_module_as_well(tmp_path: Path) -> None:
    module = subprocess.run(
        [sys.executable, "-m", "hoso", "explain", "--help"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert module.stdout == done(tmp_path, "explain", "--help")
    assert module.stdout.startswith("Usage: hoso explain [OPTIONS] {CODE}\n")


# --- Completion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(tmp_path: Path, shell: str) -> None:
    settings: dict[str, Any] = {
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        "HOME": str(tmp_path),
    }
    shown = started(tmp_path, "--show-completion", shell, **settings)
    assert (shown.status, shown.err) == (0, "")
    assert "_HOSO_COMPLETE" in shown.out
    installed = started(tmp_path, "--install-completion", shell, **settings)
    assert (installed.status, installed.err) == (0, "")
    assert "completion installed in" in installed.out
    assert any("_HOSO_COMPLETE" in f.read_text() for f in tmp_path.rglob("*") if f.is_file())


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("hoso sta", {"statement", "status"}),
        ("hoso rejects ", {"list", "show", "retry", "export", "drop", "retention"}),
        ("hoso statement --after", {"--after-supplement"}),
        ("hoso statement --by a --by b --eng", {"--engine"}),
        ("hoso statement --engine ", {"local", "spark"}),
    ],
)
def test_words_are_completed(tmp_path: Path, words: str, completions: set[str]) -> None:
    typed = words.split(" ")
    settings: dict[str, Any] = {"COMP_WORDS": words, "COMP_CWORD": str(len(typed) - 1)}
    completed = started(tmp_path, _HOSO_COMPLETE="complete_bash", **settings)
    assert (completed.status, completed.err) == (0, "")
    assert {*completed.out.split()} == completions


# --- Options given twice -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("statement --window 2023-Q1 --by channel --by level", "--by"),
        ("statement --window 2023-Q1 --by=channel --by=channel", "--by"),
        ("statement --from 2023-01-01 --to 2023-01-02 --from 2023-01-03", "--from"),
        (
            "statement --window 2023 --as-of 2023-03-20T17:00:00Z --as-of 2023-03-21T17:00:00Z",
            "--as",
        ),
        ("statement --window 2023 --format csv --format json", "--format"),
        ("statement --window 2023 --supplement-limit 1 --supplement-limit 2", "--supplement-limit"),
        ("statement --window 2023 --cache --no-cache", "--cache / --no-cache"),
        ("statement --window 2023 --skip-rejects --skip-rejects", "--skip-rejects"),
        ("statement --policies a --window 2023 --policies b", "--policies"),
        ("dossiers --account total --window 2023-Q1 --window 2023-Q2", "--window"),
        ("dossiers --account total --window 2023-Q1 --account resolved", "--account"),
        ("report ii06a --window 2023-Q1 --window 2023-Q2", "--window"),
        ("ingest events.jsonl --store sqlite:///a.db --store sqlite:///b.db", "--store"),
        ("rejects list --format csv --format csv", "--format"),
        ("simulate --dossiers 1 --out a --out b", "--out"),
        ("status --topic a --topic b", "--topic"),
    ],
)
def test_an_option_that_has_one_value_is_refused_when_it_is_given_twice(
    office: Path, command: str, option: str
) -> None:
    before = {*office.iterdir()}
    line = refusal(office, *command.split())
    assert line.startswith(f"hoso: {option}")
    assert line.endswith(": is given 2 times: give it once")
    assert {*office.iterdir()} == before


def test_options_that_combine_may_be_given_several_times(office: Path) -> None:
    windows = done(office, "statement", *QUARTER_1, "--window", "2023-Q2", "--format", "csv")
    assert {line[:10] for line in windows.splitlines()[1:]} == {"2022-12-15", "2023-03-15"}
    arguments = ("dossiers", *QUARTER_1, "--account", "received", "--format", "csv")
    each = [("--slice", f"channel={name}") for name in ("online", "in_person")]
    listed = [len(done(office, *arguments, *one).splitlines()) - 1 for one in each]
    both = len(done(office, *arguments, *each[0], *each[1]).splitlines()) - 1
    assert both == sum(listed) > max(listed)


def test_every_option_has_one_value_or_combines() -> None:
    """None that repeats was added without a meaning for that."""
    from typer.main import get_command

    pending, repeated = [get_command(app)], set()
    while pending:
        command = pending.pop()
        pending += getattr(command, "commands", {}).values()
        options = (p for p in command.params if p.param_type_name == "option")
        repeated |= {name for p in options if getattr(p, "multiple", False) for name in p.opts}
    combined = {"--archive", "--as-of", "--check", "--key", "--pin", "--slice"}
    combined |= {"--source", "--window"}
    of_users = {"--behind-proxy", "--body", "--from-source", "--role"}
    assert repeated <= combined | {"--against-pin", "--against-slice"} | of_users


# --- What the input holds, and how the output looks ----------------------------------------------

OLD_SPELLING = (
    "hoso: --format national is written --from-format national now; the old spelling still works\n"
)


def test_the_old_spelling_of_the_inputs_format_works_with_a_notice(tmp_path: Path) -> None:
    new = hoso(tmp_path, "ingest", "-", "--from-format", "national", stdin=RECORD)
    store = ("--store", "sqlite:///old.db")
    old = hoso(tmp_path, "ingest", "-", "--format", "national", *store, stdin=RECORD)
    assert new == Outcome(0, "hoso.db: 1 events recorded\n", "")
    assert old == Outcome(0, "old.db: 1 events recorded\n", OLD_SPELLING)
    events = hoso(tmp_path, "ingest", "-", "--format", "events", stdin=b"")
    assert (events.status, events.err.count("\n")) == (0, 1)
    assert "--from-format events" in events.err
    both = ("--format", "national", "--from-format", "national")
    line = refusal(tmp_path, "ingest", "-", *both)
    assert line == "hoso: --format: is --from-format under its old name: leave it out"


def test_a_check_reads_records_and_prints_as_told(tmp_path: Path) -> None:
    records = RECORD + EARLY_PROGRESS + b"{}\n"
    new = hoso(tmp_path, "check", "-", "--from-format", "national", stdin=records)
    old = hoso(tmp_path, "check", "-", "--format", "national", stdin=records)
    assert new.status == old.status == 1
    assert old == new._replace(err=OLD_SPELLING + new.err)
    assert new.err.splitlines()[0].startswith("rejected: -:3: not a record: ")
    assert "paused" in new.out  # it stands in suspense until its reception is told
    printed = hoso(
        tmp_path, "check", "-", "--from-format", "national", "--format", "json", stdin=RECORD
    )
    assert (printed.status, printed.err) == (0, "")
    assert '"score": 100.0' in printed.out
    assert not list(tmp_path.iterdir())


# --- Faults of hoso's own ------------------------------------------------------------------------

BROKEN = """
import sys
from hoso.tools import cli
from hoso.tools.runtime import environment
def fail():
    {fault}
environment.store_url = fail
sys.argv = ["hoso", "status"]
cli.main()
"""


def broken(folder: Path, fault: str, **settings: str) -> Outcome:
    """What ``hoso status`` does where something within it fails."""
    left = subprocess.run(
        [sys.executable, "-c", BROKEN.format(fault=fault)],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Outcome(left.returncode, left.stdout, left.stderr)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("sys.exit('bye')", "SystemExit: bye"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise GeneratorExit", "GeneratorExit: "),
    ],
)
def test_what_a_library_raises_is_no_success(tmp_path: Path, fault: str, text: str) -> None:
    status, out, err = broken(tmp_path, fault)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("hoso: a fault of hoso's own, in <string>:6: ")
    assert text in err
    assert "HOSO_DEBUG=1 shows the traceback" in err


def test_a_broken_pipe_is_no_fault_whatever_a_library_makes_of_it(tmp_path: Path) -> None:
    assert broken(tmp_path, "raise BrokenPipeError") == (0, "", "")
    turned = "try: raise BrokenPipeError\n    except OSError: raise SystemExit(1)"
    assert broken(tmp_path, turned) == (0, "", "")


def test_a_traceback_is_shown_on_request_only(tmp_path: Path) -> None:
    asked = broken(tmp_path, "1 / 0", HOSO_DEBUG="1")
    assert (asked.status, asked.out) == (2, "")
    assert asked.err.startswith("Traceback (most recent call last):\n")
    assert asked.err.splitlines()[-1].startswith("hoso: a fault of hoso's own, in ")
    refused = hoso(tmp_path, "statement", "--source", "none.jsonl", *QUARTER_1, HOSO_DEBUG="1")
    assert "UserError" in refused.err or "Unreadable" in refused.err
    assert refused.err.splitlines()[-1].startswith("hoso: none.jsonl: No such file")


def test_the_script_starts_where_interrupts_are_dealt_with() -> None:
    assert "from hoso.__main__ import main" in Path(HOSO).read_text()
