"""``make torment KILLS=1000``: kills commands so many times, and keeps the tally.

A quarter of the kills hit ``consume`` into each kind of store, half hit ``ingest``, ``archive``,
``statement`` and ``report``. The tally stands in ``torment.txt`` at the end. Seeds are new at each
run, and part of the tally.
"""

import os
import subprocess
import sys
from pathlib import Path
from random import SystemRandom

TALLY = "torment.txt"


def main(kills: int) -> int:
    """Kill; returns 0 if all was as it should be afterwards."""
    Path(TALLY).unlink(missing_ok=True)
    settings = {
        "HOSO_TORMENT_DEATHS": str(max(kills // 4, 1)),
        "HOSO_TORMENT_COMMAND_DEATHS": str(max(kills // 2, 1)),
        "HOSO_TORMENT_FIRST_SEED": str(SystemRandom().randrange(2, 1_000_000)),
        "HOSO_TORMENT_TALLY": str(Path(TALLY).absolute()),
    }
    tests = [sys.executable, "-m", "pytest", "-n0", "-q", "tests/torment"]
    status = subprocess.run(tests, env=os.environ | settings, check=False).returncode
    tally = Path(TALLY)
    sys.stdout.write(tally.read_text(encoding="utf-8") if tally.exists() else "no tally\n")
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
