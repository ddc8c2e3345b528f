"""The Python API: replays a history into a ledger, and states any window of it as a data frame.

>>> import hoso
>>> ledger = hoso.replay("archive", policy=hoso.Policy(supplement_limit=2))
>>> ledger.statement("2023-Q1", by=["agency"]).to_arrow()

A ledger answers any window: the history is folded once for each choice of slices, at the first
question, and a further window takes a millisecond. docs/ANALYSTS.md has a longer example.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hoso.domain.accounts import ACCOUNT_COUNT, ACCOUNTS
from hoso.domain.errors import UserError
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, named_window, parse_day, window

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from hoso.projections.ledger.balances import BalanceSheets
    from hoso.tools.sources.source import Source

__all__ = ["Ledger", "Policy", "Statement", "UserError", "Window", "replay"]

Between = tuple[str | date, str | date]
DEFAULT_POLICY: Final = Policy()


class Statement(NamedTuple):
    """The statement of a window; ``document`` is it as the contract writes it (section 7)."""

    document: Mapping[str, Any]

    def to_arrow(self) -> "pa.Table":
        """A row for each line: its slice, and a column for each figure (``resolved.early``)."""
        import pyarrow as pa

        from hoso.projections.documents.figures import FIGURES, flat

        lines, by = self.document["lines"], self.document["by"]
        rows = [{**line["slice"], **flat(line)} for line in lines]
        kinds = {**dict.fromkeys(by, pa.string()), **dict.fromkeys(FIGURES, pa.int64())}
        return pa.Table.from_pylist(rows, pa.schema(kinds.items()))

    def to_pandas(self) -> "pd.DataFrame":
        """``to_arrow`` as a data frame. It needs pandas, which hoso does not install."""
        return self.to_arrow().to_pandas()


class Ledger:
    """A history folded under a policy, as it was known at an instant."""

    def __init__(self, source: str, as_of: datetime | None, policy: Policy) -> None:
        from hoso.tools.runtime import environment

        self._name, self._as_of, self._office = source, as_of, environment.office(policy)
        self._source: Source | None = None
        self._sliced: dict[tuple[str, ...], BalanceSheets] = {}
        self._folding = Lock()

    def statement(self, window: str | Window | Between, by: Sequence[str] = ()) -> Statement:
        """The statement of ``2023-Q1`` or of two days, both included (dates, or as the command line
        takes them), sliced ``by`` some of agency, field, procedure, channel and level.

        Raises ``UserError`` for a window or a dimension that is none, and where the source cannot
        be read.
        """
        from hoso.projections.ledger.statement import statement_from

        return Statement(statement_from(self._balance_sheets(_dimensions(by)), _window(window)))

    def to_arrow(self, by: Sequence[str] = ()) -> "pa.Table":
        """The ledger itself: a row for each slice, account and day on which the account's balance
        changed, how many dossiers ``moved`` into it (out of it: below zero), and its ``balance``
        at the end of the day. The account ``outside`` is where dossiers come from."""
        import numpy as np
        import pyarrow as pa

        by = _dimensions(by)
        moved = self._balance_sheets(by).balances.moved()
        place, account = np.divmod(moved.group, ACCOUNT_COUNT)
        columns = {
            name: pa.array([each[n] for each in moved.slices], pa.string()).take(pa.array(place))
            for n, name in enumerate(by)
        }
        names = pa.array([*ACCOUNTS, "outside"])
        total = np.cumsum(moved.net)
        first = np.searchsorted(moved.group, moved.group)
        return pa.table(
            {
                **columns,
                "account": names.take(pa.array(account)),
                "day": pa.array(moved.day.astype(np.int32)).cast(pa.date32()),
                "moved": moved.net,
                "balance": total - (total[first] - moved.net[first]),
            }
        )

    def to_pandas(self, by: Sequence[str] = ()) -> "pd.DataFrame":
        """``to_arrow`` as a data frame. It needs pandas, which hoso does not install."""
        return self.to_arrow(by).to_pandas()

    def _balance_sheets(self, by: tuple[str, ...]) -> "BalanceSheets":
        """The balance sheets for some slices: folded at the first question, by one thread."""
        from hoso.tools.sources.opening import open_source
        from hoso.tools.sources.source import Options

        with self._folding:
            if self._source is None:
                self._source = open_source([self._name], Options(self._office.zone))
            if by not in self._sliced:
                [self._sliced[by]] = self._source.balances([self._office], self._as_of, by)
            return self._sliced[by]


def replay(
    source: str | os.PathLike[str],
    *,
    as_of: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> Ledger:
    """The ledger of a source: a file of events, a store's URL, or an archive's folder; as it was
    known at an instant, which has an offset from UTC, or all of it; under a policy.

    For each choice of slices it stays as it is at the first question: what is new later is in the
    next ledger. Raises ``ValueError`` for an instant without an offset.
    """
    if as_of is not None and (not isinstance(as_of, datetime) or as_of.tzinfo is None):
        raise ValueError(f"as_of: {as_of!r} is no datetime with an offset from UTC")
    return Ledger(os.fspath(source), as_of, policy)


def _window(said: str | Window | Between) -> Window:
    try:
        if isinstance(said, str):
            return named_window(said)
        if not isinstance(said, Sequence) or len(said) != 2:
            raise ValueError(f"{said!r} is none: write 2023-Q1, or the first and the last day")
        return window(_day(said[0]), _day(said[1]))
    except ValueError as error:
        raise UserError(f"window: {error}") from None


def _day(said: str | date) -> date:
    if isinstance(said, datetime):  # as data frames have them
        return said.date()
    return said if isinstance(said, date) else parse_day(str(said))


def _dimensions(by: Sequence[str]) -> tuple[str, ...]:
    from hoso.projections.ledger.slices import DIMENSIONS

    if isinstance(by, Iterable) and not isinstance(by, str):
        names = tuple(by)
        if all(name in DIMENSIONS for name in names) and len(set(names)) == len(names):
            return names
    raise UserError(f"by: {by!r} is no list of {', '.join(DIMENSIONS)}, each once")
