"""Entries of the cache are used again when they are what they should be, and only then."""

import ast
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from hoso.projections.cache import fingerprint as fingerprints
from hoso.projections.cache.fingerprint import ROOT, fingerprint, source_files
from hoso.projections.cache.kinds import (
    ARCHIVE_BALANCES,
    COLUMNS,
    EVENT_KEYS,
    FOLD,
    HOLIDAYS,
    KINDS,
    LIVE_LEDGER,
    MACHINE_CODE,
    STORE_BALANCES,
    Kind,
)
from hoso.projections.cache.seal import Damaged, sealed, unsealed
from hoso.projections.cache.user_folder import ENTRIES, UserFolder, kept, user_shelf
from hoso.projections.kernels import native
from hoso.projections.kernels.balances import end_of_lives


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def maker() -> Callable[[], bytes]:
    """Makes something else each time."""
    numbers = count(1)
    return lambda: b"made %d" % next(numbers)


def test_an_entry_is_made_once() -> None:
    make = maker()
    assert [kept(HOLIDAYS, "basis", make) for _ in range(3)] == [b"made 1"] * 3


def test_another_basis_or_kind_is_another_entry() -> None:
    make = maker()
    assert kept(HOLIDAYS, "basis", make) == b"made 1"
    assert kept(HOLIDAYS, "another", make) == b"made 2"
    assert kept(MACHINE_CODE, "basis", make) == b"made 3"


@pytest.mark.parametrize("body", [b"", b"made 1", b"made 2 and what it sums up to"])
def test_a_damaged_entry_is_made_again(home: Path, body: bytes) -> None:
    make = maker()
    kept(HOLIDAYS, "basis", make)
    [place] = (home / "hoso" / ENTRIES).iterdir()
    place.write_bytes(body)
    assert [kept(HOLIDAYS, "basis", make) for _ in range(2)] == [b"made 2"] * 2


def test_a_changed_bit_is_noticed_wherever_it_is() -> None:
    whole = sealed(b"some bytes")
    assert unsealed(whole) == b"some bytes"
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            unsealed(bytes(changed))


def test_where_nothing_can_be_kept_an_entry_is_made_each_time(home: Path) -> None:
    make = maker()
    (home / "hoso").write_text("a file, where a folder should be")
    assert [kept(HOLIDAYS, "basis", make) for _ in range(2)] == [b"made 1", b"made 2"]


def test_for_a_user_without_a_home_an_entry_is_made_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once, no command ran for one: the calendar asked where the home folder is."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    make = maker()
    assert [kept(HOLIDAYS, "basis", make) for _ in range(2)] == [b"made 1", b"made 2"]
    assert user_shelf().describe() == ()


def nowhere() -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_a_relative_cache_home_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setattr(Path, "home", lambda: home / "me")
    kept(HOLIDAYS, "basis", maker())
    assert not (home / "cache").exists()
    assert list((home / "me" / ".cache" / "hoso" / ENTRIES).iterdir())


def test_only_the_owner_can_read_and_write_entries(home: Path) -> None:
    kept(MACHINE_CODE, "basis", maker())
    folder = home / "hoso" / ENTRIES
    [file] = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("which", ["folder", "file"])
def test_entries_that_others_may_write_are_not_used(home: Path, which: str) -> None:
    """With such a folder a planted object ran as root, and a statement was all zeros."""
    make = maker()
    kept(MACHINE_CODE, "basis", make)
    folder = home / "hoso" / ENTRIES
    [file] = folder.iterdir()
    (folder if which == "folder" else file).chmod(0o777)
    assert kept(MACHINE_CODE, "basis", make) == b"made 2"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_entries_of_another_user_are_not_used(home: Path) -> None:
    make = maker()
    kept(MACHINE_CODE, "basis", make)
    [file] = (home / "hoso" / ENTRIES).iterdir()
    os.chown(file, 12345, 12345)
    assert kept(MACHINE_CODE, "basis", make) == b"made 2"


def test_a_planted_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    make = maker()
    kept(MACHINE_CODE, "basis", make)
    [file] = (home / "hoso" / ENTRIES).iterdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(sealed(b"planted"))
    file.unlink()
    file.symlink_to(elsewhere)
    assert kept(MACHINE_CODE, "basis", make) == b"made 2"
    assert elsewhere.read_bytes() == sealed(b"planted")


