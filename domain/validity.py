"""Decides which of the recorded events count: it finds repeats and annulled events.

The caller gives the events of one dossier, or those events of a whole log that share an identity or
belong to an annulment. Every other event of the log is valid.
"""

from collections.abc import Sequence

Identity = tuple[str, str]  # the (source, id) of an event

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
