"""A store whose server is away is told of after a time that can be set, not after the library's ten
attempts, which take fifty seconds."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import pytest

from hoso.consumers.desk import OneStopDesk
from hoso.consumers.store.backend import StoreError, StoreUnavailable
from hoso.consumers.store.log import Store, open_store
from tests.engine import office
from tests.services.postgres import Postgres

SOON_S = 15.0  # five times what is set, on a slow machine; the library took 50


def positions(store: Store) -> object:
    return store.last_position()


def events(store: Store) -> object:
    return [*store.read()]


def writing(store: Store) -> None:
    with store.writing():
        pass


@pytest.mark.parametrize("asked", [positions, events, writing])
def test_who_has_it_open_is_told_after_the_time_that_is_set(
    postgres: Postgres, database: str, asked: Callable[[Store], object]
) -> None:
    with open_store(f"{database}?connect_timeout=2", create=True) as store:
        writing(store)  # makes the tables
        asked(store)
        postgres.kill()
        begun = monotonic()
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1"):
            asked(store)
        assert monotonic() - begun < SOON_S
        postgres.start()
        asked(store)


def test_a_desk_is_told_as_well(postgres: Postgres, database: str) -> None:
    clock = datetime(2023, 3, 1, tzinfo=UTC)
    with OneStopDesk(f"{database}?connect_timeout=2", office(), lambda: clock) as desk:
        desk.dossier("D1")
        postgres.kill()
        begun = monotonic()
        with pytest.raises(StoreError):
            desk.dossier("D1")
        assert monotonic() - begun < SOON_S
        postgres.start()
        desk.dossier("D1")


def test_a_connection_that_broke_while_the_server_was_restarted_is_made_anew(
    postgres: Postgres, database: str
) -> None:
    with open_store(database, create=True) as store:
        writing(store)
        postgres.kill()
        postgres.start()
        assert store.last_position() == 0


def test_the_time_may_stand_in_the_environment(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "soon")
    with pytest.raises(StoreError, match="connect_timeout=soon: write seconds, 2 or more"):
        open_store(database, create=True)
    with open_store(f"{database}?connect_timeout=3", create=True) as store:
        writing(store)
