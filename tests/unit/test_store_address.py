"""The address of a store: its kind, what messages show of it, and that its secret stays secret."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import StoreError
from hoso.consumers.store.log import open_database, open_store
from hoso.domain.errors import UserError

SECRET = "s3cr3t"
GUARDED = f"postgresql://hoso:{SECRET}@db.h52.vn:5432/motcua?sslmode=require&sslpassword={SECRET}"
SHOWN = "postgresql://hoso@db.h52.vn:5432/motcua"
OPENERS = (StoreAddress.parse, open_store, open_database)


@pytest.mark.parametrize(
    ("written", "kind", "shown"),
    [
        ("sqlite:///hoso.db", "sqlite", "sqlite:///hoso.db"),
        ("sqlite:////srv/hồ sơ/hoso.db", "sqlite", "sqlite:////srv/hồ sơ/hoso.db"),
        ("sqlite:///hoso.db?key=s3cr3t", "sqlite", "sqlite:///hoso.db?…"),
        (GUARDED, "postgresql", SHOWN),
        (GUARDED.replace("postgresql:", "postgres:"), "postgresql", SHOWN),
        ("postgresql://db/motcua", "postgresql", "postgresql://db/motcua"),
        ("postgresql:///motcua", "postgresql", "postgresql:///motcua"),
        ("postgresql://", "postgresql", "postgresql:///"),
        ("postgresql://[::1]:5432/m", "postgresql", "postgresql://::1:5432/m"),
        ("postgresql://a:1,b:2/m", "postgresql", "postgresql://a,b:1,2/m"),
        ("postgresql:///m?host=/run/pg&user=u", "postgresql", "postgresql://u@/run/pg/m"),
        (f"postgresql:///m?host=h&password={SECRET}", "postgresql", "postgresql://h/m"),
        (f"postgresql://u:{SECRET}%40%25@h/m", "postgresql", "postgresql://u@h/m"),
        (f"postgresql://u%40azure:{SECRET}@h/m", "postgresql", "postgresql://u@azure@h/m"),
    ],
)
def test_an_address_has_a_kind_and_shows_no_secret(written: str, kind: str, shown: str) -> None:
    address = StoreAddress.parse(written)
    assert (address.kind, address.shown, address.reveal()) == (kind, shown, written)


def test_an_address_prints_as_what_is_shown() -> None:
    address = StoreAddress.parse(GUARDED)
    printed = (str(address), repr(address), f"{address}", f"{address!r}", f"{[address]}"[1:-1])
    assert {*printed, "%s" % address, "{}".format(address)} == {SHOWN}  # noqa: UP031, UP032
    assert SECRET not in str(vars(address))


def test_the_secret_is_given_by_reveal_only_and_another_process_has_it_too() -> None:
    address = StoreAddress.parse(GUARDED)
    assert StoreAddress.parse(address) is address
    copied = pickle.loads(pickle.dumps(address))
    assert (copied, copied.reveal(), hash(copied)) == (address, GUARDED, hash(address))
    assert address != StoreAddress.parse(GUARDED.replace(SECRET, "another"))


def fault(open_: Callable[[str], object], written: str) -> str:
    """The message about a mistyped address."""
    with pytest.raises(StoreError) as raised:
        open_(written)
    assert isinstance(raised.value, UserError)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    message = str(raised.value)
    assert "sqlite:///FILE" in message
    return message


@pytest.mark.parametrize("open_", OPENERS)
@pytest.mark.parametrize(
    ("written", "begins"),
    [
        pytest.param(
            f"mysql://u:{SECRET}@h/db?password={SECRET}", "mysql://h/…: is no", id="another kind"
        ),
        pytest.param(f"mysql://h/db?password={SECRET}", "mysql://h/…: is no", id="in the query"),
        pytest.param(f"postgres//u:{SECRET}@h/db", "postgres:…: is no", id="no colon"),
        pytest.param(f"postgresql:/u:{SECRET}@h/db", "postgresql:…: is no", id="one slash"),
        pytest.param(f"postgresql:u:{SECRET}@h/db", "postgresql:…: is no", id="no slash"),
        pytest.param(f"postgresq://u:{SECRET}@h/db", "postgresq://h/…: is no", id="a letter short"),
        pytest.param(f"Postgresql://u:{SECRET}@h/db", "Postgresql://h/…: is no", id="a capital"),
        pytest.param(f"u:{SECRET}@h/db", "u:…: is no", id="no scheme"),
        pytest.param(f"{SECRET}@h/db", "…: is no", id="no scheme and no user"),
        pytest.param(f"//u:{SECRET}@h/db", "…: is no", id="slashes first"),
        pytest.param(f"host=h password={SECRET}", "…: is no", id="libpq's other form"),
        pytest.param(f"mysql://u:{SECRET}", "mysql:…: is no", id="no host"),
        pytest.param(f"mysql://u:p@{SECRET}@h/db", "mysql:…: is no", id="@ in another's password"),
        pytest.param(f"mysql://u:1/{SECRET}@h/db", "mysql:…: is no", id="/ in another's password"),
        pytest.param(f"mysql://u:1#{SECRET}@h/db", "mysql:…: is no", id="# in another's password"),
        pytest.param(f"mysql://u:[{SECRET}@h/db", "mysql:…: is no", id="[ in another's password"),
        pytest.param(f"postgresql://u:p@{SECRET}@h/m", "postgresql:…: ", id="@ in the password"),
        pytest.param(f"postgresql://u:{SECRET}/@h/m", "postgresql:…: ", id="/ in the password"),
        pytest.param(f"postgresql://u:1/{SECRET}@h/m", "postgresql:…: ", id="a number and /"),
        pytest.param(f"postgresql://u:?@{SECRET}@h/m", "postgresql:…: ", id="? and @"),
        pytest.param(f"postgresql://u%3A{SECRET}@h/m", "postgresql://h/…: ", id="an escaped colon"),
        pytest.param(f"postgresql://u:{SECRET}/m", "postgresql:…: ", id="the host forgotten"),
        pytest.param(
            f"postgresql://u:50%{SECRET}@h/m", "postgresql://h/…: ", id="% in the password"
        ),
        pytest.param(f"postgresql://u:{SECRET}%ff@h/m", "postgresql://h/…: ", id="no UTF-8"),
        pytest.param(f"postgresql://u@h/m?passwort={SECRET}", "postgresql://h/…: ", id="misspelt"),
        pytest.param(f"postgresql://u@h/m?password={SECRET}%", "postgresql://h/…: ", id="a lone %"),
        pytest.param(f"sqlite://u:{SECRET}@h", "sqlite://h/…: is no", id="a file with a host"),
        pytest.param(f"sqlite:///:memory:?key={SECRET}", "sqlite:///:memory:?…: ", id="memory"),
    ],
)
def test_a_mistyped_address_is_refused_without_its_secret(
    open_: Callable[[str], object], written: str, begins: str
) -> None:
    message = fault(open_, written)
    assert message.startswith(begins)
    assert SECRET not in message


@pytest.mark.parametrize("character", ":?#[")
def test_libpq_reads_these_characters_in_a_password(character: str) -> None:
    written = f"postgresql://u:{SECRET}{character}{SECRET}@h/m"
    assert StoreAddress.parse(written).shown == "postgresql://u@h/m"


@pytest.mark.parametrize("character", "@%/")
def test_a_message_says_how_to_write_the_other_characters(character: str) -> None:
    message = fault(StoreAddress.parse, f"postgresql://u:{SECRET}{character}{SECRET}@h/m")
    assert SECRET not in message
    assert "in a password, write % as %25, @ as %40, / as %2F" in message


@pytest.mark.parametrize("written", ["", "hoso.db", "no/other.db", "tệp"])
def test_what_can_only_be_a_file_is_shown_whole(written: str) -> None:
    assert fault(open_store, written).startswith(
        f"{written}: is no store's address; use sqlite:///"
    )


@pytest.mark.parametrize("written", ["sqlite:///", "sqlite:///:memory:", "sqlite:///x?mode=memory"])
def test_a_store_is_a_file(written: str) -> None:
    assert written.partition("?")[0] in fault(open_store, written)


def test_a_store_in_a_folder_that_is_missing_names_the_folder(tmp_path: Path) -> None:
    missing = tmp_path / "nothere"
    with pytest.raises(StoreError, match=f"there is no folder {missing}; make it"):
        open_store(f"sqlite:///{missing}/x.db", create=True)
    assert not missing.exists()
