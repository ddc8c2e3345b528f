"""iCalendar (RFC 5545): entries of whole days, as a file that programs subscribe to.

The same day of the same calendar has the same UID each time, so that a program that reads the file
again replaces its entry. Lines end with CR LF and have at most 75 octets; longer ones are folded,
never within a character.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from hoso.projections.documents.due_calendar import DayCalendar, Entry
from hoso.projections.documents.model import Language
from hoso.tools.runtime.printable import printable_lines

LINE_OCTETS: Final = 75  # RFC 5545, section 3.1
READ_AGAIN: Final = "PT1H"  # how often a program should read the file: every hour
ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})  # 3.3.11


def printed(
    calendar: DayCalendar, language: Language, scope: str, made: datetime
) -> Iterator[bytes]:
    """A calendar as a file has it, line by line.

    ``scope`` tells it from other calendars of hoso, and is not shown; ``made`` is as of when its
    entries are good.
    """
    for line in _lines(calendar, language, scope, made):
        yield folded(line) + b"\r\n"


def _lines(calendar: DayCalendar, language: Language, scope: str, made: datetime) -> Iterator[str]:
    name, stamp = text(calendar.name.to(language)), f"{made.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:-//hoso//hoso due//{language.upper()}"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield f"NAME:{name}"  # RFC 7986; the next line says it to older programs
    yield f"X-WR-CALNAME:{name}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{READ_AGAIN}"
    yield f"X-PUBLISHED-TTL:{READ_AGAIN}"
    own = hashlib.sha256(scope.encode()).hexdigest()[:16]
    for entry in calendar.entries:
        yield from _entry(entry, language, f"{entry.day.isoformat()}.{own}@due.hoso", stamp)
    yield "END:VCALENDAR"


def _entry(entry: Entry, language: Language, uid: str, stamp: str) -> Iterator[str]:
    """An entry of a whole day, which keeps nobody from being free."""
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{entry.day.isoformat().replace('-', '')}"
    yield f"SUMMARY:{text(entry.summary.to(language))}"
    if entry.lines:
        yield f"DESCRIPTION:{text(chr(10).join(line.to(language) for line in entry.lines))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def text(value: str) -> str:
    """A text as the value of a property."""
    return printable_lines(value).translate(ESCAPED)


def folded(line: str) -> bytes:
    """A line, broken where it is longer than LINE_OCTETS: each further line begins with a blank."""
    lines = [b""]
    for character in line:
        octets = character.encode()
        if len(lines[-1]) + len(octets) > LINE_OCTETS:
            lines.append(b" ")
        lines[-1] += octets
    return b"\r\n".join(lines)
