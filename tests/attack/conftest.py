"""Where do the counts of attacks go? To the file that ``make attack`` names."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.attack.fuzzing import TALLY, tally


@pytest.fixture(scope="session", autouse=True)
def counted() -> object:
    """Add this session's counts to the file."""
    yield
    if name := os.environ.get(TALLY):
        file = Path(name)
        before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.write_text(json.dumps(Counter(before) + tally), encoding="utf-8")
