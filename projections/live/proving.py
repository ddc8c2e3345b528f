"""Compares a live ledger with a fold from nothing, dossier by dossier."""

from collections.abc import Collection

import numpy as np

from hoso.projections.ledger.balances import Suspended
from hoso.projections.live.ledger import SUSPENSE, LiveLedger, Log, suspense, suspense_sums
from hoso.projections.live.order import dossiers_of
from hoso.projections.live.part import part_of, with_tangled
from hoso.projections.live.runs import Runs
from hoso.projections.live.snapshots import nothing_known
from hoso.projections.log.schema import Integers, codes


def differing(ledger: LiveLedger, log: Log, dossiers: Collection[str]) -> list[str]:
    """Those of some dossiers whose snapshots or suspended events are not what a fold from nothing
    gives, sorted by their codes."""
    clash, wanted = log.at(ledger.clashing.tolist()), set(dossiers)
    if not wanted.isdisjoint(clash["dossier"].to_pylist()):
        wanted.update(clash["dossier"].to_pylist())
    lives = log.lives(sorted(wanted), ledger.position).combine_chunks()
    part = with_tangled(part_of(lives, ledger.office, ledger.places), dossiers_of(clash))
    kept, _ = ledger.tables.snapshots.newest(part.dossier, nothing_known())
    differs = kept != part.snapshots
    differs |= np.isin(part.dossier, _in_suspense_otherwise(ledger, part.dossier, part.suspended))
    names = lives["dossier"].combine_chunks().dictionary.take(np.unique(codes(lives["dossier"])))
    return sorted(name for name, other in zip(names.to_pylist(), differs, strict=True) if other)


def _in_suspense_otherwise(
    ledger: LiveLedger, dossiers: Integers, expected: Suspended
) -> list[int]:
    """The keys of dossiers whose suspended events, as the ledger has them, are not those that are
    expected."""
    kept = Runs(suspense_sums)
    for place, records in ledger.tables.suspended.found(dossiers):
        kept = kept.with_more(dossiers[place], records)
    both = kept, Runs(suspense_sums).with_more(*suspense(expected, 1))
    runs = [each.whole(np.zeros(0, SUSPENSE)) for each in both]
    mine, theirs = ({*zip(run.key.tolist(), run.record.tolist(), strict=True)} for run in runs)
    return [key for key, _ in mine ^ theirs]
