"""A log that takes in what a register says of one dossier, export after export."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hoso.consumers.intake.corrections import corrections
from hoso.consumers.intake.registers.lives import Register, wanted
from hoso.consumers.intake.registers.rows import Facts
from hoso.domain.calendar import local_date
from hoso.domain.dossier import life_of
from hoso.domain.events import EVENT, Event
from hoso.domain.kinds import KIND_OF, KINDS

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SOURCE = "/so-theo-doi"
Told = list[tuple[str, str]]


class Log:
    """The log of one dossier, and the exports that come in one after another."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now = datetime(2023, 3, 2, tzinfo=UTC)

    def take(self, seen: str, said: Facts) -> Told:
        """Import an export of a day; what it adds, by kind and day."""
        register = Register(SOURCE, date.fromisoformat(seen), ZONE)
        added = corrections(self.events, wanted(said, self.events, register), SOURCE)
        self.now += timedelta(1)
        self.events += [
            EVENT.validate_python(e.model_dump() | {"recordedtime": self.now}) for e in added
        ]
        return told(added)

    def life(self) -> Told:
        return told(life_of(self.events, ZONE))


def told(events: Sequence[Event]) -> Told:
    return [(KINDS[KIND_OF[e.type]], local_date(e.time, ZONE).isoformat()[5:]) for e in events]
