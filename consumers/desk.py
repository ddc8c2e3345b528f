"""How does a one-stop system that embeds the engine act on its dossiers? By command, at a desk.

The desk (bộ phận một cửa) is an application of the eventsourcing library on the log that
``hoso ingest`` and ``hoso consume`` write, and that statements are made of. It records what those
would: the same CloudEvents, in the same form. docs/EMBEDDING.md shows it in use.

No lock is held while a command is decided on. A dossier is read at one version, and the event is
appended as the next, which the log takes once. Where another was first, be it a desk in another
process or a reader of files or of Kafka, the dossier is read anew and the command decided anew.

To publish is to follow the log: ``store.read(after)`` gives every event once, in the order of
commits, as do the library's ``desk.notification_log`` and ``select_notifications``, and
``hoso publish`` sends it to Kafka. What is published is what was recorded, whoever recorded it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from random import uniform
from time import sleep
from typing import Final, NamedTuple, cast

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Mapper, StoredEvent
from eventsourcing.utils import Environment, EnvType
from pydantic import ValidationError

from hoso.consumers.intake import validate
from hoso.consumers.store.backend import StoreAway, StoreError
from hoso.consumers.store.log import FIRST_VERSION, open_database, open_store
from hoso.domain.dossier import Command, Dossier, decide, evolve, initial_state
from hoso.domain.events import EVENT, Event, describe_fault, recorded_at
from hoso.domain.office import Office

ATTEMPTS: Final = 8  # each that fails means that another recorded an event of the dossier
PAUSE_S: Final = 0.005  # at most, after the first; twice as long after each further one


class Version(NamedTuple):
    """An event of a dossier as the library handles it: with the version that it makes."""

    originator_id: str
    originator_version: int
    event: Event


class AsPublished(Mapper[str]):
    """Between events and what the log keeps of them: CloudEvents, instead of the library's form."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """What the log keeps, as of every event that comes in."""
        assert isinstance(domain_event, Version)
        code, version, event = domain_event
        state = validate.stored_json(event, recorded_at(event).isoformat())
        return StoredEvent(code, version, event.type, state)

    def to_domain_event(self, stored_event: StoredEvent) -> Version:
        """What the log says. Raises ``ValidationError`` where it is damaged."""
        event = EVENT.validate_json(stored_event.state)
        return Version(str(stored_event.originator_id), stored_event.originator_version, event)


class OneStopDesk(Application[str]):
    """Carries out commands on the dossiers of one store, made where there is none.

    Close it, or use it as a context manager; threads may share it. ``clock`` says when something is
    recorded, in UTC. Raises ``StoreError`` for a store that cannot be used, ``StoreAway`` for one
    that cannot just now.
    """

    def __init__(self, url: str, office: Office, clock: Callable[[], datetime]) -> None:
        self._office = office
        self._clock = clock
        with open_store(url, create=True) as store, store.writing():
            pass  # its tables are there from now on: the library looks at them when it opens
        self._database = open_database(url)
        super().__init__()

    def dossier(self, code: str) -> Dossier:
        """The dossier as it stands, by all that is recorded of it; blank where nothing is."""
        dossier = initial_state(code)
        for event in self._recorded(code):
            dossier = evolve(dossier, event, self._office)
        return dossier

    def carry_out(self, code: str, command: Command) -> list[Event]:
        """Record what a command makes happen, as it is returned; nothing where the command was
        carried out before, which makes it safe to try again.

        Raises, with nothing recorded, ``Refused`` with the rule that does not allow it,
        ``Rejected`` where it is dated more than a day ahead of the clock, and ``StoreAway`` where
        others keep writing this dossier.
        """
        for attempt in range(ATTEMPTS):
            dossier = self.dossier(code)
            events = decide(dossier, command, self._office)
            told = [self._told(event, dossier) for event in events]
            if self._append(dossier, told):
                return told
            sleep(uniform(0, PAUSE_S * 2**attempt))  # or those who compete would stay in step
        raise StoreAway(f"{self._database.name}: {code}: others keep writing it, try again")

    def close(self) -> None:
        """Let go of the store."""
        super().close()
        self._database.close()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """No settings of the process: those are for the embedding system's own applications, and
        would encrypt, compress or snapshot what other readers of the log expect as it is."""
        return Environment(name)

    def construct_mapper(self) -> Mapper[str]:
        """The form in which the log keeps events."""
        return AsPublished(self.construct_transcoder())

    def construct_recorder(self) -> ApplicationRecorder:
        """The recorder of the store, instead of one that the library would set up."""
        return self._database.recorder

    def _recorded(self, code: str) -> list[Event]:
        with self._database.trouble():
            try:
                versions = cast(Iterator[Version], self.events.get(code))  # by our own mapper
                return [version.event for version in versions]
            except ValidationError as error:
                place = f"{self._database.name}: {code}"
                raise StoreError(f"{place} is damaged: {describe_fault(error)}") from None

    def _told(self, event: Event, dossier: Dossier) -> Event:
        """The event by the form that all must have, and recorded now: but not before anything that
        it was decided on, whose clock may be ahead."""
        now = self._clock()
        moment = max([now, *map(recorded_at, dossier.recorded)])
        return validate.read(_json(event.model_copy(update={"recordedtime": moment})), now)

    def _append(self, dossier: Dossier, events: list[Event]) -> bool:
        """Record events as a dossier's next versions; False where another has taken them."""
        versions = [
            Version(dossier.code, number, event)
            for number, event in enumerate(events, len(dossier.recorded) + FIRST_VERSION)
        ]
        with self._database.trouble():
            try:
                self.save(*versions)
            except IntegrityError:
                return False
        return True


def _json(event: Event) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()
