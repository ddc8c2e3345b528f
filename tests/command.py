"""The ``hoso`` command as people run it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

HOSO = str(Path(sys.executable).with_name("hoso"))
SETTINGS = ("HOSO_STORE", "HOSO_TIME_ZONE", "FORCE_COLOR", "COLUMNS")
PATIENCE_S = 150.0


class Outcome(NamedTuple):
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


def environment(**settings: Any) -> dict[str, str]:
    """This process's environment without what would change how ``hoso`` behaves."""
    return {n: v for n, v in os.environ.items() if n not in SETTINGS} | settings


def hoso(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    patience_s: float = PATIENCE_S,
    **settings: Any,
) -> Outcome:
    """Run a command in a folder, with settings of the environment."""
    done = subprocess.run(
        [HOSO, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        timeout=patience_s,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def done(folder: Path, *arguments: str, **options: Any) -> str:
    """What a command writes that has nothing to complain of."""
    outcome = hoso(folder, *arguments, **options)
    assert (outcome.status, outcome.err) == (0, "")
    return outcome.out
