"""A folder where the same events stand in a file, a store and an archive."""

from pathlib import Path

from tests.command import SPAN, asked

EVENTS = "events.jsonl"
STORE = "sqlite:///hoso.db"
ARCHIVE = "archive"
SOURCES = (EVENTS, STORE, ARCHIVE)


def equip(folder: Path) -> Path:
    """Put them there. Nothing has read the store or the archive, so nothing is kept yet."""
    asked(folder, "simulate", *SPAN, "--dossiers", "300", "--seed", "7", "--out", EVENTS)
    asked(folder, "ingest", EVENTS, "--recorded", "time")
    asked(folder, "archive", "--source", EVENTS, "--out", ARCHIVE)
    return folder
