"""Writes folds and balance sheets as bytes, to be kept in a cache, and reads them back.

A fold refers to dossiers by their numbers in the dictionary of the log's table. These numbers
follow the order in which dossiers first appear in the log, into whatever pieces the log was cut. So
a cached fold fits the table of its log, also after the table was made again.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import orjson

from hoso.domain.office import Office
from hoso.projections.cache.fingerprint import fingerprint
from hoso.projections.cache.kinds import Kind
from hoso.projections.cache.seal import Damaged
from hoso.projections.ledger.balances import Balances, BalanceSheets, Suspended
from hoso.projections.ledger.fold import Folded, Journal, Suspense
from hoso.projections.log.schema import SCHEMA
from hoso.projections.log.streams import arrays_from_bytes, arrays_to_bytes

SLICES: Final = b"hoso"  # the metadata key of the JSON with the slices and days


def name_for(
    kind: Kind, office: Office, by: Sequence[str] = (), final_on: date | None = None
) -> str:
    """The fingerprint of what is computed of a log for an office, some slices and attribution."""
    policy = office.policy.model_dump_json()
    about = (str(office.zone), office.calendar.version, policy, str(final_on))
    return fingerprint(kind, str(SCHEMA), *about, *by)


def fold_to_bytes(folded: Folded) -> bytes:
    """A fold as bytes."""
    suspense = {f"suspended_{name}": array for name, array in folded.suspense._asdict().items()}
    return arrays_to_bytes({**folded.journal._asdict(), **suspense}, {})


def fold_from_bytes(body: bytes) -> Folded:
    """The fold that ``fold_to_bytes`` wrote. Raises ``Damaged``."""
    arrays, _ = arrays_from_bytes(body)
    columns = len(Journal._fields)
    try:
        return Folded(Journal(*arrays[:columns]), Suspense(*arrays[columns:]))
    except TypeError as error:
        raise Damaged(str(error)) from error


def balance_sheets_to_bytes(balance_sheets: BalanceSheets) -> bytes:
    """Balance sheets as bytes."""
    slices, first_day, days, key, total = balance_sheets.balances
    arrays = {"key": key, "total": total, **balance_sheets.suspended._asdict()}
    about = orjson.dumps({"slices": slices, "first_day": first_day, "days": days})
    return arrays_to_bytes(arrays, {SLICES: about})


def balance_sheets_from_bytes(
    body: bytes, office: Office, by: Sequence[str], final_on: date | None = None
) -> BalanceSheets:
    """The balance sheets that ``balance_sheets_to_bytes`` wrote. Raises ``Damaged``."""
    (key, total, *suspended), metadata = arrays_from_bytes(body)
    try:
        about = orjson.loads(metadata[SLICES])
        slices = [tuple(name) for name in about["slices"]]
        balances = Balances(slices, about["first_day"], about["days"], key, total)
        return BalanceSheets(office, None, by, balances, Suspended(*suspended), final_on)
    except (TypeError, LookupError, ValueError) as error:
        raise Damaged(str(error)) from error
