"""A statement has the form of the contract, section 7, and its digest identifies it."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from hoso.domain.windows import named_window
from hoso.projections.ledger.ledger import replay
from hoso.projections.ledger.statement import statement
from tests.engine import VIETNAM, Json, log_of, office, stated
from tests.model import Rules
from tests.told import asked, paused, received, resolved, resumed

QUARTER = named_window("2023-Q1")
LIFE = [received("2023-03-01", 5), paused("2023-03-02"), received("2023-03-03", 9)]
NOTHING_IN_TIME = {"in_time": 0, "overdue": 0, "total": 0}
NOTHING_OUT = {"early": 0, "on_time": 0, "overdue": 0, "total": 0}


def test_a_statement_reads_like_this() -> None:
    as_of = datetime(2023, 3, 20, 10, tzinfo=UTC)
    document = stated(LIFE, QUARTER, ["channel", "level"], as_of=as_of)
    digest = document.pop("digest")
    figures: Json = {
        "carried_over": 0,
        "received": 1,
        "transferred": {"in": 0, "out": 0},
        "total": 1,
        "resolved": NOTHING_OUT,
        "returned": NOTHING_OUT,
        "cancelled": {"withdrawn": 0, "voided": 0, "total": 0},
        "in_progress": NOTHING_IN_TIME,
        "awaiting_supplement": NOTHING_IN_TIME,
        "paused": {"in_time": 1, "overdue": 0, "total": 1},
        "carried_forward": 1,
    }
    assert document == {
        "window": {"from": "2022-12-15", "to": "2023-03-14", "until": "2023-03-14"},
        "as_of": "2023-03-20T10:00:00Z",
        "by": ["channel", "level"],
        "law": {
            "regime": "in_force",
            "edition": document["law"]["edition"],
            "as_of": None,
            "pinned": {
                "supplement_limit": 1,
                "after_supplement": "restart",
                "reschedule": "keep_original",
                "reschedule_notice": -1,
            },
        },
        "calendar": {"version": VIETNAM.version},
        "attribution": "held",
        "lines": [{"slice": {"channel": "online", "level": None}} | figures],
        "total": figures,
        "suspense": {"events": 1, "dossiers": 1},
    }
    assert digest.startswith("sha256:")
    assert document["law"]["edition"]


def test_the_digest_is_that_of_the_canonical_json_without_it() -> None:
    document = stated([received("2023-03-01", 5, agency="Sở TN&MT")], QUARTER, ["agency"])
    digest = document.pop("digest")
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def test_without_slices_there_is_one_line_with_an_empty_slice() -> None:
    for life in ([], LIFE):
        document = stated(life, QUARTER)
        assert document["lines"] == [{"slice": {}} | document["total"]]


def test_lines_are_sorted_by_their_values_and_those_without_one_come_first() -> None:
    levels = ["province", None, "commune", "district"]
    lives = [
        received(
            "2023-03-01", 5, code=f"D{n}", channel=channel, **({"level": level} if level else {})
        )
        for n, (level, channel) in enumerate((lv, c) for lv in levels for c in ("post", "online"))
    ]
    lines = stated(lives, QUARTER, ["level", "channel"])["lines"]
    assert [tuple(line["slice"].values()) for line in lines] == [
        (level, channel)
        for level in (None, "commune", "district", "province")
        for channel in ("online", "post")
    ]


def test_a_slice_without_any_figure_has_no_line() -> None:
    lives = [received("2023-03-01", 5), received("2023-04-03", 5, code="D2", channel="post")]
    lives += [received("2022-11-01", 5, code="D3", channel="in_person")]
    lives += [resolved("2022-11-02", code="D3")]
    lines = stated(lives, QUARTER, ["channel"])["lines"]
    assert [line["slice"] for line in lines] == [{"channel": "online"}]


def test_a_slice_that_was_only_carried_over_has_a_line() -> None:
    (line,) = stated([received("2022-11-01", 5)], QUARTER, ["channel"])["lines"]
    assert (line["carried_over"], line["received"], line["carried_forward"]) == (1, 0, 1)


@pytest.mark.parametrize(("day", "number"), [("2023-03-14", 2), ("2023-03-15", 1)])
def test_suspense_counts_events_until_the_windows_last_day(day: str, number: int) -> None:
    stray = [resumed("2023-03-02"), asked(f"{day}T23:59:59+07:00") | {"subject": "D2"}]
    suspense = stated([received("2023-03-01", 5), *stray], QUARTER)["suspense"]
    assert suspense == {"events": number, "dossiers": number}


def test_a_dossier_with_several_events_in_suspense_counts_once() -> None:
    stray = [resumed("2023-03-02"), resumed("2023-03-03")]
    suspense = stated([received("2023-03-01", 5), *stray], QUARTER)["suspense"]
    assert suspense == {"events": 2, "dossiers": 1}


def test_another_policy_calendar_window_or_history_gives_another_digest() -> None:
    life = [received("2023-03-01", 5)]
    documents = [
        stated(life, QUARTER),
        stated(life, QUARTER, rules=Rules(supplement_limit=2)),
        stated(life, (date(2022, 12, 15), date(2023, 3, 15))),
        stated([], QUARTER),
        stated(life, QUARTER, ["channel"]),
        statement(
            replay(log_of(life), office(calendar=VIETNAM._replace(version="another"))), QUARTER
        ),
    ]
    assert len({document["digest"] for document in documents}) == len(documents)
