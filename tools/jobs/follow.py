"""Follows a store: keeps its live ledger, until it is stopped.

New events are folded as they come. Each second what is new is kept on the disk; every ten seconds
some dossiers, drawn by lot, are compared with a fold from nothing. Where any differs, the ledger is
made anew from the whole log. The log of the process is JSON on standard error.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import randint
from signal import SIGTERM, raise_signal
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final

from hoso.consumers.store.backend import StoreUnavailable
from hoso.consumers.store.log import Store, open_store
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.kernels.run import use_machine_code
from hoso.projections.live.files import Checks, LiveFolder, Tip, name_for
from hoso.projections.live.ledger import LiveLedger
from hoso.projections.live.proving import differing
from hoso.tools.jobs.follow_metrics import FollowMetrics
from hoso.tools.runtime import environment
from hoso.tools.runtime.logs import log_event
from hoso.tools.sources.live import BATCH_EVENTS, MOST_BEHIND, folder_of, tip_of
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from hoso.tools.sources.store_log import OpenLog

if TYPE_CHECKING:
    from hoso.tools.jobs.consume import Found

POLL_S: Final = 0.05  # between looks for new events
KEEP_S: Final = 1.0  # between what is kept on the disk
AWAY_S: Final = 1.0  # between tries while the store is away
CHECKED_DOSSIERS: Final = 20  # that are compared each time
CHECK_S: Final = 10.0  # between comparisons


def follow(
    url: str,
    office: Office,
    stop: Event,
    metrics: FollowMetrics | None = None,
    *,
    until_end: bool = False,
) -> int:
    """Keep the live ledger of a store for an office until ``stop`` is set; with ``until_end``,
    until it has reached what was there at first. Returns how many dossiers differed when they were
    compared.

    Raises ``UserError`` for a fault that does not pass by itself, and where another process follows
    the store already.
    """
    folder, metrics = folder_of(url, office), metrics or FollowMetrics()
    if folder is None:
        raise UserError("XDG_CACHE_HOME: this user has no home folder; name a folder")
    with folder.kept_by_this_process():
        follower = Follower(url, office, folder, metrics)
        differed = follower.checks.differed
        while not stop.is_set():
            try:
                if follower.is_of_another_log():
                    follower.begin_anew()
                with open_store(url) as store:
                    if follower.follow(store, stop, until_end=until_end):
                        break
            except StoreUnavailable as error:
                log_event("waiting", logging.WARNING, seconds=AWAY_S, reason=str(error))
                metrics.wait(str(error))
                stop.wait(AWAY_S)
        follower.keep()
        return follower.checks.differed - differed


def consume_and_follow(
    url: str, office: Office, consume: "Callable[[], Found]", metrics: FollowMetrics
) -> "tuple[Found, int]":
    """Keep the live ledger of a store while ``consume`` records the messages of a topic in it, in
    one process. Returns what ``consume`` found, and how many dossiers differed.

    Raises what either raises; where the ledger cannot be kept, the process is told to stop.
    """
    with open_store(url, create=True) as store, store.writing():
        pass  # now there is a store to follow
    follow_all = partial(follow, url, office, metrics=metrics)
    differed, stop = follow_all(Event(), until_end=True), Event()
    with ThreadPoolExecutor(1, "following") as threads:
        following = threads.submit(follow_all, stop)
        following.add_done_callback(lambda _: None if stop.is_set() else raise_signal(SIGTERM))
        try:
            found = consume()
        finally:
            stop.set()
        differed += following.result()
    return found, differed + follow_all(Event(), until_end=True)


class Follower:
    """The ledger that is kept, and what is known of it."""

    def __init__(
        self, url: str, office: Office, folder: LiveFolder, metrics: FollowMetrics
    ) -> None:
        self._url, self._office, self._folder = url, office, folder
        self._metrics = metrics
        self._ledger, self.checks, self._tip = LiveLedger.empty(office), Checks(), Tip("", 0)
        self._kept_s = self._checked_s = monotonic()
        self._kept: tuple[int, Checks] | None = None  # what is on the disk
        if (state := folder.state()) is not None and state.name == name_for(office):
            found = folder.ledger(state, office)
            if found is not None:
                folder.start(found, state)
                self._ledger, self.checks, self._tip = found, state.checks, state.tip
                self._kept = state.position, state.checks

    def is_of_another_log(self) -> bool:
        """Whether the ledger is not one of this log: it was restored, or a code was erased; or so
        far behind that it is made anew in less time. Raises ``StoreError``."""
        with open_store(self._url) as store:
            end = store.last_position()
            return end - self._ledger.position > MOST_BEHIND or not self._is_of(store)

    def _is_of(self, store: Store) -> bool:
        position = self._ledger.position
        return self._tip == tip_of(store, position, store.count_erasures())

    def begin_anew(self) -> None:
        """Make the ledger from the whole log. Raises ``StoreError``."""
        self._folder.clear()
        source = StoreSource(self._url, Options(self._office.zone))
        log = source.history()  # by processes, which no open connection survives
        self._ledger = LiveLedger.of(log, self._office)
        with open_store(self._url) as store:
            self._tip = tip_of(store, self._ledger.position, source.erasures)
        self._kept = None
        self.keep()
        log_event("begun", store=source.name, position=self._ledger.position)

    def follow(self, store: Store, stop: Event, *, until_end: bool) -> bool:
        """Fold what comes until ``stop`` is set, or the log is another one. Returns whether it is
        done: with ``until_end``, at the end of what was there at first. Raises ``StoreError``."""
        log, end = OpenLog(store, self._office.zone), store.last_position()
        use_machine_code(end)
        while not stop.is_set() and self._is_of(store):
            if monotonic() - self._checked_s >= CHECK_S:
                self._check(log)
            elif log.last_position() > self._ledger.position:
                self._ledger.carry_on(log, BATCH_EVENTS)
                self._tip = tip_of(store, self._ledger.position, self._tip.erasures)
            elif until_end and self._ledger.position >= end:
                return True
            else:
                stop.wait(POLL_S)
            self._metrics.look(store, self._ledger, self.checks)
            if monotonic() - self._kept_s >= KEEP_S:
                self.keep()
        return False

    def keep(self) -> None:
        """Keep the ledger on the disk, where it is not there yet. Raises ``UserError``."""
        self._kept_s = monotonic()
        now = self._ledger.position, self.checks
        if now == self._kept and not self._folder.is_asked_more():
            return
        try:
            self._folder.keep(self._ledger, name_for(self._office), self._tip, self.checks)
        except OSError as error:
            raise UserError(f"{self._folder.path}: {error.strerror}") from None
        self._kept = now

    def _check(self, log: OpenLog) -> None:
        """Compare some dossiers, drawn by lot, with a fold from nothing."""
        self._checked_s = monotonic()
        if not self._ledger.position:
            return
        positions = {randint(1, self._ledger.position) for _ in range(CHECKED_DOSSIERS)}
        dossiers = set(log.at(sorted(positions))["dossier"].to_pylist())
        others = differing(self._ledger, log, dossiers)
        seen, differed, last = self.checks
        self.checks = Checks(seen + len(dossiers), differed + len(others), last)
        if others:
            now, position = environment.now().isoformat(), self._ledger.position
            self.checks = self.checks._replace(last=f"{now}, {position}")
            log_event("differs", logging.WARNING, dossiers=len(others), position=position)
            self._tip = Tip("", -1)  # that of no log: so the ledger is made anew
