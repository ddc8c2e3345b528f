"""The ``hoso`` command as people run it: a process of its own, in a folder of its own.

Quicker, a copy of a process that has imported all: the same but for its start. Quicker still, in
this process: what it writes, and what it raises.
"""

import io
import json
import os
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from hoso.tools import cli
from hoso.tools.cli import app
from tests.copies import Copies

HOSO = str(Path(sys.executable).with_name("hoso"))
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
SETTINGS = ("HOSO_STORE", "HOSO_TIME_ZONE", "FORCE_COLOR", "COLUMNS", *LOCALE)
PATIENCE_S = 150.0
SPAN = ("--from", "2022-09-01", "--to", "2023-08-31")  # the year that most simulations are of


class Outcome(NamedTuple):
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


def environment(**settings: Any) -> dict[str, str]:
    """This process's environment without what would change how ``hoso`` behaves."""
    return {n: v for n, v in os.environ.items() if n not in SETTINGS} | settings


@cache
def copies() -> Copies:
    """Where this process has its commands run; there when it is first needed."""
    return Copies(environment())


def no_more_commands() -> None:
    """Leave nothing of it."""
    if copies.cache_info().currsize:
        copies().end()
        copies.cache_clear()


def hoso(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    patience_s: float = PATIENCE_S,
    **settings: Any,
) -> Outcome:
    """Run a command in a folder, with settings of the environment."""
    ran = copies().run(folder, arguments, environment(**settings), stdin, patience_s)
    return Outcome(ran[0], ran[1].decode(), ran[2].decode())


def started(folder: Path, *arguments: str, stdin: bytes = b"", **settings: Any) -> Outcome:
    """The same, started from nothing."""
    done = subprocess.run(
        [HOSO, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def done(folder: Path, *arguments: str, **options: Any) -> str:
    """What a command writes that has nothing to complain of."""
    outcome = hoso(folder, *arguments, **options)
    assert (outcome.status, outcome.err) == (0, "")
    return outcome.out


def asked(folder: Path, *arguments: str) -> str:
    """What a command writes that has nothing to complain of, run in this process; what it raises
    is raised here."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        chdir(folder),
        patch.dict(os.environ, environment(), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        assert not app([*arguments], standalone_mode=False)
    assert _written(err) == ""
    return _written(out)


def count_behind(folder: Path, call: str) -> int:
    """How many dossiers the call behind a figure lists."""
    program, *arguments = shlex.split(call)
    assert program == "hoso"
    listed = json.loads(asked(folder, *arguments, "--format", "json"))
    if isinstance(listed, dict):  # of a check of integrity
        [check] = listed["checks"]
        assert len(check["dossiers"]) == check["count"]
        return len(check["dossiers"])
    return sum(row.get("number", 1) for row in listed)


def answered(folder: Path, *arguments: str) -> Outcome:
    """What a command leaves that may fail, run in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        chdir(folder),
        patch.dict(os.environ, environment(), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            status = app([*arguments], standalone_mode=False)
        except Exception as error:
            status = 2
            cli._report(error)
    return Outcome(status or 0, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def only_reading(folder: Path, *arguments: str) -> Outcome:
    """Run a command where it may read everything and write nothing."""
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]  # even if it is root
    command = [HOSO, *arguments] if os.geteuid() else [*powerless, HOSO, *arguments]
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    left = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    folder.chmod(0o755)
    return Outcome(left.returncode, left.stdout, left.stderr)
