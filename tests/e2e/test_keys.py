"""The commands that prove a log, as people run them: key, checkpoint, verify."""

import json
from pathlib import Path

import pytest

from tests.command import done, hoso
from tests.proved import by_hand, events


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a store and a key."""
    lines = "".join(json.dumps(event) + "\n" for event in events(20))
    (tmp_path / "events.jsonl").write_text(lines, "utf-8")
    done(tmp_path, "ingest", "events.jsonl")
    done(tmp_path, "key", "--out", "so-tu-phap.pem")
    return tmp_path


def test_a_key_is_its_owner_s_and_is_never_replaced(place: Path) -> None:
    file = place / "so-tu-phap.pem"
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    again = hoso(place, "key", "--out", "so-tu-phap.pem")
    assert (again.status, file.read_bytes()) == (2, before)
    assert "is there already" in again.err
    assert (place / "so-tu-phap.pem.pub").read_text().startswith("so-tu-phap+")
    assert b"PRIVATE KEY" not in (place / "hoso.db").read_bytes()


def test_a_checkpoint_is_signed_and_verified(place: Path) -> None:
    done(place, "checkpoint", "--key", "so-tu-phap.pem", "--out", "checkpoint.note")
    assert (place / "checkpoint.note").read_text().splitlines()[1] == "20"
    told = done(place, "verify", "--key", "so-tu-phap.pem.pub")
    assert "20 events are those of its tree" in told
    assert "signed by so-tu-phap" in told
    with by_hand(f"sqlite:///{place}/hoso.db") as hand:
        hand.drop(20, 20)
    found = hoso(place, "verify", "--key", "so-tu-phap.pem.pub")
    assert found.status == 1
    assert "event no. 20 is missing: 1 were taken off the end" in found.err


def test_keys_are_told_apart(place: Path) -> None:
    done(place, "checkpoint", "--key", "so-tu-phap.pem")
    done(place, "key", "--out", "other.pem")
    unknown = hoso(place, "verify", "--key", "other.pem.pub")
    assert unknown.status == 2
    assert "which is not known" in unknown.out + unknown.err
    (place / "revoked.txt").write_text((place / "so-tu-phap.pem.pub").read_text())
    revoked = hoso(place, "verify", "--key", "so-tu-phap.pem.pub", "--revoked", "revoked.txt")
    assert revoked.status == 1
    assert "which was revoked" in revoked.out + revoked.err


def test_a_key_that_others_may_read_signs_nothing(place: Path) -> None:
    (place / "so-tu-phap.pem").chmod(0o644)
    refused = hoso(place, "checkpoint", "--key", "so-tu-phap.pem")
    assert refused.status == 2
    assert "others may read it" in refused.err
    assert hoso(place, "checkpoint").status == 2  # no key is named


def test_what_is_no_log_cannot_be_verified(place: Path) -> None:
    refused = hoso(place, "verify", "--source", "events.jsonl")
    assert refused.status == 2
    assert "is no log that can be proved" in refused.err


@pytest.mark.parametrize(
    "call",
    [
        ("verify", "--source"),
        ("checkpoint", "--key", "so-tu-phap.pem", "--source"),
        ("releases", "--source"),
        ("key", "--out", "none.key", "--of"),
    ],
)
def test_a_store_that_is_named_as_a_file_is_told(place: Path, call: tuple[str, ...]) -> None:
    refused = hoso(place, *call, "hoso.db")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err == "hoso: hoso.db: is a database; a store is named sqlite:///hoso.db\n"


def test_another_store_takes_the_key_of_a_log(place: Path) -> None:
    done(place, "key", "--of", "sqlite:///hoso.db", "--out", "log.key")
    assert (place / "log.key").stat().st_mode & 0o777 == 0o600
    other = "sqlite:///other.db"
    done(place, "key", "--take", "log.key", "--into", other)
    done(place, "ingest", "events.jsonl", "--store", other)
    notes = [
        done(place, "checkpoint", "--key", "so-tu-phap.pem", "--source", name)
        for name in ("sqlite:///hoso.db", other)
    ]
    assert notes[0].splitlines()[0] == notes[1].splitlines()[0]
    assert hoso(place, "key", "--take", "log.key", "--into", "sqlite:///hoso.db").status == 2
    assert hoso(place, "key", "--take", "log.key").status == 2
