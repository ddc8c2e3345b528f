"""Does hoso verify notice each way to tamper with an archive's files? And is its tree that of the
store that was archived, however the archive has grown and whatever was erased?"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hoso.consumers.store.erase import erase
from hoso.consumers.store.log import open_store
from hoso.domain.errors import UserError
from hoso.projections.archive.files import ARCHIVED, read_files, write_file
from hoso.projections.archive.manifest import read_manifest
from hoso.projections.log.schema import integers
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.archive import archive
from hoso.tools.jobs.checkpoints import sign_checkpoint
from hoso.tools.jobs.erase import follow
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.engine import LOCAL
from tests.proved import SIZE, events, faults, give, verified

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = SigningKey("so-tu-phap", Ed25519PrivateKey.generate())
NOT_SIGNED = "checkpoint no. 1: the first 700 events are not those that it was signed of"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that has a checkpoint, and its archive, whose tree is kept."""
    made = tmp_path_factory.mktemp("proved")
    give(f"sqlite:///{made}/hoso.db", events())
    sign_checkpoint(open_source([f"sqlite:///{made}/hoso.db"], Options(LOCAL)), KEY)
    extend(f"sqlite:///{made}/hoso.db", made / "archive")
    assert not faults(str(made / "archive"))
    return made


@pytest.fixture
def folder(proved: Path, tmp_path: Path) -> Path:
    """The archive, to be tampered with; its store is beside it."""
    shutil.copytree(proved, tmp_path / "copy")
    return tmp_path / "copy" / "archive"


@pytest.fixture
def url(folder: Path) -> str:
    """The address of the store that was archived."""
    return f"sqlite:///{folder.parent}/hoso.db"


def extend(url: str, folder: Path) -> None:
    archive(open_source([url], Options(LOCAL)), folder, LOCAL)


def change(folder: Path, changed: Callable[[pa.Table], pa.Table]) -> None:
    """Write the file of an archive's events anew, as if its manifest had been made to match."""
    [file] = read_manifest(folder).files()
    rows = read_files(folder, [file], ARCHIVED.names)
    write_file(folder, file.name, changed(rows))


def with_column(rows: pa.Table, name: str, values: object) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(
        place, rows.schema.field(name), pa.array(values, rows.schema.types[place])
    )


def test_the_tree_is_that_of_the_store(url: str, folder: Path) -> None:
    of_store, of_archive = verified(url), verified(str(folder))
    assert of_archive.tree.root(SIZE) == of_store.tree.root(SIZE)
    assert of_archive.facts[1:] == [
        f"{folder}: checkpoint no. 1, of 700 events: holds; signatures are not checked: "
        "--key FILE.pub"
    ]
    assert (folder / "archive.key").stat().st_mode & 0o077 == 0


def test_an_archive_that_grows_is_compacted_and_follows_erasures_holds(
    url: str, folder: Path
) -> None:
    more = [event | {"id": f"new {n}"} for n, event in enumerate(events(600))]
    for start in range(0, 600, 60):  # so many files that they are merged
        give(url, more[start : start + 60])
        extend(url, folder)
    assert not faults(str(folder))
    with open_store(url) as store:
        erase(store, "dossier", "H52-0100", "request", NOW)
        follow(store, folder, LOCAL)
    assert not faults(str(folder))
    assert verified(str(folder)).tree.root(1300) == verified(url).tree.root(1300)


def test_a_changed_event_is_named(folder: Path) -> None:
    def later(rows: pa.Table) -> pa.Table:
        occurred = integers(rows["occurred"]).copy()
        occurred[integers(rows["position"]) == 201] += 60_000_000
        return with_column(rows, "occurred", occurred)

    change(folder, later)
    assert faults(str(folder)) == [
        "event no. 201 is not what it was: received of dossier H52-0100, id H52-0100/200 "
        "of /mot-cua/son-la",
        NOT_SIGNED,
    ]


def test_dropped_and_truncated_events_are_counted(folder: Path) -> None:
    def without(rows: pa.Table) -> pa.Table:
        position = integers(rows["position"])
        return rows.filter(pa.array((position != 300) & (position != 301) & (position < 698)))

    change(folder, without)
    assert faults(str(folder))[0].startswith("event no. 300 is missing, 2 were taken out before")


def test_events_taken_off_the_end_are_counted(folder: Path) -> None:
    change(folder, lambda rows: rows.filter(pa.array(integers(rows["position"]) < 699)))
    assert faults(str(folder))[0] == "event no. 699 is missing: 2 were taken off the end"


def test_an_inserted_event_is_named(folder: Path) -> None:
    def with_another(rows: pa.Table) -> pa.Table:
        position = integers(rows["position"])
        moved = with_column(rows, "position", position + (position >= 300))
        copy = rows.filter(pa.array(position == 300))
        row = int(np.flatnonzero(position == 300)[0])
        parts = [moved.slice(0, row), with_column(copy, "id", ["forged"]), moved.slice(row)]
        return pa.concat_tables(parts).unify_dictionaries()

    change(folder, with_another)
    assert faults(str(folder))[0].startswith("event no. 300 was not there, 1 were put in: ")


def test_another_order_is_noticed(folder: Path) -> None:
    def swapped(rows: pa.Table) -> pa.Table:
        position = integers(rows["position"]).copy()
        one, other = (int(np.flatnonzero(position == n)[0]) for n in (300, 310))
        position[one], position[other] = 310, 300
        return with_column(rows, "position", position)

    change(folder, swapped)
    assert faults(str(folder))[0].startswith("events no. 300 to 310 stand in another order: ")


@pytest.mark.parametrize("level", [0, 1])
def test_a_changed_tile_is_told_from_a_changed_event(folder: Path, level: int) -> None:
    tiles = folder / "proofs" / f"tiles-{level}"
    tiles.write_bytes(bytes(32) + tiles.read_bytes()[32:])
    assert faults(str(folder))[0].startswith("events no. 1 to 256 are what they were, but a hash")


def test_tiles_that_were_half_written_are_no_fault(url: str, folder: Path) -> None:
    """As if the process had been killed while they grew: the lowest level comes last."""
    tiles = folder / "proofs" / "tiles-0"
    tiles.write_bytes(tiles.read_bytes()[: 600 * 32 + 7])
    assert not faults(str(folder))
    assert len(tiles.read_bytes()) == SIZE * 32


def test_without_its_key_an_archive_cannot_be_checked(url: str, folder: Path) -> None:
    (folder / "archive.key").unlink()
    with pytest.raises(UserError, match="the key of its log is missing"):
        verified(str(folder))
    extend(url, folder)
    assert not faults(str(folder))


def test_files_are_no_log(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("")
    with pytest.raises(UserError, match="is no log that can be proved"):
        verified(str(tmp_path / "events.jsonl"))
