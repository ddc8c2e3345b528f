"""docs/GLOSSARY.md: each term stands there once, and the module it names exists."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| term |")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_term_has_a_translation_one_sentence_and_a_module_that_exists(row: list[str]) -> None:
    term, vietnamese, meaning, where = row
    assert term
    assert vietnamese
    assert meaning.endswith(".")
    path = re.fullmatch(r"`((?:domain|projections|consumers|tools)/[\w/]*(?:\.py)?)`", where)
    assert path is not None
    place = ROOT / path[1]
    assert place.is_dir() if path[1].endswith("/") else place.is_file()


def test_each_term_stands_there_once() -> None:
    terms = Counter(row[0].lower() for row in ROWS)
    assert len(terms) >= 30
    assert [term for term, times in terms.items() if times > 1] == []
