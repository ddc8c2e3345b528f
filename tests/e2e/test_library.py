"""The Python API leaves the process of its user as it is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import environment
from tests.offices import SOURCES, equip

# What belongs to the whole process.
USE = """
import gc, json, os, signal, sys
import pandas  # with it comes six, which has an importer of its own

def settings():
    return {
        "gc.get_threshold": gc.get_threshold(),
        "gc.isenabled": gc.isenabled(),
        "gc.get_freeze_count": gc.get_freeze_count(),
        "sys.getswitchinterval": sys.getswitchinterval(),
        "sys.meta_path": [str(finder) for finder in sys.meta_path],
        "sys.excepthook": str(sys.excepthook),
        "sys.unraisablehook": str(sys.unraisablehook),
        "os.environ": dict(os.environ),
        "signals": [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM)],
        "blocked signals": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "sys.stdout": (sys.stdout.encoding, sys.stdout.errors),
    }

if sys.argv[1] == "disabled":
    gc.disable()
before = settings()
import hoso
for source in sys.argv[2:]:
    ledger = hoso.replay(source)
    ledger.statement("2023-Q1", by=["channel"]).to_pandas()
    ledger.to_arrow()
after = settings()
print(json.dumps({n: (before[n], after[n]) for n in before if before[n] != after[n]}))
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some events in a file, a store and an archive."""
    return equip(tmp_path_factory.mktemp("office"))


@pytest.mark.parametrize("collection", ["enabled", "disabled"])
def test_a_replay_changes_no_setting_of_the_process(office: Path, collection: str) -> None:
    used = subprocess.run(
        [sys.executable, "-c", USE, collection, *SOURCES],
        cwd=office,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(used.stdout) == {}
    assert used.stderr == ""


def test_importing_it_takes_no_library() -> None:
    """Names are imported at their first use, so that a command starts quickly."""
    names = "import sys, hoso; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", names], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pydantic", "numpy", "pyarrow", "typer"} & {*loaded}


def test_only_the_command_line_sets_up_its_process() -> None:
    """``tools.runtime.process`` has all settings of the process, and the API imports none of it."""
    root = Path(__file__).resolve().parents[2]
    importing = {
        str(path.resolve().relative_to(root))
        for folder in ("domain", "projections", "consumers", "tools", "hoso")
        for path in (root / folder).glob("**/*.py")
        if re.search(r"runtime import .*\bprocess\b|runtime\.process", path.read_text())
    }
    commands = {"tools/commands/follow.py", "tools/commands/intake.py"}  # those that run on
    assert importing == {"hoso/__main__.py", "tools/cli.py", *commands}
