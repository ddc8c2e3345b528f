"""What ``release.json`` says: a report as it was signed, and all that it was made from.

It names the question (which report, of which window, in which slices), the events (the log's
position and Merkle root, and the as-of instant), the law and the calendar as data, the program, and
the SHA-256 of every file beside it. So the report can be made again from the log, later, elsewhere,
and by the law of then, whatever the tables of today say. The same release has the same bytes.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from hoso.domain.calendar import Calendar, date_of, moved_days
from hoso.domain.office import Office
from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.provisions import Provision, Value
from hoso.domain.windows import Window

FORMAT: Final = 1
RELEASE_FILE: Final = "release.json"
RECEIPT: Final = "receipt"
BEHIND: Final = f"{RECEIPT}/behind.arrow"
STATEMENT: Final = "statement"  # the report that is a statement; the others have names of their own


def _as_utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _window_of(value: object) -> object:
    return Window(value["from"], value["to"]) if isinstance(value, dict) else value


def _shown(provision: Provision) -> dict[str, Value]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in provision._asdict().items()
    }


Instant = Annotated[datetime, PlainSerializer(_as_utc, when_used="json")]
# In JSON a window is {"from": …, "to": …}, as statements have it.
Days = Annotated[
    Window,
    BeforeValidator(_window_of),
    PlainSerializer(lambda days: {"from": str(days.first), "to": str(days.last)}, when_used="json"),
]
Provisions = Annotated[
    tuple[Provision, ...],
    PlainSerializer(lambda rows: [_shown(row) for row in rows], when_used="json"),
]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Part(BaseModel):
    """A part of a release: it never changes, and has no other keys than these."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Options(_Part):
    """How a report was asked for, besides its window, attribution and slices: the options of
    ``hoso report`` and ``hoso statement`` by their names.

    Of files, these are the names that they have in the release (``inputs/registry.csv``). A profile
    that is no file has its own name.
    """

    each: str | None = None
    body: str | None = None
    roll_up: str = "then"
    registry: str | None = None
    inputs: str | None = None
    procedures: str | None = None
    office: str | None = None
    folding: str = "default"
    index_profile: str = "national"
    scorecard_profile: str = "tt01-2018"
    integrity_profile: str | None = None
    officials: bool = False
    language: Literal["vi", "en"] = "vi"
    decimals: int = 2
    rounding: Literal["half_up", "truncate"] = "half_up"


class KeptLaw(_Part):
    """The law by which a report was made: its regime and edition, as of when it was known, what was
    pinned, and the provisions in use, as data."""

    regime: str
    edition: str
    as_of: date
    pinned: Mapping[str, Value]
    provisions: Provisions

    @classmethod
    def of(cls, policy: Policy, known: date) -> "KeptLaw":
        """The law of a policy; where it names no day, as it was known on ``known``."""
        then = policy.model_copy(update={"law_as_of": policy.law_as_of or known})
        named = then.as_json()
        return cls(
            regime=then.law,
            edition=named["edition"],
            as_of=then.law_as_of or known,
            pinned=then.pinned(),
            provisions=then.in_use(),
        )

    def policy(self) -> Policy:
        """The policy that judges by this law, whatever the provisions of today are."""
        pinned = {name: self.pinned[name] for name in PINNABLE if name in self.pinned}
        given = {"law": self.regime, "law_as_of": self.as_of, "provisions": self.provisions}
        return Policy.model_validate(given | pinned)


class KeptCalendar(_Part):
    """The calendar by which a report was made: the weekdays that were off and the days of weekends
    that were worked, from its first day to its last."""

    version: str
    first: date
    last: date
    off: tuple[date, ...]
    worked: tuple[date, ...]

    @classmethod
    def of(cls, calendar: Calendar) -> "KeptCalendar":
        """A calendar as data."""
        first, days = calendar.days.first, len(calendar.days.elapsed)
        off, worked = moved_days(calendar.days)
        return cls(
            version=calendar.version,
            first=date_of(first),
            last=date_of(first + days - 1),
            off=tuple(off),
            worked=tuple(worked),
        )

    def calendar(self) -> Calendar:
        """The calendar that these days make."""
        name, _, _ = self.version.rpartition("-")
        return Calendar.named(name, (self.first, self.last), self.off, self.worked)


class Program(_Part):
    """The program that made a report: its version, its rule book, digests of its code and of the
    profiles by which it folds and scores, and the versions of the libraries that write papers."""

    version: str
    rule_book: str
    code: str
    profiles: str
    libraries: Mapping[str, str]


class LogPoint(_Part):
    """A log up to a position: the log's name (the origin of its checkpoints), how many events it
    has up to there, and the Merkle root over them.

    The same log in another store may have other positions, never another number of events.
    """

    origin: str
    position: Annotated[int, Field(ge=0)]
    events: Annotated[int, Field(ge=0)]
    root: Sha256


class StatedWindow(_Part):
    """The digest of a statement that stands behind a report."""

    window: Days
    digest: str


class Release(_Part):
    """A report as it was signed. ``number`` is its own in the log of releases, from 1 on;
    ``supersedes`` is the number of the one that it replaces, ``because`` says why.

    ``reports`` are the reports that it has, in order. ``papers`` and ``inputs`` are the SHA-256 of
    each file by its name in the folder, ``behind`` that of ``receipt/behind.arrow``.
    """

    format: Literal[1] = FORMAT
    number: Annotated[int, Field(ge=1)]
    report: str
    reports: tuple[str, ...]
    window: Days
    attribution: Literal["held", "final"]
    by: tuple[str, ...] = ()
    slices: Mapping[str, tuple[str | None, ...]] = {}
    under: str | None = None
    options: Options = Options()
    registry: str | None = None
    as_of: Instant
    zone: str
    law: KeptLaw
    calendar: KeptCalendar
    program: Program
    log: LogPoint
    statements: tuple[StatedWindow, ...]
    papers: Mapping[str, Sha256]
    inputs: Mapping[str, Sha256]
    behind: Sha256
    released_at: Instant
    supersedes: int | None = None
    because: str | None = None

    def as_bytes(self) -> bytes:
        """``release.json``: keys in order, indented, UTF-8, a line feed at the end."""
        how = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps(self.model_dump(mode="json"), option=how)

    def digest(self) -> str:
        """SHA-256 of ``release.json``."""
        return hashlib.sha256(self.as_bytes()).hexdigest()

    def files(self) -> dict[str, str]:
        """The SHA-256 of every file that it names, by the file's name in the folder."""
        return {**self.papers, **self.inputs, BEHIND: self.behind}


def then_office(release: Release) -> Office:
    """The office by whose law and calendar a release was made: from what the release says, not from
    the tables of today."""
    asked_on = release.as_of.astimezone(zone := ZoneInfo(release.zone)).date()
    return Office(zone, release.calendar.calendar(), release.law.policy(), asked_on)
