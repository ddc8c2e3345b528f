"""Does hoso verify notice each way to tamper with a log, and say what and where? And is it quiet
where nothing was tampered with?"""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hoso.consumers.store.erase import erase
from hoso.consumers.store.log import open_store
from hoso.consumers.store.log_key import LogKey
from hoso.consumers.store.proofs import StoreProofs, take_key
from hoso.domain.errors import UserError
from hoso.projections.merkle import proofs
from hoso.projections.merkle.note import PublicKey
from hoso.projections.releases.verification import Trust
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.checkpoints import sign_checkpoint
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.engine import LOCAL
from tests.proved import SIZE, by_hand, events, faults, give, verified
from tests.services.postgres import Postgres

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = SigningKey("so-tu-phap", Ed25519PrivateKey.generate())
TRUST = Trust((KEY.public,))
NOT_SIGNED = "checkpoint no. 1: the first 700 events are not those that it was signed of"
CODE = "H52-0100"  # whose events are no. 201 and 202


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store in SQLite whose log has a tree and a checkpoint, to be copied."""
    folder = tmp_path_factory.mktemp("proved")
    prove(f"sqlite:///{folder}/h.db")
    return folder


@pytest.fixture(scope="module")
def proved_database(postgres: Postgres) -> Iterator[str]:
    """The same in PostgreSQL."""
    postgres.start()
    with postgres.lent_database() as made:
        prove(made)
        yield made


@pytest.fixture
def url(proved: Path, tmp_path: Path) -> str:
    """The address of a store that is to be tampered with."""
    shutil.copytree(proved, tmp_path / "store")
    return f"sqlite:///{tmp_path}/store/h.db"


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a store of either kind: for what each does with statements of its own."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("url"))
        return
    template = str(request.getfixturevalue("proved_database"))
    with request.getfixturevalue("postgres").lent_database(template) as copy:
        yield copy


def prove(made: str) -> None:
    give(made, events())
    assert not faults(made)
    sign(made)


def sign(name: str) -> None:
    sign_checkpoint(open_source([name], Options(LOCAL)), KEY)


def test_a_changed_event_is_named(either: str) -> None:
    with by_hand(either) as hand:
        hand.change(201, time="2023-03-16T08:00:00+07:00")
    assert faults(either) == [
        "event no. 201 is not what it was: received of dossier H52-0100, id H52-0100/200 "
        "of /mot-cua/son-la",
        NOT_SIGNED,
    ]


@pytest.mark.parametrize("field", ["subject", "source", "id", "recordedtime", "type", "data"])
def test_each_part_of_an_event_is_covered(url: str, field: str) -> None:
    with by_hand(url) as hand:
        event = hand.state(201)
        other = hand.state(202)
        changed = {
            "recordedtime": "2023-03-19T08:00:00+07:00",
            "data": event["data"] | {"official": "A-9"},
            "type": "dossier.resolved.v1",
        }.get(field, f"{other[field]}x")
        hand.change(201, **{field: changed})
    assert faults(url)[0].startswith("event no. 201 is not what it was")


def test_dropped_events_are_counted(url: str) -> None:
    with by_hand(url) as hand:
        hand.drop(300, 302)
    assert faults(url)[0] == (
        "event no. 300 is missing, 3 were taken out before received of dossier H52-0151, "
        "id H52-0151/302 of /mot-cua/son-la"
    )


def test_an_inserted_event_is_named(url: str) -> None:
    with by_hand(url) as hand:
        hand.insert(300, events(2)[0] | {"id": "forged", "recordedtime": "2023-03-17T08:00:00Z"})
    assert faults(url)[0] == (
        "event no. 300 was not there, 1 were put in: received of dossier H52-0000, "
        "id forged of /mot-cua/son-la"
    )


def test_events_in_another_order_are_named(url: str) -> None:
    with by_hand(url) as hand:
        hand.swap(300, 310)
    [fault, _] = faults(url)
    assert fault.startswith("events no. 300 to 310 stand in another order: ")


def test_events_that_were_taken_off_the_end_are_counted(either: str) -> None:
    with by_hand(either) as hand:
        hand.drop(SIZE - 4, SIZE)
    assert faults(either) == [
        "event no. 696 is missing: 5 were taken off the end",
        "checkpoint no. 1: is of 700 events, and the log has 695",
    ]


def test_events_in_the_place_of_those_taken_off_show_too(url: str) -> None:
    with by_hand(url) as hand:
        hand.drop(SIZE - 4, SIZE)
    give(url, [event | {"id": f"new {n}"} for n, event in enumerate(events(20))])
    assert faults(url)[0].startswith("event no. 696 and all behind it are other ones")


@pytest.mark.parametrize(("level", "said"), [(0, "no. 1 to 256"), (1, "no. 1 to 256")])
def test_a_changed_tile_is_told_from_a_changed_event(url: str, level: int, said: str) -> None:
    with by_hand(url) as hand:
        hand.run("UPDATE tiles SET body = ? WHERE level = ? AND number = 0", bytes(8192), level)
    assert faults(url)[0].startswith(f"events {said} are what they were, but a hash over them")


def test_a_changed_checkpoint_shows(url: str) -> None:
    with by_hand(url) as hand:
        [(note,)] = hand.run("SELECT note FROM checkpoints")
        hand.run("UPDATE checkpoints SET note = ?", note.replace("700", "699"))
    assert faults(url) == [
        "checkpoint no. 1: the first 699 events are not those that it was signed of"
    ]


def test_a_checkpoint_that_somebody_else_signed_shows(url: str) -> None:
    with by_hand(url) as hand:
        [(note,)] = hand.run("SELECT note FROM checkpoints")
        text = note.partition("\n\n")[0] + "\n"
        other = SigningKey(KEY.name, Ed25519PrivateKey.generate())
        hand.run("UPDATE checkpoints SET note = ?", other.signed(text))
    came = verified(url, TRUST)
    assert not came.faults
    assert "which is not known" in came.unchecked[0]


def test_who_rewrites_log_and_tiles_cannot_sign(url: str) -> None:
    with by_hand(url) as hand:
        hand.change(201, time="2023-03-16T08:00:00+07:00")
        hand.run("DELETE FROM tiles")
    assert faults(url) == [NOT_SIGNED]
    with by_hand(url) as hand:
        hand.run("DELETE FROM tiles")
    with pytest.raises(UserError, match="its tree is not that of its last checkpoint"):
        sign(url)


def test_the_signer_of_a_checkpoint_is_told(url: str) -> None:
    came = verified(url, TRUST)
    assert f"signed by so-tu-phap with the key {KEY.public.id}" in came.facts[-1]
    revoked = verified(url, TRUST._replace(revoked=frozenset({KEY.public.id})))
    assert "which was revoked" in revoked.faults[0]
    unknown = verified(url, Trust((PublicKey("other", KEY.public.raw),)))
    assert "which is not known" in unknown.unchecked[0]


def test_an_erasure_changes_no_leaf(either: str) -> None:
    before = verified(either).tree.root(SIZE)
    with open_store(either) as store:
        erase(store, "dossier", CODE, "request", NOW)
        erase(store, "official", "A-1", "request", NOW)
    assert not faults(either)
    assert verified(either).tree.root(SIZE) == before


def test_an_erasure_that_hoso_did_not_make_shows(url: str) -> None:
    hashed = StoreProofs(url, LOCAL).code_hashes("dossier", [CODE]).hex()
    with by_hand(url) as hand:
        hand.change(201, subject=f"erased-{hashed}")
    assert faults(url)[0].startswith("event no. 201 is not what it was: received of dossier erased")


def test_what_is_appended_is_no_fault_and_proved_to_follow(either: str) -> None:
    old = verified(either).tree
    give(either, [event | {"id": f"new {n}"} for n, event in enumerate(events(400))])
    tree = sign_checkpoint(open_source([either], Options(LOCAL)), KEY).tree
    came = verified(either, TRUST)
    assert not came.faults
    assert (tree.size, tree.root()) == (1100, came.tree.root(1100))
    path = tree.consistency(SIZE)
    assert proofs.is_consistent(SIZE, old.root(SIZE), 1100, tree.root(), path)
    leaf = came.tree.leaves[640].tobytes()
    assert proofs.root_by_inclusion(leaf, 640, 1100, tree.inclusion(640)) == tree.root()


def test_upkeep_of_the_database_is_no_fault(either: str) -> None:
    if either.startswith("sqlite"):
        with sqlite3.connect(either.removeprefix("sqlite:///"), isolation_level=None) as file:
            file.execute("VACUUM")
            file.execute("REINDEX")
    else:
        with psycopg.connect(either, autocommit=True) as server:
            server.execute("VACUUM FULL")
    assert not faults(either)


def test_a_store_of_the_schema_before_gets_the_same_tree(either: str) -> None:
    """Version 7 of the schema had the key by which codes are hashed, and no proofs."""
    root = verified(either).tree.root(SIZE)
    is_sqlite = either.startswith("sqlite")
    with by_hand(either) as hand:
        for table in ("tiles", "checkpoints", "releases"):
            hand.run(f"DROP TABLE {table}")
        hand.run("DELETE FROM settings WHERE name LIKE ?", "log_%")
        hand.run("PRAGMA user_version = 7" if is_sqlite else "UPDATE hoso_schema SET version = 7")
    assert not faults(either)
    sign(either)
    came = verified(either, TRUST)
    assert (came.faults, came.tree.root(SIZE)) == ([], root)
    assert "of 700 events: holds, signed by so-tu-phap" in came.facts[-1]


def test_a_store_on_another_machine_holds(url: str, tmp_path: Path) -> None:
    root = verified(url).tree.root(SIZE)
    shutil.copytree(tmp_path / "store", tmp_path / "there")
    assert verified(f"sqlite:///{tmp_path}/there/h.db", TRUST).tree.root(SIZE) == root
    (tmp_path / "there" / "h.db.key").unlink()
    with pytest.raises(UserError, match="its key is not the one of its tree"):
        verified(f"sqlite:///{tmp_path}/there/h.db")


def test_another_store_with_the_key_and_the_events_has_the_same_root(
    either: str, tmp_path: Path
) -> None:
    with open_store(either) as store:
        erase(store, "dossier", CODE, "request", NOW)
    root = verified(either).tree.root(SIZE)
    key = StoreProofs(either, LOCAL).log_key
    other = f"sqlite:///{tmp_path}/other.db"
    take_key(other, LogKey.from_bytes(key.to_bytes(), "key"), NOW)
    give(other, events())  # with the code, which is not let in again
    assert verified(other).tree.root(SIZE) == root
    with pytest.raises(UserError, match="has a log of its own already"):
        take_key(other, key, NOW)


def test_a_log_of_another_time_zone_cannot_be_checked(url: str) -> None:
    with pytest.raises(UserError, match="set HOSO_TIME_ZONE"):
        open_source([url], Options(ZoneInfo("Asia/Tokyo"))).proofs().code_hashes("id", [])
