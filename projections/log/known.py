"""Says of each event on which days it counted, as known at the ends of these days.

An event counts from the day on which it had both occurred and been recorded, and as long as no
annulment that was recorded by then takes it back. So the history as known at the end of any day is
there at once, without reading it anew for each day.
"""

from datetime import tzinfo
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.validity import FOREVER, Span
from hoso.projections.log.lives import Lives, local_days
from hoso.projections.log.schema import Integers, integers

# The columns of events that say when they counted.
READ = ("recorded", "position", "source", "id", "annuls")


class AsKnown(NamedTuple):
    """Lives, and the days from which on (``since``) and before which (``until``) each event
    counted. An event that counted twice stands there twice."""

    lives: Lives
    since: Integers
    until: Integers


def as_known(events: pa.Table, lives: Lives, zone: tzinfo) -> AsKnown:
    """When each event of some lives counted.

    ``lives`` are those of all events but repeats; ``lives.row`` are rows of ``events``, which have
    READ.
    """
    recorded = local_days(integers(events["recorded"])[lives.row], zone)
    spans = _of_annulled(events, lives, recorded)
    times = np.ones(len(recorded), np.int64)  # how often each event stands there
    times[list(spans)] = [len(own) for own in spans.values()]
    place = np.repeat(np.arange(len(times)), times)
    since, until = recorded[place], np.full(len(place), FOREVER)
    for own, found in spans.items():
        first = int(np.searchsorted(place, own))
        for number, span in enumerate(found, first):
            since[number], until[number] = span
    lives = Lives(*(column[place] for column in lives))
    return AsKnown(lives, np.maximum(since, lives.day), until)


def _of_annulled(events: pa.Table, lives: Lives, recorded: Integers) -> dict[int, list[Span]]:
    """When the events of dossiers that have annulments were known and not taken back, by their
    places among the lives."""
    is_annulment = np.asarray(events["annuls"].is_valid())[lives.row]
    places = np.flatnonzero(np.isin(lives.dossier, np.unique(lives.dossier[is_annulment])))
    related = events.select(READ).take(pa.array(lives.row[places]))
    order = np.lexsort((integers(related["position"]), integers(related["recorded"])))
    places, related = places[order], related.take(pa.array(order))
    source, ids, annuls = (related[name].to_pylist() for name in ("source", "id", "annuls"))
    found = validity.spans(
        lives.dossier[places].tolist(),
        list(zip(source, ids, strict=True)),
        [target and (own, target) for own, target in zip(source, annuls, strict=True)],
        recorded[places].tolist(),
    )
    return dict(zip(places.tolist(), found, strict=True))
