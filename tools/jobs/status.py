"""In what condition is a store? What its log holds, what stands aside, and how much comes in."""

from time import monotonic, sleep
from typing import Any, Final

import numpy as np

from hoso.consumers.store.log import Store, open_store
from hoso.domain.policy import Policy
from hoso.projections.ledger.ledger import Ledger
from hoso.tools.runtime import environment
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource

WATCHED_S: Final = 1.0


def condition(url: str) -> dict[str, Any]:
    """What there is to say of a store, as one document.

    The log, from ``position`` to ``last_recorded``, is told as of one moment.
    """
    # Before the store is opened: its log is read by processes, which open connections do not
    # survive. Suspense is the same under any policy.
    office = environment.office(Policy())
    ledger = StoreSource(url, Options(office.zone)).ledger(office, None)
    with open_store(url) as store:
        return {
            "store": store.name,
            "kind": "postgresql" if url.startswith("postgres") else "sqlite",
            "schema": store.schema_version(),
            **_log(ledger),
            "rejects": store.count_rejects(),
            "events_per_second": round(_intake(store), 1),
        }


def _log(ledger: Ledger) -> dict[str, Any]:
    log, suspense = ledger.log, ledger.folded.suspense
    last = log.slice(len(log) - 1).to_pylist()[0] if len(log) else None
    zone = ledger.office.zone
    return {
        "position": last["position"] if last else 0,
        "events": len(log),
        "dossiers": len(log["dossier"].combine_chunks().dictionary),
        "suspense": {
            "events": len(suspense.dossier),
            "dossiers": len(np.unique(suspense.dossier)),
        },
        "last_recorded": last["recorded"].astimezone(zone).isoformat() if last else None,
    }


def _intake(store: Store) -> float:
    """Events per second just now: those that the log gains while it is watched.

    What events say of when they were recorded tells no rate: a source may say so itself. And
    positions may leave gaps.
    """
    before, begun = store.last_position(), monotonic()
    sleep(WATCHED_S)
    after, watched_s = store.last_position(), monotonic() - begun
    return sum(1 for _ in store.read(before, after)) / watched_s
