"""Carries out commands on dossiers, for a one-stop system that embeds the engine.

The desk (bộ phận một cửa) is an application of the eventsourcing library. It works on the same log
that ``hoso ingest`` and ``hoso consume`` write, and records the same CloudEvents in the same form.
docs/EMBEDDING.md shows it in use.

Concurrency is optimistic: no lock is held while a command is decided. A dossier is read at one
version, and the event is appended as the next version, which the log accepts only once. If another
process was first, the dossier is read again and the command decided again.

To publish, follow the log: ``store.read(after)`` returns every event once, in the order of commits,
whoever recorded it. So do the library's ``desk.notification_log`` and ``select_notifications``.
``hoso publish`` sends the log to Kafka.
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
from hoso.consumers.store.address import StoreAddress
from hoso.consumers.store.backend import StoreError, StoreUnavailable
from hoso.consumers.store.log import FIRST_VERSION, Store, open_database, open_store
from hoso.consumers.store.pseudonyms import Pseudonyms
from hoso.domain.dossier import Command, Dossier, decide, evolve, initial_state
from hoso.domain.events import EVENT, Event, describe_fault, recorded_at
from hoso.domain.office import Office

ATTEMPTS: Final = 8  # one fails each time that another process records an event of the dossier
FIRST_PAUSE_S: Final = 0.005  # the longest pause after the first attempt; doubled after each one


class VersionedEvent(NamedTuple):
    """An event of a dossier as the library handles it: with the version that it makes."""

    originator_id: str
    originator_version: int
    event: Event


class CloudEventMapper(Mapper[str]):
    """Maps events to the CloudEvents that the log keeps, instead of to the library's own form."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The event as the log keeps it, in the same form as intake records it."""
        assert isinstance(domain_event, VersionedEvent)
        code, version, event = domain_event
        state = validate.stored_json(event, recorded_at(event).isoformat())
        return StoredEvent(code, version, event.type, state)

    def to_domain_event(self, stored_event: StoredEvent) -> VersionedEvent:
        """The event that the log keeps. Raises ``ValidationError`` if it is damaged."""
        event = EVENT.validate_json(stored_event.state)
        code, version = str(stored_event.originator_id), stored_event.originator_version
        return VersionedEvent(code, version, event)


class OneStopDesk(Application[str]):
    """Carries out commands on the dossiers of one store. A store that does not exist is made.

    Close the desk, or use it as a context manager. Threads may share it.
    """

    def __init__(
        self, address: StoreAddress | str, office: Office, clock: Callable[[], datetime]
    ) -> None:
        """Open the store at an address. ``clock`` returns the time, in UTC: it says when an event
        is recorded.

        Raises ``StoreError`` for a store that cannot be used, and ``StoreUnavailable`` for one that
        cannot be used at the moment.
        """
        self._office = office
        self._clock = clock
        address = StoreAddress.parse(address)
        with open_store(address, create=True) as store, store.writing():
            pass  # makes the tables: the library looks at them when it opens
        self._database = open_database(address)
        super().__init__()

    def dossier(self, code: str) -> Dossier:
        """The present state of a dossier, from all its recorded events; blank if there are none.
        One that was erased is known by its pseudonym."""
        return self._dossier(self._pseudonyms().known_as(code))

    def _dossier(self, code: str) -> Dossier:
        dossier = initial_state(code)
        for event in self._recorded_events(code):
            dossier = evolve(dossier, event, self._office)
        return dossier

    def carry_out(self, code: str, command: Command) -> list[Event]:
        """Record the events of a command, and return them. Idempotent: a command that was carried
        out before returns no events, so it is safe to try a command again.

        Raises ``Refused``, with the rule, if a rule does not allow the command; ``Rejected`` if it
        is dated more than a day ahead of the clock; ``StoreUnavailable`` if others keep writing
        this dossier. Nothing is recorded then.
        """
        pseudonyms = self._pseudonyms()
        code = pseudonyms.known_as(code)
        for attempt in range(ATTEMPTS):
            dossier = self._dossier(code)
            decided = decide(dossier, command, self._office)
            events = [self._stamped(event, dossier, pseudonyms) for event in decided]
            if self._append(dossier, events):
                return events
            # A random pause, so that competing processes do not stay in step.
            sleep(uniform(0, FIRST_PAUSE_S * 2**attempt))
        raise StoreUnavailable(f"{self._database.name}: {code}: others keep writing it, try again")

    def close(self) -> None:
        """Close the store."""
        super().close()
        self._database.close()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Settings without the environment of the process. Those are for the embedding system's own
        applications; they would encrypt, compress or snapshot events that others read as they are.
        """
        return Environment(name)

    def construct_mapper(self) -> Mapper[str]:
        """The mapper to the form in which the log keeps events."""
        return CloudEventMapper(self.construct_transcoder())

    def construct_recorder(self) -> ApplicationRecorder:
        """The recorder of the store, instead of a new one."""
        return self._database.recorder

    def _recorded_events(self, code: str) -> list[Event]:
        with self._database.store_errors():
            try:
                # The library types them by its protocol; our mapper makes them.
                versions = cast(Iterator[VersionedEvent], self.events.get(code))
                return [version.event for version in versions]
            except ValidationError as error:
                place = f"{self._database.name}: {code}"
                raise StoreError(f"{place} is damaged: {describe_fault(error)}") from None

    def _pseudonyms(self) -> Pseudonyms:
        return Store(self._database).pseudonyms()

    def _stamped(self, event: Event, dossier: Dossier, pseudonyms: Pseudonyms) -> Event:
        """The event with the time at which it is recorded, validated as intake validates events;
        with pseudonyms in the place of codes that were erased.

        The time is now, but not before the events that the decision used were recorded: the clock
        of another process may be ahead.
        """
        now = self._clock()
        moment = max([now, *map(recorded_at, dossier.recorded)])
        stamped = event.model_copy(update={"recordedtime": moment})
        raw = stamped.model_dump_json(exclude_none=True).encode()
        return validate.parse_event(pseudonyms.renamed(raw), now)

    def _append(self, dossier: Dossier, events: list[Event]) -> bool:
        """Append events as a dossier's next versions. Returns False if these versions exist."""
        versions = [
            VersionedEvent(dossier.code, number, event)
            for number, event in enumerate(events, len(dossier.recorded) + FIRST_VERSION)
        ]
        with self._database.store_errors():
            try:
                self.save(*versions)
            except IntegrityError:
                return False
        return True
