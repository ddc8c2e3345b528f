"""Where are the jars of a real Kafka broker, and of Debezium in Kafka Connect?

In the user's cache; Maven fetches them once, about 45 MB and 38 MB. ``python3 -m
tests.services.jars`` does it beforehand, and needs no package for it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Jars(NamedTuple):
    """What is fetched: its name, its version, and the list of its parts for Maven."""

    name: str
    version: str
    pom: str


# 4.4.0 is listed, but a part of it (kafka-tools-api) was never published.
KAFKA = Jars("kafka", "4.3.1", "pom.xml")
DEBEZIUM = Jars("debezium", "3.5.0.Final", "debezium.xml")


class NotFetched(Exception):
    """The jars cannot be had."""


def kept(jars: Jars) -> Path:
    """Where jars are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "hoso" / f"{jars.name}-{jars.version}"


def fetched(jars: Jars = KAFKA) -> Path:
    """The folder of the jars."""
    folder = kept(jars)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want them at the same time
        if not folder.exists():
            fetch(jars, folder)
    return folder


def fetch(jars: Jars, folder: Path) -> None:
    """Fetch the jars; the folder is there when they are complete, and not before."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    versions = [f"-D{each.name}={each.version}" for each in (KAFKA, DEBEZIUM)]
    maven(jars, "dependency:copy-dependencies", *versions, f"-DoutputDirectory={part}")
    part.rename(folder)


def maven(jars: Jars, *arguments: str) -> None:
    """Run Maven on the list of what is needed."""
    program = shutil.which("mvn")
    if program is None:
        raise NotFetched(f"there is no Maven to fetch {jars.name} with")
    # What was missing the last time (--update-snapshots) is looked for again.
    options = ["--quiet", "--batch-mode", "--update-snapshots", "-Dstyle.color=never"]
    command = [program, *options, "--file", str(Path(__file__).with_name(jars.pom)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reasons = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise NotFetched(f"Maven cannot fetch {jars.name}: {reasons[0]}")


if __name__ == "__main__":
    try:
        fetched()
        fetched(DEBEZIUM)
    except NotFetched as reason:
        sys.exit(str(reason))
