"""Ctrl-C ends a command quietly at any moment: while it imports, works, starts workers, or ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.command import PATIENCE_S, SPAN, Outcome, done, environment

EVENTS = "events.jsonl"
DOSSIERS = 8_000  # more than one block of a file, so that worker processes start
RUNS = 12  # of each command, interrupted at moments that are spread over the time it takes
INTERRUPTED = (130, -signal.SIGINT)  # the latter where Python itself has begun to end

# Python's own start, before the first statement of ``main``, is not hoso's to guard.
START = """
import os, sys
from hoso import __main__ as start
exit_quietly = start.exit_quietly
def tell_and_exit_quietly():
    exit_quietly()
    os.write(int(sys.argv.pop(1)), b".")
start.exit_quietly = tell_and_exit_quietly
start.main()
"""


class Running(NamedTuple):
    """A command, and when it was ready for an interrupt."""

    process: subprocess.Popen[str]
    ready_s: float


def start(folder: Path, arguments: tuple[str, ...]) -> Running:
    """Start a command; returns once Ctrl-C is its own to deal with."""
    ready, told = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(told), *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[told],
        text=True,
        start_new_session=True,  # Ctrl-C goes to a whole group of processes
    )
    os.close(told)
    assert os.read(ready, 1)
    os.close(ready)
    return Running(process, time.monotonic())


def end(process: subprocess.Popen[str]) -> Outcome:
    """What a command left, once it and all that it started have ended."""
    out, err = process.communicate(timeout=PATIENCE_S)
    return Outcome(process.returncode, out, err)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    done(folder, "simulate", *SPAN, "--dossiers", str(DOSSIERS), "--out", EVENTS)
    return folder


@pytest.mark.parametrize(
    "command", ["--help", f"statement --window 2023-Q1 --source {EVENTS}"], ids=["help", "file"]
)
def test_an_interrupt_at_any_moment_leaves_no_traceback(office: Path, command: str) -> None:
    arguments = tuple(command.split())
    process, ready_s = start(office, arguments)
    assert end(process).status == 0
    takes_s = time.monotonic() - ready_s
    statuses = set()
    for run in range(RUNS):
        process, ready_s = start(office, arguments)
        time.sleep(max(0.0, ready_s + takes_s * run / RUNS - time.monotonic()))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        outcome = end(process)
        assert outcome.err == ""
        assert outcome.status in (0, *INTERRUPTED)
        statuses.add(outcome.status)
    assert not statuses.isdisjoint(INTERRUPTED)


def test_who_ignores_interrupts_is_not_interrupted(office: Path) -> None:
    """As in the background of a shell script, or under ``nohup``."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process, _ = start(office, ("--help",))
    finally:
        signal.signal(signal.SIGINT, before)
    os.killpg(process.pid, signal.SIGINT)
    assert end(process).status == 0
