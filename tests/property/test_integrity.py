"""Does each check find every dossier that shows its pattern, and no innocent neighbour?

``tests.pattern_lives`` builds lives of which the contract's words say whether they show a pattern,
and ``tests.patterns`` is a second, slow judge of any life. Neither knows anything of the engine.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.engine import LOCAL, examples, found_by_checks, integrity, is_working
from tests.histories import histories_in_law, windows_in_law
from tests.model import as_recorded
from tests.pattern_lives import CASES, FIRST, LAST, PROCEDURES, batches
from tests.patterns import OF_ONE_LIFE, Asked, found


@pytest.mark.parametrize("check", CASES)
@examples(30)
@given(data=st.data())
def test_a_check_finds_what_shows_its_pattern_and_no_innocent_neighbour(
    check: str, data: DataObject
) -> None:
    events, must = data.draw(batches(check))
    asked = Asked(is_working, LOCAL, catalogue=PROCEDURES)
    assert found(as_recorded(events), (FIRST, LAST), asked)[check] == must  # the judges agree
    result = integrity(events, (FIRST, LAST), catalogue=PROCEDURES)
    assert found_by_checks(result)[check] == must


@examples(100)
@given(data=st.data())
def test_in_any_history_the_checks_find_what_the_slow_judge_sees(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window = data.draw(windows_in_law(events))
    asked = Asked(is_working, LOCAL, catalogue=PROCEDURES)
    result = found_by_checks(integrity(events, window, catalogue=PROCEDURES))
    assert {name: result[name] for name in OF_ONE_LIFE} == found(as_recorded(events), window, asked)
