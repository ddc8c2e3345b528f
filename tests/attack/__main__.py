"""``make attack MINUTES=30``: new attacks for so long, round after round; prints the tally.

It stops at the first attack that succeeds, and prints how to repeat it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attack.fuzzing import TALLY


def main(minutes: float) -> int:
    """Attack; returns 0 if all held."""
    begun, rounds, status = time.monotonic(), 0, 0
    with TemporaryDirectory() as folder:
        file = Path(folder, "tally.json")
        settings = {"HYPOTHESIS_PROFILE": "attack", TALLY: str(file)}
        tests = [
            sys.executable,
            "-m",
            "pytest",
            "-n0",
            "-q",
            "-x",
            "tests/attack",
            "-k",
            "fuzz or serve",
        ]
        while not status and time.monotonic() < begun + 60 * minutes:
            status = subprocess.run(
                [*tests, f"--basetemp={folder}/round"], env=os.environ | settings, check=False
            ).returncode
            rounds += 1
        tally = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for what, number in sorted(tally.items()):
        sys.stdout.write(f"{number:>9,} {what}\n")
    taken = (time.monotonic() - begun) / 60
    held = "all held" if not status else "see above"
    sys.stdout.write(f"attack: {rounds} rounds in {taken:.0f} minutes; {held}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