def test_of_a_kind_the_newest_entries_stay(home: Path) -> None:
    make = maker()
    for n in range(HOLIDAYS.max_names + 3):
        kept(HOLIDAYS, str(n), make)
        [*files] = (home / "hoso" / ENTRIES).iterdir()
        for age, file in enumerate(sorted(files, key=lambda f: f.stat().st_mtime_ns)):
            os.utime(file, (age, age))
    assert len([*(home / "hoso" / ENTRIES).iterdir()]) == HOLIDAYS.max_names


def test_the_cache_is_described_and_cleared(home: Path) -> None:
    shelf = UserFolder(home / "hoso" / ENTRIES)
    for basis in ("one", "two"):
        kept(HOLIDAYS, basis, lambda: bytes(100))
    assert {each.kind for each in shelf.describe()} == {HOLIDAYS.name}
    assert sum(each.size_bytes for each in shelf.describe()) == 2 * len(sealed(bytes(100)))
    shelf.clear()
    assert list(shelf.describe()) == []


def test_machine_code_from_the_cache_does_what_the_function_does(home: Path) -> None:
    key = np.array([1, 1, 1, 2, 2, 3])
    for _ in range(2):  # compiled, and loaded
        native._loaded.cache_clear()
        run = native._native(end_of_lives)
        for start in range(6):
            assert run(key, start, 1) == end_of_lives(key, start, 1)
    kinds = [each.kind for each in user_shelf().describe()]
    assert kinds == [MACHINE_CODE.name]


# The modules that make the entries of each kind.
MAKERS = {
    MACHINE_CODE: ("hoso.projections.kernels.native", "hoso.projections.kernels.compiler"),
    HOLIDAYS: ("hoso.tools.runtime.calendar",),
    COLUMNS: ("hoso.projections.log.from_json", "hoso.projections.log.streams"),
    EVENT_KEYS: ("hoso.projections.ledger.refresh",),
    FOLD: ("hoso.projections.ledger.fold", "hoso.projections.ledger.encoding"),
    STORE_BALANCES: ("hoso.projections.ledger.refresh", "hoso.projections.ledger.encoding"),
    LIVE_LEDGER: ("hoso.projections.live.files", "hoso.projections.live.ledger"),
    ARCHIVE_BALANCES: (
        "hoso.projections.archive.fold",
        "hoso.projections.archive.refresh",
        "hoso.projections.archive.shelf",
        "hoso.projections.ledger.encoding",
    ),
}


def test_each_kind_is_listed_once() -> None:
    assert set(MAKERS) == set(KINDS)
    assert len(KINDS) == len({(kind.place, kind.name) for kind in KINDS})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.place} {kind.name}")
def test_all_that_makes_an_entry_is_in_its_fingerprint(kind: Kind) -> None:
    """The import closure of its makers, within hoso."""
    in_fingerprint = {file for module in kind.made_by for file in source_files(module)}
    reached: set[Path] = set()
    waiting = {file for module in MAKERS[kind] for file in source_files(module)}
    while waiting:
        file = waiting.pop()
        reached.add(file)
        waiting |= {found for found in imports_of(file) if found not in reached}
    assert sorted(map(str, reached - in_fingerprint)) == []


def imports_of(file: Path) -> Iterator[Path]:
    """The source files of hoso that a module imports when it runs, at its top or in a function."""
    for node in ast.walk(without_type_checking(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hoso."):
            place = ROOT.joinpath(*str(node.module).split(".")[1:])
            for name in node.names:
                if (place / f"{name.name}.py").is_file():
                    yield place / f"{name.name}.py"
            if place.with_suffix(".py").is_file():
                yield place.with_suffix(".py")


def without_type_checking(tree: ast.Module) -> ast.Module:
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return tree


def test_a_changed_line_of_a_maker_changes_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "domain"
    package.mkdir()
    monkeypatch.setattr(fingerprints, "ROOT", tmp_path)
    kind = Kind("a kind", "", "user", ("hoso.domain",), max_names=1)
    names = []
    for text in ("x = 1\n", "x = 2\n"):
        (package / "rules.py").write_text(text)
        fingerprints.sources.cache_clear()
        names.append(fingerprint(kind, "basis"))
    fingerprints.sources.cache_clear()
    assert names[0] != names[1]


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    shelf = UserFolder(tmp_path)
    old, new = (tmp_path / f".hoso-{age}.partial" for age in ("old", "new"))
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    kept(HOLIDAYS, "basis", lambda: b"made", shelf)
    assert (old.exists(), new.exists()) == (False, True)
    shelf.clear()
    assert [*tmp_path.iterdir()] == []
