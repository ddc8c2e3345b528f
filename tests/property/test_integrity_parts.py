"""Do checks find the same however a history is read, and do they agree with the statement?"""

from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.calendar import day_number
from hoso.domain.windows import Window
from hoso.projections.archive.integrity import parts_of_archive
from hoso.projections.archive.register import register_of_archive
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.in_json import as_json
from hoso.projections.integrity.parts import question_of
from hoso.projections.ledger.register import Moment
from hoso.projections.log.schema import dossier_key
from hoso.tools.inputs.checks import checks_by
from tests.archived import NEVER_MADE_ONE, archived_in
from tests.engine import Json, compiling, examples, integrity, office_in_law, stated
from tests.histories import as_ofs_in_law, histories_in_law, windows_in_law
from tests.model import Law, as_recorded

CUTS = st.lists(st.integers(0, 60), max_size=3).map(sorted)


def in_archive(folder: Path, window: tuple[date, date], as_of: datetime | None) -> Integrity:
    """What the checks find in an archive."""
    office = office_in_law(Law(), None, None)
    question = question_of(office, as_of, Window(*window), checks_by(None))

    def look_up(dossiers: Any) -> pa.Table:
        moment = Moment(as_of, day_number(question.told.last))
        keys = np.unique([dossier_key(code) for code in dossiers])
        return pa.concat_tables(register_of_archive(folder, office, moment, keys=keys))

    return integrity_of(question, parts_of_archive(folder, question), look_up)


@examples(60)
@given(data=st.data())
def test_an_archive_finds_what_the_log_does(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    expected = as_json(integrity(events, window, as_of=as_of))
    cuts, compacted = data.draw(CUTS), data.draw(st.booleans())
    with (
        nullcontext() if compacted else NEVER_MADE_ONE,
        archived_in(events, [cut for cut in cuts if cut < len(events)], 9, 3) as folder,
    ):
        assert as_json(in_archive(folder, window, as_of)) == expected
        with compiling():
            assert as_json(in_archive(folder, window, as_of)) == expected


@examples(100)
@given(data=st.data())
def test_what_is_recorded_later_changes_nothing_as_of_an_instant(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    if as_of is None:
        return
    known = [each.event for each in as_recorded(events) if each.recorded <= as_of]
    if known:
        now = as_json(integrity(events, window, as_of=as_of))
        assert now == as_json(integrity(known, window, as_of=as_of))


@examples(100)
@given(data=st.data())
def test_the_rates_are_the_statements_and_counts_add_up(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    told = stated(events, window, ["agency"], as_of=as_of, law=Law())
    lines = {line["slice"]["agency"]: line["resolved"] for line in told["lines"]}
    nothing = {"early": 0, "on_time": 0, "total": 0}
    for result in integrity(events, window, as_of=as_of).checks:
        if result.effect is None:
            continue
        assert result.effect.resolved == told["total"]["resolved"]["total"]
        assert result.effect.found == len(result.findings) == len({*_codes(result.findings)})
        assert result.effect.found == sum(row.effect.found for row in result.by_agency)
        assert result.effect.taken == sum(row.effect.taken for row in result.by_agency)
        for agency, effect, _ in result.by_agency:
            resolved: Json = lines.get(agency, nothing)
            assert effect.resolved == resolved["total"]
            assert effect.in_time == resolved["early"] + resolved["on_time"]
            assert effect.taken <= effect.in_time
        assert result.effect.found <= result.effect.of


def _codes(findings: pa.Table) -> list[str]:
    codes: list[str] = findings["dossier"].to_pylist()
    return codes
