"""Where are the jars of a real Kafka broker?

In the user's cache; Maven fetches them once, about 45 MB. ``python3 -m tests.services.jars`` does
it beforehand, and needs no package for it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "4.3.1"  # 4.4.0 is listed, but a part of it (kafka-tools-api) was never published
POM = Path(__file__).with_name("pom.xml")


class NotFetched(Exception):
    """The jars cannot be had."""


def kept() -> Path:
    """Where the jars are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "hoso" / f"kafka-{VERSION}"


def fetched() -> Path:
    """The folder of the jars."""
    folder = kept()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want them at the same time
        if not folder.exists():
            fetch(folder)
    return folder


def fetch(folder: Path) -> None:
    """Fetch the jars; the folder is there when they are complete, and not before."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    maven("dependency:copy-dependencies", f"-Dkafka={VERSION}", f"-DoutputDirectory={part}")
    part.rename(folder)


def maven(*arguments: str) -> None:
    """Run Maven on the list of what a broker needs."""
    program = shutil.which("mvn")
    if program is None:
        raise NotFetched("there is no Maven to fetch a Kafka broker with")
    # What was missing the last time (--update-snapshots) is looked for again.
    options = ["--quiet", "--batch-mode", "--update-snapshots", "-Dstyle.color=never"]
    command = [program, *options, "--file", str(POM), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reasons = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise NotFetched(f"Maven cannot fetch a Kafka broker: {reasons[0]}")


if __name__ == "__main__":
    try:
        fetched()
    except NotFetched as reason:
        sys.exit(str(reason))
