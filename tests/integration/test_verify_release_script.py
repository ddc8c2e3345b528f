"""Does docs/verify_release.py, which has nothing of hoso, come to the same as hoso: for a release
that holds, and for each way in which one does not?"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.releases.release import STATEMENT, Options
from hoso.tools.inputs.signing_keys import SigningKey
from hoso.tools.jobs.release import Signing, release
from hoso.tools.jobs.release_papers import Asked
from hoso.tools.sources import source
from hoso.tools.sources.opening import open_source
from tests.engine import LOCAL
from tests.proved import events, give

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_release.py"
LINES_OF_A_PAGE = 150
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = SigningKey("so-tu-phap", Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three releases, between which the log grew, and the public key."""
    folder = tmp_path_factory.mktemp("releases")
    url = f"sqlite:///{folder}/hoso.db"
    window = Window(date(2023, 3, 15), date(2023, 6, 14))
    for number in (1, 2, 3):
        give(url, [event | {"id": f"{number}/{event['id']}"} for event in events(40)])
        now = NOW + timedelta(days=number)
        asked = Asked(STATEMENT, window, "held", (), {}, None, Options(), now)
        opened = open_source([url], source.Options(LOCAL))
        release(asked, Policy(), opened, Signing(KEY, now, None), folder / str(number))
    (folder / "key.pub").write_text(f"{KEY.public}\n")
    return folder


@pytest.fixture
def copy(releases: Path, tmp_path: Path) -> Path:
    """The last release, to be tampered with."""
    return Path(shutil.copytree(releases / "3", tmp_path / "copy"))


def run(folder: Path, key: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(folder), str(key)],
        capture_output=True,
        check=False,
        cwd=folder,
    )
    assert not ran.stderr
    return ran.returncode, ran.stdout.decode()


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_what_was_signed_holds(releases: Path, number: str) -> None:
    status, told = run(releases / number, releases / "key.pub")
    assert (status, told.splitlines()[-1]) == (0, "it holds")
    assert f"release.json is entry {number} of {number} in the signed log of releases" in told


@pytest.mark.parametrize(("log", "note"), [("log", "checkpoint"), ("releases", "release")])
def test_it_says_what_the_notes_of_the_release_before_say(
    releases: Path, log: str, note: str
) -> None:
    _, told = run(releases / "3", releases / "key.pub")
    _, size, root, *_ = (releases / "2" / "receipt" / f"{note}.note").read_text().splitlines()
    assert f"{log}: grew out of its first {size}, of root {root}" in told.splitlines()
    assert "grew" not in run(releases / "1", releases / "key.pub")[1]


def a_paper(folder: Path) -> Path:
    return next(folder.glob("*.csv"))


def replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


TAMPERED: dict[str, Callable[[Path], object]] = {
    "csv: has been changed": lambda folder: a_paper(folder).write_bytes(b"0"),
    "csv: is missing": lambda folder: a_paper(folder).unlink(),
    "behind.arrow: has been changed": lambda f: (f / "receipt/behind.arrow").write_bytes(b""),
    "release.json is not the one": replaced("release.json", '"number": 3', '"number": 2'),
    "is forged": replaced("receipt/release.note", "\n3\n", "\n4\n"),
    "the signature of a note is forged": replaced("receipt/checkpoint.note", "\n120\n", "\n119\n"),
    "that the logs only grew": replaced("receipt/consistency.json", '"size": 2', '"size": 1'),
}


@pytest.mark.parametrize("said", TAMPERED)
def test_what_was_changed_does_not(copy: Path, releases: Path, said: str) -> None:
    TAMPERED[said](copy)
    status, told = run(copy, releases / "key.pub")
    assert status == 1
    assert said in told.splitlines()[-1]


def test_another_key_cannot_check(copy: Path, tmp_path: Path) -> None:
    other = SigningKey("other", Ed25519PrivateKey.generate())
    (tmp_path / "other.pub").write_text(str(other.public))
    status, told = run(copy, tmp_path / "other.pub")
    assert status == 2
    assert "cannot be checked: no note is signed with other+" in told


def test_a_folder_without_a_receipt_cannot_be_checked(copy: Path, releases: Path) -> None:
    (copy / "receipt" / "inclusion.json").unlink()
    assert run(copy, releases / "key.pub")[0] == 2


def test_it_is_a_page_and_has_nothing_of_hoso() -> None:
    text = SCRIPT.read_text("utf-8")
    imports = {
        line.split()[1].partition(".")[0]
        for line in text.splitlines()
        if " import " in line or line.startswith("import ")
    }
    assert "hoso" not in imports
    assert len(text.splitlines()) < LINES_OF_A_PAGE
