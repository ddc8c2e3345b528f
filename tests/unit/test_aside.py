"""Is what was made once used again, and never what is not whole or not what it should be?"""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from hoso.projections.cache import folder
from hoso.projections.cache.folder import kept
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


def test_it_is_made_once() -> None:
    make = maker()
    assert [kept("thing", "basis", make) for _ in range(3)] == [b"made 1"] * 3


def test_on_another_basis_and_of_another_kind_it_is_another_thing() -> None:
    make = maker()
    assert kept("thing", "basis", make) == b"made 1"
    assert kept("thing", "another", make) == b"made 2"
    assert kept("object", "basis", make) == b"made 3"


@pytest.mark.parametrize("body", [b"", b"made 1", b"made 2 and what it sums up to"])
def test_what_is_damaged_is_made_anew(home: Path, body: bytes) -> None:
    make = maker()
    kept("thing", "basis", make)
    [place] = (home / "hoso" / "made").iterdir()
    place.write_bytes(body)
    assert [kept("thing", "basis", make) for _ in range(2)] == [b"made 2"] * 2


def test_where_there_is_nowhere_to_keep_it_it_is_made_each_time(home: Path) -> None:
    make = maker()
    (home / "hoso").write_text("a file, where a folder should be")
    assert [kept("thing", "basis", make) for _ in range(2)] == [b"made 1", b"made 2"]


def test_for_a_user_who_has_no_home_it_is_made_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, no command ran for one: the calendar asked where his home is."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    make = maker()
    assert [kept("thing", "basis", make) for _ in range(2)] == [b"made 1", b"made 2"]
    assert not folder.has("thing")


def nowhere() -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_machine_code_that_was_kept_does_what_the_function_does(home: Path) -> None:
    key = np.array([1, 1, 1, 2, 2, 3])
    for _ in range(2):  # made, and read back
        native._loaded.cache_clear()
        run = native.compiled(end_of_lives)
        for start in range(6):
            assert run(key, start, 1) == end_of_lives(key, start, 1)
    kinds = [place.name.partition("-")[0] for place in (home / "hoso" / "made").iterdir()]
    assert kinds == [folder.CODE]
