"""What the checks say: a title and a sentence with its thresholds, and no accusation."""

import re

import pytest

from hoso.projections.integrity.checks import Check
from hoso.tools.inputs.checks import checks_by

CHECKS = [*checks_by(None).items()]
ACCUSING = re.compile(r"gian lận|sai phạm|cố tình|vi phạm|đối phó|fraud|cheat|manipulat", re.I)
each_check = pytest.mark.parametrize(("name", "check"), CHECKS, ids=[name for name, _ in CHECKS])


@each_check
def test_a_title_fits_a_row_and_is_the_only_one_of_its_kind(name: str, check: Check) -> None:
    for vi, en in (check.title,):
        assert len(vi) <= 42
        assert len(en) <= 42
    titles = [other.title for other_name, other in CHECKS if other_name != name]
    assert check.title not in titles


@each_check
def test_a_check_says_what_it_saw_with_its_thresholds(name: str, check: Check) -> None:
    for text in check.saw():
        assert "{" not in text
        assert text.endswith(".")
    named = {*re.findall(r"\{(\w+)\}", "".join(check.sees))}
    assert named <= check.thresholds.keys()


@each_check
def test_no_check_accuses_and_each_names_an_innocent_cause(name: str, check: Check) -> None:
    texts = [*check.title, *check.saw(), *(text for cause in check.innocent for text in cause)]
    assert not any(ACCUSING.search(text) for text in texts)
    assert check.innocent
    assert all(text.endswith(".") for cause in check.innocent for text in cause)


def test_the_day_of_a_threshold_is_written_as_each_language_writes_it() -> None:
    vi, en = dict(CHECKS)["district_after_reform"].saw()
    assert "30/06/2025" in vi
    assert "2025-06-30" in en
