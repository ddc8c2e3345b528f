"""Writes the log of a process that serves: JSON on standard error, one object on each line.

The log has no secrets: who logs names stores and brokers without passwords.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from hoso.tools.runtime.printable import printable_json

LOG: Final = logging.getLogger("hoso")


def log_event(event: str, level: int = logging.INFO, **facts: Any) -> None:
    """Log what happened, with facts about it."""
    LOG.log(level, event, extra={"facts": facts})


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, logger, what happened, and the facts."""
        facts = getattr(record, "facts", {})
        time = datetime.fromtimestamp(record.created, UTC)
        line = {"time": time, "level": record.levelname.lower(), "logger": record.name}
        line |= {"event": record.getMessage(), **facts}
        return printable_json(orjson.dumps(line, default=str)).decode()


def log_as_json() -> None:
    """Let this process log JSON to standard error, the messages of libraries included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
