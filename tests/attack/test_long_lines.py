"""Lines that are too long: one limit wherever they stand, a reject of a few bytes, flat memory."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoso.consumers.intake import files
from hoso.consumers.intake.overlong import LONGEST_LINE_BYTES, OverlongLine, overlong_reason
from hoso.consumers.intake.validate import Rejected, parse_event
from hoso.consumers.store.log import open_store
from hoso.tools.runtime.environment import now
from tests.command import HOSO, done, environment, hoso

GOOD = json.dumps(
    {
        "specversion": "1.0",
        "id": "a",
        "source": "/h",
        "type": "dossier.received.v1",
        "subject": "D",
        "time": "2023-01-05T08:00:00+07:00",
        "data": {
            "agency": "A",
            "field": "F",
            "procedure": "P",
            "channel": "online",
            "due": "2023-01-10",
        },
    }
).encode()
LONG = b'{"a":"' + b"x" * 2 * LONGEST_LINE_BYTES + b'"}'
MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([LONG, GOOD], id="at the top"),
        pytest.param([GOOD, LONG, GOOD], id="in the middle"),
        pytest.param([GOOD, LONG], id="at the end"),
        pytest.param([GOOD + b" " * LONGEST_LINE_BYTES, GOOD], id="an event, but for its blanks"),
        pytest.param([b" " * (LONGEST_LINE_BYTES + 1), LONG, LONG, GOOD], id="several"),
    ],
)
def test_a_line_that_is_too_long_is_a_reject_wherever_it_stands_and_the_rest_goes_in(
    lines: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "e.jsonl").write_bytes(b"\n".join(lines))
    outcome = hoso(tmp_path, "ingest", "e.jsonl")
    long = {n: line for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE_BYTES}
    assert outcome.status == 1
    assert outcome.out == f"hoso.db: {len(lines) - len(long)} events recorded\n"
    with open_store(f"sqlite:///{tmp_path / 'hoso.db'}") as store:
        rejects = [reject for _, reject in store.rejects()]
    assert [reject.origin for reject in rejects] == [f"e.jsonl:{number}" for number in long]
    for reject, line in zip(rejects, long.values(), strict=True):
        assert f"{len(line):,} bytes" in reject.reason
        assert hashlib.sha256(line).hexdigest() in reject.reason
        assert b"xxx" not in reject.raw
        assert len(reject.raw) < 1_000


def test_a_line_of_just_the_limit_is_read_as_any_other(tmp_path: Path) -> None:
    line = GOOD.replace(b'{"sp', b'{"pad":"%s","sp' % (b"x" * (LONGEST_LINE_BYTES - 9)))
    line = line.replace(b"x" * (len(line) - LONGEST_LINE_BYTES), b"", 1)
    assert len(line) == LONGEST_LINE_BYTES
    (tmp_path / "e.jsonl").write_bytes(b"\n".join([GOOD, line, line]))
    assert done(tmp_path, "ingest", "e.jsonl") == "hoso.db: 3 events recorded\n"


def test_an_excerpt_is_no_event_when_it_is_retried_and_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_bytes(LONG)
    hoso(tmp_path, "ingest", "e.jsonl")
    retried = hoso(tmp_path, "rejects", "retry").out
    assert retried.startswith("hoso.db: 0 recorded, 1 still rejected\n")
    exported = hoso(tmp_path, "rejects", "export", "-")
    assert (exported.status, exported.out) == (0, "")
    assert "it was not kept whole" in exported.err


@settings(max_examples=30)
@given(st.lists(st.integers(0, 60), max_size=8), st.booleans())
def test_lines_are_found_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ends: bool
) -> None:
    """With blocks of 16 bytes and lines of up to 16 bytes."""
    written = [bytes([65 + n]) * length for n, length in enumerate(lengths)]
    path = tmp_path_factory.mktemp("lines") / "e"
    path.write_bytes(b"\n".join(written) + b"\n" * ends)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 16)
        patch.setattr(files, "LONGEST_LINE_BYTES", 16)
        found = [line for block in files.blocks(str(path)) for line in files.lines(block)]
    assert [line.number for line in found] == [n for n, line in enumerate(written, 1) if line]
    for line in found:
        original = written[line.number - 1]
        if len(original) <= 16:
            assert line.raw == original
        else:
            assert str(overlong_reason(line.raw)).startswith(f"a line of {len(original)} bytes")


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_an_excerpt_is_never_an_event_and_stays_on_one_line(pieces: list[bytes]) -> None:
    line = OverlongLine()
    for piece in [GOOD, *pieces]:
        line.add(piece.replace(b"\n", b""))
    with pytest.raises(Rejected, match=r"a line of .* bytes, over 4,000,000; SHA-256 "):
        parse_event(line.excerpt(), now())
    assert b"\n" not in line.excerpt()


def peak_bytes(folder: Path, rejects: int) -> int:
    """The most memory that an ingest of so many rejects of 100 kB takes, in one process."""
    (folder / "e.jsonl").write_bytes((b'{"a":"' + b"?" * 100_000 + b'"}\n') * rejects)
    command = [HOSO, "ingest", "e.jsonl", "--store", f"sqlite:///{rejects}.db"]
    program = f"import resource, subprocess; subprocess.run({command}, capture_output=True)"
    program += "; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    ran = subprocess.run(
        ["python3", "-c", program],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(ran.stdout) * 1_024


def test_memory_is_flat_however_many_rejects_there_are(tmp_path: Path) -> None:
    few, many = (peak_bytes(tmp_path, number) for number in (400, 1_600))
    assert many - few < 40 * MEGABYTE  # of 120 MB more


def test_a_reason_is_short_however_long_the_type_of_an_event_is() -> None:
    """Once, a type of 200,000 letters stood in the reason whole."""
    line = GOOD.replace(b"dossier.received", b"x" * 200_000 + b"dossier.received")
    with pytest.raises(Rejected, match=r"unknown event type \(given: a text of 200,019 characters"):
        parse_event(line, now())
