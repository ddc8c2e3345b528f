"""Which of the recorded events count? Repeats, annulments, and the order of a life.

Plain functions over plain numbers, like the rule book: they judge the events of one dossier, or,
compiled, those of a whole country at once. An event's ``key`` is a small number that stands for
its ``(source, id)``; an annulment ``annuls`` such a key.
"""

from typing import Final

from domain.kinds import ANNULLED
from domain.numbers import Cells, Numbers

VERDICTS: Final = ("counts", "repeat", "annulled", "annulment", "pointless")
(
    COUNTS,  # takes its place in the dossier's life
    REPEAT,  # the same (source, id) was recorded before
    TAKEN_BACK,  # an annulment takes it back
    ANNULMENT,  # takes another event back
    POINTLESS,  # an annulment that points to no earlier event of its dossier: in suspense
) = range(len(VERDICTS))


def judge(
    dossier: Numbers,
    kind: Numbers,
    key: Numbers,
    annuls: Numbers,
    first: Cells,
    verdict: Cells,
) -> None:
    """Write into ``verdict`` how each event counts; all are given in the order recorded.

    ``annuls`` is a key, or -1. ``first`` has a place for every key and comes filled with -1; it
    leaves with the row in which each key was first recorded.

    Annulments are settled from the last to the first: by the time one is reached, it is known
    whether a later one has taken it back. As each must point back, there are no circles.
    """
    for row in range(len(key)):
        if first[key[row]] < 0:
            first[key[row]] = row
            verdict[row] = COUNTS
        else:
            verdict[row] = REPEAT
    for row in range(len(key) - 1, -1, -1):
        if kind[row] == ANNULLED and verdict[row] == COUNTS:
            target = first[annuls[row]]
            if 0 <= target < row and dossier[target] == dossier[row]:
                verdict[row] = ANNULMENT
                verdict[target] = TAKEN_BACK
            else:
                verdict[row] = POINTLESS
