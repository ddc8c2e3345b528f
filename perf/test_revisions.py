"""How long it takes to say what is different in a release of a quarter, after a few late events.

The store has ``HOSO_PERF_EVENTS`` events of a year: a quarter of a province is about 250,000. The
release is of a statement by agency. Its limit is to read today's statement from what is kept.
"""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.intake.record import IntakeContext, validate_messages
from hoso.consumers.store.log import open_store
from hoso.domain.calendar import local_date
from hoso.domain.office import ZONE
from hoso.domain.policy import RULE_BOOK, Policy
from hoso.domain.windows import named_window
from hoso.projections.ledger.statement import instant_text, statement_from
from hoso.projections.releases.release import KeptCalendar, KeptLaw, LogPoint, Program, Release
from hoso.tools.jobs.revisions import revisions
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.environment import office, zone
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options

GROUP = "revisions of a statement"
WINDOW = named_window("2023-Q1")
LATE_EVENTS = 100
DIGEST = "0" * 64


@pytest.fixture(scope="module")
def released(store: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    """A statement as it was released, before the last events came."""
    folder, now = tmp_path_factory.mktemp("release"), datetime.now(UTC)
    (folder / "statement.json").write_bytes(orjson.dumps(stated(store)))
    with open_store(store) as opened:
        position = opened.last_position()
    release = Release(
        number=1,
        report="statement",
        reports=("statement",),
        window=WINDOW,
        attribution="held",
        by=("agency",),
        as_of=now,
        zone=ZONE,
        law=KeptLaw.of(Policy(), local_date(now, zone())),
        calendar=KeptCalendar.of(calendar(local_date(now, zone()))),
        program=Program(version="", rule_book=RULE_BOOK, code="", profiles="", libraries={}),
        log=LogPoint(origin="hoso/x", position=position, events=position, root=DIGEST),
        statements=(),
        papers={"statement.json": DIGEST},
        inputs={},
        behind=DIGEST,
        released_at=now,
    )
    append_annulments(store)
    return folder, release


def stated(store: str) -> dict[str, object]:
    """Today's statement, from kept balance sheets."""
    source = open_source([store], Options(zone()))
    [sheets] = source.balances([office(Policy())], None, ("agency",))
    return statement_from(sheets, WINDOW)


def append_annulments(store: str) -> None:
    """Take back some events that resolved dossiers in the window."""
    with open_store(store) as opened:
        events = (stored.event() for stored in opened.read(0, opened.last_position()))
        resolved = [
            event
            for event in events
            if event.type == "dossier.resolved.v1"
            and WINDOW.first <= local_date(event.time, zone()) <= WINDOW.last
        ][:LATE_EVENTS]
    lines = [
        orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"taken-back-{number}",
                "source": event.source,
                "subject": event.subject,
                "type": "dossier.annulled.v1",
                "time": datetime.now(UTC).isoformat(),
                "data": {"event_id": event.id, "reason": "other"},
            }
        )
        for number, event in enumerate(resolved)
    ]
    context = IntakeContext("events", zone(), datetime.now(UTC), instant_text(datetime.now(UTC)))
    entries = validate_messages(lines, str, context).entries
    with open_store(store) as opened, opened.writing() as writer:
        writer.append(entries)


def test_a_small_change(
    benchmark: BenchmarkFixture, store: str, released: tuple[Path, Release]
) -> None:
    """All parts, with their dossiers and events."""
    benchmark.group = GROUP
    folder, release = released

    def explained() -> int:
        return len(revisions(folder, release, open_source([store], Options(zone()))))

    assert benchmark.pedantic(explained, rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]


def test_limit_the_statement_of_today(
    benchmark: BenchmarkFixture, store: str, released: tuple[Path, Release]
) -> None:
    """The figures of today alone, from kept balance sheets."""
    benchmark.group = GROUP
    benchmark.pedantic(stated, (store,), rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call]
