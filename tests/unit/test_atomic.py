"""A file is written whole, or not at all."""

import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from hoso.projections.atomic import replacing, write

SIZE = 3_000_000


def test_a_file_has_its_new_content(tmp_path: Path) -> None:
    write(tmp_path / "paper", b"first")
    write(tmp_path / "paper", b"second")
    assert (tmp_path / "paper").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


def write_half(path: Path, fault: BaseException) -> None:
    with replacing(path) as file:
        file.write(b"half of the n")
        raise fault


def test_a_writer_that_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "paper", b"old")
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "paper", RuntimeError())
    assert (tmp_path / "paper").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


def test_a_file_that_was_never_there_is_not_there_after_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "paper", KeyboardInterrupt())
    assert not list(tmp_path.iterdir())


def write_many(folder: str, byte: int) -> None:
    for _ in range(10):
        write(Path(folder) / "paper", bytes([byte]) * SIZE)


def test_two_processes_with_one_target_never_mix_their_bytes(tmp_path: Path) -> None:
    """Once, both wrote NAME.partial: in 8 of 16 runs the file was a mixture."""
    fork = get_context("fork")
    writers = [fork.Process(target=write_many, args=(str(tmp_path), byte)) for byte in (1, 2)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if (tmp_path / "paper").exists():
            body = (tmp_path / "paper").read_bytes()
            seen.add((len(body), len(set(body))))
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen <= {(SIZE, 1)}
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


def test_a_planted_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "paper.partial").symlink_to(victim)
    (tmp_path / "paper").symlink_to(victim)
    write(tmp_path / "paper", b"new")
    assert victim.read_bytes() == b"precious"
    assert (tmp_path / "paper").read_bytes() == b"new"
    assert not (tmp_path / "paper").is_symlink()


def test_the_mode_is_what_is_asked_for_less_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "for all", b"")
        write(tmp_path / "for me", b"", 0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "for all").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "for me").stat().st_mode & 0o777 == 0o600
