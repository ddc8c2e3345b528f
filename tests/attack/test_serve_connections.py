"""A server in bad company: slow, endless, broken, and very many connections, and nonsense in each.

Whatever others do, an honest visitor is answered, memory stays as it was, and nobody gets a 5xx but
503.
"""

import resource
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.tools.serve.access.connections import HEAD_BYTES, HEAD_S, LINGER_S
from tests.attack.fuzzing import AT_LENGTH, attacks, tried
from tests.command import hoso
from tests.serving import Server, started
from tests.visitors import SIMULATED

only_in_attacks = pytest.mark.skipif(not AT_LENGTH, reason="takes minutes: make attack")
PATIENCE_S = 30.0
GROWTH_BYTES = 60_000_000  # for buffers of thousands of connections, and for the allocator


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("connections")
    hoso(folder, "simulate", *SIMULATED, "--out", "events.jsonl")
    with started(folder, "--source", "events.jsonl") as server:
        for _ in range(3):
            assert is_answered(server)
        yield server


def port(server: Server) -> int:
    return int(server.address.rpartition(":")[2])


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port(server)), timeout=PATIENCE_S)


def is_answered(server: Server) -> bool:
    """Whether an honest visitor gets a page."""
    return server.get("/statement.json?window=2026-Q3").status_code == 200


def memory(server: Server) -> int:
    """What the server's process holds, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1_024


def answer(connection: socket.socket) -> bytes:
    """What comes back, until the connection ends."""
    found = b""
    try:
        while piece := connection.recv(65_536):
            found += piece
    except (ConnectionResetError, BrokenPipeError):
        pass
    return found


def head(server: Server, *lines: str, method: str = "GET", path: str = "/login") -> bytes:
    first = f"{method} {path} HTTP/1.1"
    return "\r\n".join((first, f"Host: 127.0.0.1:{port(server)}", *lines, "", "")).encode()


def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for(server: Server) -> None:
    begun = monotonic()
    with connected(server) as slow, suppress(OSError):  # reset, or a broken pipe
        slow.sendall(head(server)[:-2])
        while monotonic() < begun + 3 * HEAD_S:
            slow.send(b"a")
            sleep(0.1)
    assert begun + HEAD_S / 2 < monotonic() < begun + 2 * HEAD_S
    assert is_answered(server)


@pytest.mark.parametrize("piece", [b"a" * HEAD_BYTES, b"X-Line: a\r\n" * 5_000])
def test_a_head_without_end_is_refused(server: Server, piece: bytes) -> None:
    before, sent = memory(server), 0
    with connected(server) as endless, suppress(OSError):
        endless.sendall(head(server)[:-2] + b"X-Long: ")
        while sent < 500 * HEAD_BYTES:
            endless.sendall(piece)
            sent += len(piece)
    assert sent < 500 * HEAD_BYTES
    assert memory(server) < before + GROWTH_BYTES
    assert is_answered(server)


def test_a_long_head_is_told_so(server: Server) -> None:
    with connected(server) as long:
        long.sendall(head(server)[:-2] + b"X-Long: " + b"a" * HEAD_BYTES)
        assert b" 431 " in answer(long)


def test_a_body_without_end_is_refused_and_not_kept(server: Server) -> None:
    before = memory(server)
    kind = "Content-Type: application/x-www-form-urlencoded"
    for lines in ((kind, "Transfer-Encoding: chunked"), (kind, "Content-Length: 999999999999")):
        with connected(server) as endless:
            endless.sendall(head(server, *lines, method="POST"))
            begun = monotonic()
            try:
                for _ in range(5_000):
                    piece = b"a" * 65_536
                    chunk = (
                        b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in lines[1] else piece
                    )
                    endless.sendall(chunk)
            except OSError:
                pass
            assert monotonic() < begun + 10 * LINGER_S
            assert b" 5" not in answer(endless)[:15]
    assert memory(server) < before + GROWTH_BYTES
    assert is_answered(server)


def test_what_nobody_reads_is_not_made(server: Server) -> None:
    """A visitor asks again and again, and takes nothing."""
    before = memory(server)
    with connected(server) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        asked = head(server, path="/static/style.css") * 2_000
        deaf.settimeout(2)
        try:
            deaf.sendall(asked)
            sleep(1)
        except OSError:
            pass
        assert memory(server) < before + GROWTH_BYTES
    assert is_answered(server)


NONSENSE = [
    b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0"
    b"\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET  / HTTP/1.1\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n X: folded\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300,
    b"\x00" * 1_000,
]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_or_hung_up_on(server: Server, nonsense: bytes) -> None:
    own = f"127.0.0.1:{port(server)}".encode()
    for sent in (nonsense, nonsense.replace(b"Host: x", b"Host: " + own)):
        with connected(server) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            told = answer(connection)
            tried("serve, nonsense")
            assert told == b"" or told.startswith(
                (b"HTTP/1.1 4", b"HTTP/1.1 30", b"HTTP/1.1 200")
            ), told
    assert server.process.poll() is None


@attacks(60)
@given(st.binary(max_size=400))
def test_fuzz_any_bytes_are_refused_or_hung_up_on(server: Server, sent: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        told = answer(connection)
        tried("serve, any bytes")
        assert told == b"" or told.startswith(b"HTTP/1.1 4"), told


ODD = ["%00", "%2e", "%2F", "%ff", "..", "é", "\u202e", "\u200b", "<script>", "'", '"']
PARTS = st.lists(st.sampled_from([*"abz09._-~%/\\?#&=+;:@!()[]{}|^`$, ", *ODD]), max_size=30).map(
    "".join
)
PATHS = st.one_of(
    PARTS,
    st.builds("dossier/{}".format, PARTS),
    st.builds("statement?{}".format, PARTS),
    st.builds("statement?window={}&slice={}".format, PARTS, PARTS),
    st.builds("dossiers?window=2026-Q3&account={}&sort={}".format, PARTS, PARTS),
    st.builds("static/{}".format, PARTS),
    st.builds("report/{}".format, PARTS),
    st.builds("compare?window=2026-Q3&against-window={}".format, PARTS),
)


@attacks(100)
@given(PATHS)
def test_fuzz_addresses_are_answered_or_refused(server: Server, path: str) -> None:
    raw = f"/{path}".encode("utf-8", "surrogatepass").replace(b" ", b"%20").replace(b"#", b"%23")
    with connected(server) as connection:
        lines = f" HTTP/1.1\r\nHost: 127.0.0.1:{port(server)}\r\nConnection: close\r\n\r\n".encode()
        connection.sendall(b"GET " + raw + lines)
        told = answer(connection)
    tried(f"serve, any address, status {told[9:12].decode()}")
    assert told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4")), (path, told[:200])
    assert b"root:" not in told


@attacks(40)
@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z-]{1,20}", fullmatch=True),
        st.text(
            st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
            max_size=60,
        ),
        max_size=8,
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80),
)
def test_fuzz_headers_and_cookies_are_answered_or_refused(
    server: Server, headers: dict[str, str], cookie: str
) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    with connected(server) as connection:
        first = f"GET /statement.json?window=2026-Q3 HTTP/1.1\r\nHost: 127.0.0.1:{port(server)}\r\n"
        more = "\r\n".join((*lines, f"Cookie: hoso={cookie}", "Connection: close", "", ""))
        connection.sendall((first + more).encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        told = answer(connection)
    tried("serve, any headers")
    assert told == b"" or told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4")), told[:200]


@only_in_attacks
def test_ten_thousand_connections_leave_room_for_an_honest_visitor(server: Server) -> None:
    """As many as this process may open, up to 10,000; some say nothing, some half a request."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    number = min(10_000, most - 500)
    before, opened = memory(server), []
    begun = monotonic()
    try:
        for i in range(number):
            try:
                opened.append(socket.create_connection(("127.0.0.1", port(server)), timeout=5))
                if i % 2:
                    opened[-1].send(head(server)[:20])
            except OSError:
                tried("serve, connections refused")
            if i % 1_000 == 999:
                assert is_answered(server), i
        tried(f"serve, {len(opened):,} connections at a time")
        assert is_answered(server)
        assert memory(server) < before + 4 * GROWTH_BYTES
    finally:
        for each in opened:
            each.close()
    assert len(opened) > number * 0.9
    assert monotonic() < begun + 120
    sleep(1)
    assert is_answered(server)


