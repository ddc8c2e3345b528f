"""What tests of pages look at: addresses that show the same on any day; a store with rejects."""

from pathlib import Path
from typing import Final

import orjson

from tests.command import hoso

KNOWN: Final = "as-of=2026-10-05T12:00:00%2B07:00"
WINDOW: Final = f"window=2026-Q3&{KNOWN}"
# Of a province's history, by the name of its picture.
PAGES: Final = {
    "statement": f"/statement?{WINDOW}&by=level",
    "dossiers": f"/dossiers?account=resolved.overdue&{WINDOW}",
    "compare": f"/compare?{WINDOW}&against-window=2026-Q2",
    "compared-dossiers": f"/compare?{WINDOW}&against-window=2026-Q2&account=carried_forward",
    "vintages": "/vintages?window=2026-Q3&as-of=2026-08-01&as-of=2026-09-14&as-of=2026-10-04",
    "due": f"/due?{KNOWN}&by=level",
    "backtest": f"/due?{KNOWN}&backtest=2026-Q3",
    "integrity": f"/integrity?{WINDOW}",
    "integrity-check": f"/integrity?{WINDOW}&check=paused_on_due_day",
    "reports": f"/reports?{WINDOW}&on=2026-10-05",
    "summary": f"/report/summary?{WINDOW}",
    "form": f"/report/form?{WINDOW}&under=H52.12",
    "index766": f"/report/index766?{WINDOW}",
    "law": "/law?on=2026-10-05",
    "law-change": "/law?on=2025-07-01&against-on=2025-06-30",
}
# Of a store with rejects and a conflict.
OF_INTAKE: Final = {"intake": "/intake", "rejects": "/rejects", "reject": "/rejects/1"}

VALID = {
    "specversion": "1.0",
    "source": "/one-stop",
    "id": "e1",
    "type": "dossier.received.v1",
    "subject": "D-1",
    "time": "2026-03-02T09:00:00+07:00",
    "data": {
        "agency": "H52.01",
        "field": "tu_phap",
        "procedure": "1.000001",
        "channel": "online",
        "allowance": {"value": 5, "unit": "working_days"},
    },
}
CONFLICTING = VALID | {"subject": "D-2"}
WRONG_TYPE = VALID | {"id": "e2", "type": "dossier.recieved.v1", "subject": "D-3"}
NO_TIME = {name: value for name, value in VALID.items() if name != "time"} | {"id": "e3"}


def with_rejects(folder: Path) -> None:
    """Make a store with an event, a conflict, and three rejects in a folder."""
    lines = [orjson.dumps(event) for event in (VALID, CONFLICTING, WRONG_TYPE, NO_TIME)]
    (folder / "events.jsonl").write_bytes(b"\n".join([*lines, b"no json"]) + b"\n")
    hoso(folder, "ingest", "--keep-raw", "--recorded", "time", "events.jsonl")
