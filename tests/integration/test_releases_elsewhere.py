"""A release is proved again from PostgreSQL and from an archive of the store, by another version of
the program, by a law of one's own, after an erasure; time stamps hold."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.projections.releases import receipt
from hoso.projections.releases.release import Program
from hoso.tools.inputs import questions
from hoso.tools.inputs.timestamps import stamped
from hoso.tools.jobs import log_keys
from hoso.tools.jobs import release as releasing
from hoso.tools.jobs.release import Signing, release
from hoso.tools.jobs.release_papers import make_papers
from hoso.tools.jobs.release_program import this_program
from hoso.tools.jobs.verify_release import PAPERS, Verified, verify
from tests.command import done
from tests.releasing import HOLDS, NOW, ReleasingOffice, outcome, said

PROVENANCE: Final = Path(__file__).parents[2] / "docs" / "PROVENANCE.md"
BYTE_BY_BYTE: Final = "made again from the log are the same, byte by byte"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ReleasingOffice:
    made = ReleasingOffice(tmp_path_factory.mktemp("office"))
    made.release("first", "ii06a", options={"registry": str(made.folder / "agencies.csv")})
    return made


def is_made_again(office: ReleasingOffice, source: str) -> bool:
    verified = office.verify("first", source)
    assert outcome(verified) == HOLDS
    return BYTE_BY_BYTE in of_papers(verified)


def of_papers(verified: Verified) -> str:
    """What was found of the papers, when they were made again."""
    [found] = [each for each in verified.findings if each.check == PAPERS]
    return f"{found.verdict}: {found.says.en}"


def test_from_an_archive_of_the_store(office: ReleasingOffice) -> None:
    done(office.folder, "archive", "--out", "archive")
    assert is_made_again(office, str(office.folder / "archive"))


def test_from_postgres_with_the_same_log(office: ReleasingOffice, database: str) -> None:
    log_keys.write(office.source(), office.folder / "log.key")
    log_keys.take(str(office.folder / "log.key"), database)
    given = ("ingest", "events.jsonl", "--recorded", "time", "--store", database)
    done(office.folder, *given)
    assert is_made_again(office, database)


# Another version of the program: it says so in ``release.json``, writes pages otherwise, and it may
# count otherwise.


def another_program() -> Program:
    return this_program().model_copy(update={"version": "0.1", "code": "0" * 64})


@pytest.mark.parametrize(
    ("paper", "change", "found"),
    [
        (
            "ii06a.html",
            (b"<html", b"<html "),
            "holds: made by another program (version 0.1); made again, the figures are the same",
        ),
        (
            "ii06a.json",
            (b'"value": 0', b'"value": 9'),
            "note: made by another program (version 0.1), which counts otherwise: ii06a.json; "
            "hoso revisions explains",
        ),
    ],
)
def test_by_another_program_figures_are_compared(
    office: ReleasingOffice,
    monkeypatch: pytest.MonkeyPatch,
    paper: str,
    change: tuple[bytes, bytes],
    found: str,
) -> None:
    def otherwise(*question: Any) -> Any:
        made, file = make_papers(*question), question[-1] / paper
        assert change[0] in file.read_bytes()
        file.write_bytes(file.read_bytes().replace(*change, 1))
        return made

    with monkeypatch.context() as then:
        then.setattr(releasing, "this_program", another_program)
        then.setattr(releasing, "make_papers", otherwise)
        office.release(f"by {paper}", "ii06a")
    verified = office.verify(f"by {paper}")
    assert (of_papers(verified), outcome(verified)) == (found, HOLDS)


def test_by_a_law_of_ones_own_that_is_gone(office: ReleasingOffice) -> None:
    law = office.folder / "own.csv"
    law.write_text(done(office.folder, "law", "--format", "csv"), encoding="utf-8")
    body = law.read_bytes()
    policy = questions.policy(str(law), None, None, None, None, None)
    made = office.release("own law", "statement", policy=policy)
    law.unlink()
    assert (office.folder / "own law" / made.law.regime).read_bytes() == body
    verified = office.verify("own law")
    assert BYTE_BY_BYTE in of_papers(verified)
    assert outcome(verified) == HOLDS


def test_after_an_erasure_the_figures_are_the_same(office: ReleasingOffice, tmp_path: Path) -> None:
    shutil.copytree(office.folder, tmp_path / "office")
    elsewhere = ReleasingOffice.again(tmp_path / "office")
    elsewhere.release("R", "scorecard", options={"officials": True})
    paper = (elsewhere.folder / "R" / "scorecard.json").read_text(encoding="utf-8")
    events = map(json.loads, (elsewhere.folder / "events.jsonl").open(encoding="utf-8"))
    codes = {event["data"]["official"] for event in events if "official" in event["data"]}
    erased = next(code for code in sorted(codes) if f'"{code}"' in paper)
    done(elsewhere.folder, "erase", "--official", erased, "--because", "request")
    verified = elsewhere.verify("R")
    assert of_papers(verified).startswith("note: made again, they differ, as codes were erased: ")
    assert outcome(verified) == HOLDS


# A time-stamp authority of the tests.

CONFIGURATION: Final = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


class Authority:
    """OpenSSL as a time-stamp authority, asked over HTTP on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.certificate = folder, folder / "ca.pem"
        (folder / "ts.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        self._openssl("req", "-x509", *_key("ca"), "-subj", "/CN=tests", "-days", "30")
        own = ("-subj", "/CN=tests tsa", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30")
        purpose = ("-config", "ts.cnf", "-extensions", "stamping")
        subject = ("-x509", *_key("tsa"), *own)
        (folder / "req.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        (folder / "ts.cnf").write_text(
            "[req]\ndistinguished_name = dn\n[dn]\n" + (folder / "ts.cnf").read_text()
        )
        self._openssl("req", *subject, *purpose)

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl(
            *("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out", "answer")
        )
        return (self.folder / "answer").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def _key(name: str) -> tuple[str, ...]:
    return ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem")


@contextmanager
def served(authority: Authority) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # as the library calls it
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = authority.answer(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


def test_a_time_stamp_says_when_a_release_was_there(
    office: ReleasingOffice, authority: Authority
) -> None:
    with served(authority) as url:
        signing = Signing(office.key, NOW, stamped=lambda note: stamped(url, note))
        asked = office.asked("statement")
        release(asked, Policy(), office.source(), signing, office.folder / "stamped")
    certificate = str(authority.certificate)
    verified = verify(office.folder / "stamped", None, office.trust, certificate)
    assert outcome(verified) == HOLDS
    assert any(each.says.en.startswith("was there at 2") for each in verified.findings)
    assert is_stamped(office.folder / "stamped", certificate)
    other = office.folder / "stamped" / receipt.TIMESTAMP
    other.write_bytes(authority.answer(_query(authority, b"other")))
    verified = verify(office.folder / "stamped", None, office.trust, certificate)
    assert any("is over other bytes" in line for line in said(verified))
    assert not is_stamped(office.folder / "stamped", certificate)


def is_stamped(folder: Path, certificate: str) -> bool:
    """Whether OpenSSL says so, called as docs/PROVENANCE.md has it."""
    command = "openssl ts -verify -data receipt/release.note -in receipt/timestamp.tsr -CAfile"
    assert f"`{command} AUTHORITY.pem`" in PROVENANCE.read_text(encoding="utf-8")
    asked = [*command.split(), certificate]
    return subprocess.run(asked, cwd=folder, check=False, capture_output=True).returncode == 0


def _query(authority: Authority, content: bytes) -> bytes:
    (authority.folder / "content").write_bytes(content)
    command = ["openssl", "ts", "-query", "-data", "content", "-sha256", "-cert"]
    return subprocess.run(command, cwd=authority.folder, check=True, capture_output=True).stdout


def test_nothing_is_released_where_the_authority_is_away(office: ReleasingOffice) -> None:
    before = office.source().proofs().releases()
    with pytest.raises(UserError, match=r"--timestamp: http://127\.0\.0\.1:9/"):
        stamped("http://127.0.0.1:9/", b"note")
    assert office.source().proofs().releases() == before
