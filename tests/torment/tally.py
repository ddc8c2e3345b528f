"""Where do the tallies go? To the terminal, and behind the others in ``$HOSO_TORMENT_TALLY``."""

import os
import sys
from pathlib import Path

import pytest


def told(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print a line of the tally, and keep it where a file for it is named."""
    with capsys.disabled():
        sys.stderr.write(f"\n{line}\n")
    if name := os.environ.get("HOSO_TORMENT_TALLY"):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