@only_in_attacks
def test_memory_stays_as_it_was_however_often_one_asks(server: Server) -> None:
    with httpx.Client(base_url=server.address) as client:
        for _ in range(200):
            client.get("/statement?window=2026-Q3")
        before = memory(server)
        for i in range(1_000):
            client.get(f"/statement?window=2026-Q3&slice=field=no-such-field-{i}")
            client.get(f"/dossier/no-such-dossier-{i}")
            client.get("/login", headers={"Cookie": f"hoso={i}"})
        assert memory(server) < before + GROWTH_BYTES


# --- TLS -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("encrypted")
    hoso(folder, "simulate", *SIMULATED, "--out", "events.jsonl")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", *subject, *made], cwd=folder, check=True, capture_output=True
    )
    tls = ("--tls-certificate", "cert.pem", "--tls-key", "key.pem")
    with started(folder, "--source", "events.jsonl", *tls) as server:
        yield server


def is_answered_by_tls(server: Server) -> bool:
    url = f"{server.address}/statement.json?window=2026-Q3"
    return httpx.get(url, verify=False, timeout=PATIENCE_S).status_code == 200


def test_broken_tls_is_hung_up_on(encrypted: Server) -> None:
    for sent in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01",
        b"\x16\x03\x01\xff\xff" + b"a" * 70_000,
        b"\x00",
    ):
        with connected(encrypted) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert b"200 OK" not in answer(connection)
            tried("serve, broken TLS")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with connected(encrypted) as connection, pytest.raises(ssl.SSLError):
        old.wrap_socket(connection)
    assert is_answered_by_tls(encrypted)


def test_handshakes_that_never_end_leave_room(encrypted: Server) -> None:
    before = memory(encrypted)
    waiting = [connected(encrypted) for _ in range(500)]
    assert is_answered_by_tls(encrypted)
    assert memory(encrypted) < before + 2 * GROWTH_BYTES
    for each in waiting:
        each.close()
