"""What becomes of rejects that are tried again? What passes by now is recorded, the rest stays.

Each is judged in the format that it bears. Whatever passes is first taken off the list and then
recorded, in one transaction: what is off the list by then, another process was faster to settle,
and it is not recorded twice.
"""

from collections.abc import Callable, Iterable
from itertools import groupby, islice
from typing import NamedTuple, cast

from hoso.consumers.intake.record import Format, IntakeContext, Judged, judge, record, together
from hoso.consumers.store.log import SHOWN_AT_ONCE, Reject, Store

Numbered = tuple[int, Reject]


class Retried(NamedTuple):
    """How many rejects are recorded now, and how many are still on the list."""

    recorded: int
    remain: int


def retry(
    store: Store, rejects: Iterable[Numbered], reading: Callable[[Format], IntakeContext]
) -> Retried:
    """Try rejects again, some at a time and in their order; ``reading`` is asked anew for each lot.

    Raises ``StoreTrouble`` where the store fails; the lots before are recorded then.
    """
    recorded = remain = 0
    for form, alike in groupby(rejects, lambda numbered: numbered[1].format):
        while lot := list(islice(alike, SHOWN_AT_ONCE)):
            passed, failed = _retry(store, lot, reading(cast(Format, form)))
            recorded += passed
            remain += failed
    return Retried(recorded, remain)


def _retry(store: Store, lot: list[Numbered], reading: IntakeContext) -> Retried:
    judged = {number: _judged(reject, reading) for number, reject in lot}
    passed = [number for number, found in judged.items() if not found.rejects]
    if not passed:
        return Retried(0, len(lot))
    with store.writing() as writer:
        settled = [judged[number] for number in passed if writer.settle(number)]
        record(writer, together(settled), reading)
    return Retried(len(settled), len(lot) - len(passed))


def _judged(reject: Reject, reading: IntakeContext) -> Judged:
    return judge([reject.raw], lambda _: reject.origin, reading)
