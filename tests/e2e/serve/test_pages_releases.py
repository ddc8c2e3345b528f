"""The pages of releases: which were signed, what holds of one, and who sees which."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest

from hoso.domain.policy import Policy
from hoso.domain.windows import named_window
from hoso.projections.releases.release import Options
from hoso.tools.inputs import signing_keys
from hoso.tools.jobs.histories import opened
from hoso.tools.jobs.release import Correction, Signing, release
from hoso.tools.jobs.release_papers import Asked
from hoso.tools.serve.access.visitor import LOCAL
from hoso.tools.serve.server import serving
from tests.command import hoso
from tests.serving import Inside, inside

SIGNED: Final = datetime(2026, 10, 1, 9, tzinfo=UTC)
BODY, OTHER = "H52.12", "H52.05"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three releases: a statement, its correction, and the quarter of one body."""
    folder = tmp_path_factory.mktemp("office")
    made = ("--dossiers", "40", "--seed", "7", "--to", "2026-09-30")
    hoso(folder, "simulate", *made, "--out", "events.jsonl", "--registry", "agencies.csv")
    hoso(folder, "ingest", "events.jsonl", "--recorded", "time")
    signing_keys.make(folder / "sign.pem", "office")
    key = signing_keys.signing_key(str(folder / "sign.pem"))
    source, window = opened([store_of(folder)]), named_window("2026-Q3")
    registry = Options(registry=str(folder / "agencies.csv"))
    whole = Asked("statement", window, "held", (), {}, None, Options(), SIGNED)
    own = Asked("ii06a", window, "final", (), {}, BODY, registry, SIGNED)
    corrects = Correction(1, "late <b>dossiers</b>")
    for number, (asked, correction) in enumerate([(whole, None), (whole, corrects), (own, None)]):
        signing = Signing(key, SIGNED + timedelta(minutes=number), correction)
        release(asked, Policy(), source, signing, folder / f"release{number + 1}")
    return folder


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'hoso.db'}"


def served(folder: Path, bodies: tuple[str, ...] | None = None) -> Inside:
    visitor = LOCAL._replace(name="reader", bodies=bodies)
    return inside(store_of(folder), str(folder / "agencies.csv"), visitor)


def test_they_are_listed_with_which_replaces_which(office: Path) -> None:
    page = served(office).get("/releases?lang=en")
    assert page.status_code == 200
    assert "superseded by 2" in page.text
    assert "late &lt;b&gt;dossiers" in page.text
    listed = orjson.loads(served(office).get("/releases.json").text)
    assert [(each["number"], each["supersedes"]) for each in listed] == [
        (1, None),
        (2, 1),
        (3, None),
    ]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_says_what_it_is_of_and_what_holds(office: Path, number: int) -> None:
    signed = (office / f"release{number}" / "release.json").read_bytes()
    found = orjson.loads(served(office).get(f"/releases/{number}.json").text)
    assert found["release"] == orjson.loads(signed)
    verdicts = {each["verdict"] for each in found["findings"]}
    assert verdicts == ({"holds", "note"} if number == 1 else {"holds"})
    page = served(office).get(f"/releases/{number}?lang=en")
    assert found["sha256"] in page.text
    assert "It is in the log of releases, and its signed root fits" in page.text
    assert "Papers and events were not checked here" in page.text
    assert "2026-06-15 – 2026-09-14<" in page.text  # and not its name besides


def test_a_visitor_of_a_body_sees_the_releases_of_that_body_only(office: Path) -> None:
    own = served(office, (BODY,))
    assert [each["number"] for each in orjson.loads(own.get("/releases.json").text)] == [3]
    assert own.get("/releases/3").status_code == 200
    for foreign in (own.get("/releases/1"), served(office, (OTHER,)).get("/releases/3")):
        assert foreign.status_code == 404
    assert orjson.loads(served(office, (OTHER,)).get("/releases.json").text) == []
    missing = own.get("/releases/9?lang=en")
    assert missing.text.replace("/9", "/1") == own.get("/releases/1?lang=en").text


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "1e3", "99999999999999999999", "²"])
def test_there_is_no_other(office: Path, number: str) -> None:
    assert served(office).get(f"/releases/{number}").status_code == 404


def test_a_file_has_no_releases(office: Path) -> None:
    answer = inside(str(office / "events.jsonl")).get("/releases.json?lang=en")
    assert answer.status_code == 400
    assert "is no log" in answer.json()["error"]


def test_what_is_different_today_has_a_page(office: Path) -> None:
    with_folders = serving(
        [store_of(office)], None, skip_rejects=False, cache=True, releases=office
    )
    app = Inside(with_folders)
    assert "/releases/1/revisions" in app.get("/releases/1").text
    page = app.get("/releases/1/revisions?lang=en")
    assert page.status_code == 200
    assert "hoso revisions" in page.text
    found = orjson.loads(app.get("/releases/1/revisions.json").text)
    told = hoso(office, "revisions", "release1", "--format", "json")
    assert found == orjson.loads(told.out)
    limited = Inside(with_folders, LOCAL._replace(bodies=(BODY,)))
    assert limited.get("/releases/3/revisions").status_code == 403


def test_without_the_folders_no_page_says_what_is_different(office: Path) -> None:
    app = served(office)
    assert "revisions" not in app.get("/releases/1").text
    assert app.get("/releases/1/revisions").status_code == 404


def test_a_release_that_was_dropped_shows(office: Path, tmp_path: Path) -> None:
    store = tmp_path / "hoso.db"
    with sqlite3.connect(office / "hoso.db") as whole, sqlite3.connect(store) as database:
        whole.backup(database)
        (tmp_path / "hoso.db.key").write_bytes((office / "hoso.db.key").read_bytes())
        database.execute("DELETE FROM releases WHERE number = 3")
    page = inside(f"sqlite:///{store}").get("/releases?lang=en")
    assert "a release was dropped: 3 were signed, and 2 are there" in page.text
    assert "It does NOT fit the log of releases" in (
        inside(f"sqlite:///{store}").get("/releases/1?lang=en").text
    )
