"""Which of the recorded events count? Repeats and annulments.

Judged for the events of one dossier, or for the few of a whole log that share an identity or have
to do with an annulment: all others count.
"""

from collections.abc import Sequence

Identity = tuple[str, str]  # of an event: (source, id)

(
    VALID,  # takes its place in the dossier's life
    REPEAT,  # the same (source, id) was recorded before
    ANNULLED,  # an annulment takes it back
    ANNULMENT,  # takes another event back
    UNMATCHED,  # an annulment that points to no earlier event of its dossier: in suspense
) = range(5)


def verdicts(
    dossier: Sequence[object], event: Sequence[Identity], annuls: Sequence[Identity | None]
) -> list[int]:
    """How each event counts; all are given in the order recorded, and so is the answer.

    ``annuls`` is what an annulment takes back, None for any other event. Annulments are settled
    from the last to the first: by the time one is reached, it is known whether a later one has
    taken it back. As each must point back, there are no circles.
    """
    first: dict[Identity, int] = {}
    verdict = [VALID if first.setdefault(e, row) == row else REPEAT for row, e in enumerate(event)]
    for row in reversed(range(len(event))):
        taken_back = annuls[row]
        if taken_back is not None and verdict[row] == VALID:
            target = first.get(taken_back, row)
            if target < row and dossier[target] == dossier[row]:
                verdict[row], verdict[target] = ANNULMENT, ANNULLED
            else:
                verdict[row] = UNMATCHED
    return verdict
