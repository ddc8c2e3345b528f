"""A process that releases, and kills itself in the middle of it.

It reads a line for each release: what is to be its name, and after how many calls to the operating
system that files and databases make it is to kill itself (or how many milliseconds, with ``ms``),
0 for never. Each runs in a copy of this process, which has imported all. It writes, for each, how
many such calls there were, as far as it got, and the exit status.
"""

import os
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.releasing import NOW, ReleasingOffice

# What an audit hook hears of that changes files, or a database.
HEARD: Final = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect")


def main(folder: Path, store: str) -> None:
    """Release as each line of standard input says."""
    office = ReleasingOffice.again(folder, store)
    office.release("warm", "statement", source=office.source())
    for minutes, line in enumerate(sys.stdin, 1):
        name, unit, number = line.split()
        heard, told = os.pipe()
        if (child := os.fork()) == 0:
            _killed(told, unit, int(number))
            office.release(name, "statement", now=NOW + timedelta(minutes=minutes))
            os._exit(0)
        os.close(told)
        _, status = os.waitpid(child, 0)
        with os.fdopen(heard, "rb") as marks:
            calls = len(marks.read())
        sys.stdout.write(f"{calls} {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _killed(told: int, unit: str, number: int) -> None:
    """Kill this process at its call with a number, or after so many milliseconds."""
    if unit == "ms" and number:
        threading.Thread(target=_kill_after, args=[number / 1000], daemon=True).start()
    elif unit == "call":
        calls = 0

        def hear(event: str, _: object) -> None:
            nonlocal calls
            if event in HEARD:
                calls += 1
                os.write(told, b".")
                if calls == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)


def _kill_after(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
