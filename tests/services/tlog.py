"""Go's own implementation of transparency logs, which checks what hoso writes."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.services.required import Missing

SOURCE = Path(__file__).parent / "tlog"
ELSEWHERE = "/usr/local/go/bin"  # where Go's own installer puts it


@cache
def checker() -> Path:
    """The program that checks, built. Raises ``Missing`` where there is no Go, or no network."""
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:{ELSEWHERE}")
    if go is None:
        raise Missing("there is no Go")
    built = Path(mkdtemp()) / "tlog"
    made = subprocess.run(
        [go, "build", "-o", str(built), "."], cwd=SOURCE, capture_output=True, check=False
    )
    if made.returncode:
        raise Missing(f"Go cannot build the checker: {made.stderr.decode()}")
    return built


def complaint(question: dict[str, Any]) -> str:
    """What Go finds wrong; empty if nothing is."""
    ran = subprocess.run(
        [checker()], input=json.dumps(question).encode(), capture_output=True, check=False
    )
    assert ran.returncode == (1 if ran.stdout else 0), ran.stderr.decode()
    return ran.stdout.decode().strip()
