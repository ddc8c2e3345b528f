"""Decides which of the recorded events count: it finds repeats and annulled events.

The caller gives the events of one dossier, or those events of a whole log that share an identity or
belong to an annulment. Every other event of the log is valid.
"""

from collections.abc import Sequence
from typing import Final

Identity = tuple[str, str]  # the (source, id) of an event
Span = tuple[int, int]  # days: from the first one on, and before the second one
FOREVER: Final = 10**7  # a day number after all days

(
    VALID,  # the rules judge it
    REPEAT,  # the same (source, id) was recorded before
    ANNULLED,  # an annulment takes it back
    ANNULMENT,  # takes another event back
    UNMATCHED,  # an annulment without an earlier event of its dossier to take back: in suspense
) = range(5)


def verdicts(
    dossier: Sequence[object], event: Sequence[Identity], annuls: Sequence[Identity | None]
) -> list[int]:
    """How each event counts: VALID, REPEAT, ANNULLED, ANNULMENT or UNMATCHED.

    The three columns have one entry for each event, in the order recorded, and so has the result:
    whose event it is, its identity, and the identity that an annulment takes back (None for any
    other event).

    Annulments are judged from the last to the first. So it is known of each whether a later
    annulment takes it back. There are no cycles, because an annulment only points backwards.
    """
    first: dict[Identity, int] = {}
    verdict = [VALID if first.setdefault(e, row) == row else REPEAT for row, e in enumerate(event)]
    for row in reversed(range(len(event))):
        annulled = annuls[row]
        if annulled is not None and verdict[row] == VALID:
            target = first.get(annulled, row)
            if target < row and dossier[target] == dossier[row]:
                verdict[row], verdict[target] = ANNULMENT, ANNULLED
            else:
                verdict[row] = UNMATCHED
    return verdict


def spans(
    dossier: Sequence[object],
    event: Sequence[Identity],
    annuls: Sequence[Identity | None],
    day: Sequence[int],
) -> list[list[Span]]:
    """When each event counts: the spans of days at whose ends it is recorded and not taken back.

    The columns are those of ``verdicts``, without repeats, and ``day``: the day number on which
    each event was recorded. An event that is taken back by an annulment, which is itself taken back
    later, has two spans.
    """
    first = {identity: row for row, identity in enumerate(event)}
    taken_back: list[list[Span]] = [[] for _ in event]
    found: list[list[Span]] = []
    for row in reversed(range(len(event))):
        found.append(_without((day[row], FOREVER), taken_back[row]))
        annulled = annuls[row]
        target = row if annulled is None else first.get(annulled, row)
        if target < row and dossier[target] == dossier[row]:
            taken_back[target] += found[-1]
    return found[::-1]


def _without(span: Span, holes: Sequence[Span]) -> list[Span]:
    """What is left of a span without some others."""
    start, end = span
    left: list[Span] = []
    for first, stop in sorted(holes):
        if first > start:
            left.append((start, first))
        start = max(start, stop)
    return [*left, (start, end)] if start < end else left
