"""A reject that is valid by now is recorded once, even if several processes retry it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hoso.consumers.intake.record import Format, IntakeContext
from hoso.consumers.intake.retry import RetryResult, retry
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import QUERY_REJECTS, Reject, Store, open_store
from tests.told import received

NOW = datetime(2023, 3, 15, 5, tzinfo=UTC)
MORE_THAN_A_LOT = 2 * QUERY_REJECTS + 1


def reading(language: Format) -> IntakeContext:
    return IntakeContext(language, ZoneInfo("Asia/Ho_Chi_Minh"), NOW, NOW.isoformat())


def valid(number: int) -> Reject:
    raw = json.dumps(received("2023-03-01", 5, code=f"D{number}")).encode()
    return Reject(NOW, f"-:{number}", "why", raw, "events")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'hoso.db'}"


@pytest.fixture
def rejects(url: str) -> list[tuple[int, Reject]]:
    """What somebody has read from the list, of a store that holds as many."""
    with open_store(url, create=True) as store:
        with store.writing() as writer:
            writer.add_rejects(map(valid, range(MORE_THAN_A_LOT)))
        return list(store.rejects())


def subjects(store: Store) -> list[str]:
    return [stored.event().subject for stored in store.read()]


def test_they_are_recorded_in_their_order(url: str, rejects: list[tuple[int, Reject]]) -> None:
    with open_store(url) as store:
        assert retry(store, rejects, reading) == RetryResult(MORE_THAN_A_LOT, 0)
        assert subjects(store) == [f"D{number}" for number in range(MORE_THAN_A_LOT)]
        assert store.count_rejects() == 0


def test_what_another_has_settled_meanwhile_is_not_recorded_again(
    url: str, rejects: list[tuple[int, Reject]]
) -> None:
    others = rejects[1::2]
    with open_store(url) as store, open_store(url) as other:
        assert retry(other, others, reading) == RetryResult(len(others), 0)
        assert retry(store, rejects, reading) == RetryResult(len(rejects) - len(others), 0)
        assert sorted(subjects(store)) == sorted(f"D{n}" for n in range(MORE_THAN_A_LOT))
        assert retry(store, rejects, reading) == RetryResult(0, 0)


def test_what_cannot_be_recorded_stays_on_the_list(
    url: str, rejects: list[tuple[int, Reject]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise StoreError("no room")

    monkeypatch.setattr("hoso.consumers.intake.retry.record", fail)
    with open_store(url) as store:
        with pytest.raises(StoreError):
            retry(store, rejects, reading)
        assert list(store.rejects()) == rejects
        assert subjects(store) == []
