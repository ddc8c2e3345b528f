"""The metrics and the health of a process that follows a store (``hoso follow``)."""

from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from hoso.consumers.store.log import Store
from hoso.domain.calendar import day_number, local_date
from hoso.projections.live.files import Checks
from hoso.projections.live.ledger import LiveLedger
from hoso.tools.jobs.metrics import WELL
from hoso.tools.runtime.environment import now

LOOK_S: Final = 5.0  # between looks: a few between two questions of Prometheus


class FollowMetrics:
    """The metrics of a process that follows a store."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._away: str | None = "not reached yet"
        self._looked_s = -LOOK_S
        self._suspended = self._gauge("hoso_events_in_suspense", "Events that do not apply")
        self._dossiers = self._gauge("hoso_dossiers_in_suspense", "Dossiers with such events")
        self._rejects = self._gauge("hoso_rejects_kept", "Rejects that the store keeps")
        self._position = self._gauge("hoso_follow_position", "Position that the ledger reached")
        self._behind = self._gauge("hoso_follow_lag_events", "Events not folded yet")
        self._checked = self._gauge("hoso_follow_dossiers_checked", "Dossiers compared with a fold")
        self._differed = self._gauge("hoso_follow_dossiers_differed", "Dossiers that differed")
        self._is_away = Gauge(
            "hoso_away", "1 while this part is away", ["part"], registry=self.registry
        )
        self._is_away.labels("store").set(1)

    def look(self, store: Store, ledger: LiveLedger, checks: Checks) -> None:
        """Measure, if it is time to. Raises ``StoreError``."""
        self._is_well()
        if monotonic() - self._looked_s < LOOK_S:
            return
        self._looked_s = monotonic()
        self._position.set(ledger.position)
        self._behind.set(store.last_position() - ledger.position)
        self._rejects.set(store.count_rejects())
        self._checked.set(checks.dossiers)
        self._differed.set(checks.differed)
        dossier, day = ledger.sheets().suspended
        today = day_number(local_date(now(), ledger.office.zone))
        self._suspended.set(int((day <= today).sum()))
        self._dossiers.set(len({*dossier[day <= today].tolist()}))

    def wait(self, reason: str) -> None:
        """Say that the store is away, and why."""
        self._away = reason
        self._is_away.labels("store").set(1)

    def health(self) -> dict[str, str]:
        """How the store is: ``WELL``, or why it is not."""
        return {"store": self._away or WELL}

    def _is_well(self) -> None:
        if self._away is not None:
            self._away = None
            self._is_away.labels("store").set(0)

    def _gauge(self, name: str, help_text: str) -> Gauge:
        return Gauge(name, help_text, registry=self.registry)
