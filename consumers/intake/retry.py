"""Retries rejects: a message that is valid by now is recorded and leaves the list of rejects.

Each reject is validated again in its own format. In one transaction, a valid one is removed from
the list and then recorded. If another process has removed it first, it is not recorded again.
"""

from collections.abc import Callable, Iterable
from itertools import groupby, islice
from typing import NamedTuple, cast

from hoso.consumers.intake.record import (
    Format,
    IntakeContext,
    Validated,
    merge,
    record,
    validate_messages,
)
from hoso.consumers.store.log import QUERY_REJECTS, NumberedReject, Reject, Store


class RetryResult(NamedTuple):
    """How many rejects were recorded, and how many are still on the list."""

    recorded: int
    remain: int


def retry(
    store: Store,
    rejects: Iterable[NumberedReject],
    new_context: Callable[[Format], IntakeContext],
) -> RetryResult:
    """Retry rejects in their order, in batches of one transaction each.

    ``new_context`` is called for each batch, with the format of its rejects.

    Raises ``StoreError`` if the store fails; the batches before are recorded then.
    """
    recorded = remain = 0
    for form, same_format in groupby(rejects, lambda numbered: numbered[1].format):
        while batch := list(islice(same_format, QUERY_REJECTS)):
            result = _retry_batch(store, batch, new_context(cast(Format, form)))
            recorded += result.recorded
            remain += result.remain
    return RetryResult(recorded, remain)


def _retry_batch(store: Store, batch: list[NumberedReject], context: IntakeContext) -> RetryResult:
    validated = {number: _validate_again(reject, context) for number, reject in batch}
    valid = [number for number, message in validated.items() if not message.rejects]
    if not valid:
        return RetryResult(0, len(batch))
    with store.writing() as writer:
        removed = [validated[number] for number in valid if writer.remove_reject(number)]
        record(writer, merge(removed), context)
    return RetryResult(len(removed), len(batch) - len(valid))


def _validate_again(reject: Reject, context: IntakeContext) -> Validated:
    return validate_messages([reject.raw], lambda _: reject.origin, context)
