"""Does a release say the law and the calendar of then, and the same with the same bytes?"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from hoso.domain import provisions
from hoso.domain.errors import UserError
from hoso.domain.office import ZONE
from hoso.domain.policy import RULE_BOOK, Policy
from hoso.domain.windows import Window
from hoso.projections.releases.folder import parse_release, read_release
from hoso.projections.releases.release import (
    KeptCalendar,
    KeptLaw,
    LogPoint,
    Options,
    Program,
    Release,
    then_office,
)
from hoso.tools.runtime.calendar import calendar

SIGNED: Final = datetime(2026, 7, 2, 8, 30, tzinfo=ZoneInfo(ZONE))
DIGEST: Final = "ab" * 32


def release_by(policy: Policy) -> Release:
    day = SIGNED.date()
    return Release(
        number=1,
        report="summary",
        reports=("summary",),
        window=Window(date(2026, 3, 15), date(2026, 6, 14)),
        attribution="final",
        slices={"channel": ("online", None)},
        options=Options(folding="lenient"),
        as_of=SIGNED,
        zone=ZONE,
        law=KeptLaw.of(policy, day),
        calendar=KeptCalendar.of(calendar(policy.law_as_of or day)),
        program=Program(version="0.3", rule_book=RULE_BOOK, code="c", profiles="p", libraries={}),
        log=LogPoint(origin="hoso/x", position=7, events=6, root=DIGEST),
        statements=(),
        papers={"summary.json": DIGEST},
        inputs={},
        behind=DIGEST,
        released_at=SIGNED,
    )


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(law="portal-2026", supplement_limit=2),
        Policy(law="nd61-2018"),
        Policy(law_as_of=date(2025, 6, 10), reschedule="keep_original"),
    ],
)
def test_the_office_of_then_judges_as_it_did(policy: Policy) -> None:
    release = release_by(policy)
    office = then_office(parse_release("x", release.as_bytes()))
    then = policy.model_copy(update={"law_as_of": policy.law_as_of or SIGNED.date()})
    assert office.policy.as_json() == then.as_json()
    assert office.policy.as_rules_read_it() == then.as_rules_read_it()
    assert office.calendar == calendar(then.law_as_of)


def test_a_law_published_later_does_not_change_the_office_of_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = release_by(Policy())
    before = then_office(release).policy.as_rules_read_it()
    monkeypatch.setattr(provisions, "PROVISIONS", ())
    assert then_office(release).policy.as_rules_read_it() == before


def test_a_release_reads_back_and_has_the_same_bytes() -> None:
    release = release_by(Policy())
    again = parse_release("x", release.as_bytes())
    assert again == release
    assert again.as_bytes() == release.as_bytes()


def test_a_key_that_a_release_does_not_have_is_named() -> None:
    body = release_by(Policy()).as_bytes().replace(b'"report":', b'"repord":')
    with pytest.raises(UserError, match=r"release\.json: repor"):
        parse_release("release.json", body)


def test_a_folder_without_a_release_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no release"):
        read_release(tmp_path)


def test_instants_are_written_in_utc() -> None:
    assert b'"as_of": "2026-07-02T01:30:00Z"' in release_by(Policy()).as_bytes()
    assert SIGNED.astimezone(UTC).hour == 1
