"""Retries rejects: a message that is valid by now is recorded and leaves the list of rejects.

Each reject is validated again in its own format. In one transaction, a valid one is removed from
the list and then recorded. If another process has removed it first, it is not recorded again.

A reject whose values are blanked stays on the list: its true values are where it came from.
"""

from collections.abc import Callable, Iterable
from itertools import groupby, islice
from typing import NamedTuple, cast

from hoso.consumers.intake.keeping import is_blanked
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
    """How many rejects were recorded, and how many are still on the list; ``blanked`` of these
    lack values, so that only their source can mend them."""

    recorded: int
    remain: int
    blanked: int = 0


def retry(
    store: Store,
    rejects: Iterable[NumberedReject],
    new_context: Callable[[Format], IntakeContext],
) -> RetryResult:
    """Retry rejects in their order, in batches of one transaction each.

    ``new_context`` is called for each batch, with the format of its rejects.

    Raises ``StoreError`` if the store fails; the batches before are recorded then.
    """
    recorded = remain = lacking = 0
    for form, same_format in groupby(rejects, lambda numbered: numbered[1].format):
        while batch := list(islice(same_format, QUERY_REJECTS)):
            result = _retry_batch(store, batch, new_context(cast(Format, form)))
            recorded += result.recorded
            remain += result.remain
            lacking += result.blanked
    return RetryResult(recorded, remain, lacking)


def _retry_batch(store: Store, batch: list[NumberedReject], context: IntakeContext) -> RetryResult:
    validated = {number: _validate_again(reject, context) for number, reject in batch}
    valid = [number for number, message in validated.items() if not message.rejects]
    lacking = sum(is_blanked(reject) for number, reject in batch if validated[number].rejects)
    if not valid:
        return RetryResult(0, len(batch), lacking)
    with store.writing() as writer:
        removed = [validated[number] for number in valid if writer.remove_reject(number)]
        record(writer, merge(removed), context)
    return RetryResult(len(removed), len(batch) - len(valid), lacking)


def _validate_again(reject: Reject, context: IntakeContext) -> Validated:
    return validate_messages([reject.raw], lambda _: reject.origin, context)


def mend(
    store: Store,
    number: int,
    reject: Reject,
    content: bytes,
    new_context: Callable[[Format], IntakeContext],
) -> str | None:
    """Record a mended message in place of its reject, in one transaction.

    Returns None, or why the message is still no event; then the reject stays as it is, and so it
    does if another process has removed it. Raises ``StoreError`` if the store cannot be written.
    """
    context = new_context(cast(Format, reject.format))
    validated = validate_messages([content], lambda _: reject.origin, context)
    if validated.rejects:
        return validated.rejects[0].reason
    with store.writing() as writer:
        if not writer.remove_reject(number):
            return "it is no longer a reject"
        record(writer, validated, context)
    return None
