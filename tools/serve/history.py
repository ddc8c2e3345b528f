"""Keeps the served history open, and shows each visitor the part that the visitor may see.

``History.seen_by`` is the only way to events and figures. It gives a ``Source``, so whatever works
on a source works on what a visitor sees. Ledgers and balance sheets are kept for the questions that
were asked last, until the history grows. All of it may be used from several threads.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import Ledger, balance_sheets, replay
from hoso.projections.ledger.refresh import last_position
from hoso.projections.ledger.selected import Selection, selected_balance_sheets
from hoso.projections.log.schema import codes, joined, rows_after
from hoso.tools.runtime import environment
from hoso.tools.serve.access.visitor import Visitor
from hoso.tools.serve.kept import Kept
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options, Source

if TYPE_CHECKING:
    from hoso.projections.integrity.parts import Part
    from hoso.projections.integrity.parts import Question as Asked
    from hoso.projections.ledger.vintages import Vintage
    from hoso.projections.merkle.shelf import ProofShelf
    from hoso.projections.reports.basis.periods import Periods

MOST_IN_MEMORY: Final = 20_000_000  # events; of more, balance sheets are made bucket by bucket
MOST_LEDGERS: Final = 2  # kept in memory; each has a journal of the whole history
MOST_SHEETS: Final = 32
MOST_PERIODS: Final = 4
MOST_ANSWERS: Final = 4
MOST_VISITORS: Final = 8  # the sets of bodies whose dossiers are kept apart
LOOK_AGAIN_S: Final = 0.2  # how long a history is taken to be as it was

Answer = TypeVar("Answer")
Question = tuple[Policy, datetime | None]


class History:
    """The history that some names of ``--source`` stand for, with the registry of its agencies.

    Raises ``UserError`` for names that are none.
    """

    def __init__(self, names: Sequence[str], options: Options, registry: AgencyRegistry) -> None:
        self.names, self.registry = tuple(names), registry
        self._options = options
        self._lock = Lock()
        self._opened = self._open()
        self._looked_at = monotonic()

    def seen_by(self, visitor: Visitor) -> "KeptSource":
        """The history as a visitor may see it: all of it, or only the events of dossiers that are
        or were with the visitor's bodies or bodies under them."""
        return self.now().limited_to(visitor.bodies, self.registry)

    def now(self) -> "KeptSource":
        """The whole history as it is now."""
        with self._lock:
            if monotonic() - self._looked_at > LOOK_AGAIN_S:
                if self._opened.source.version() != self._opened.at:
                    self._opened = self._open(self._opened)
                self._looked_at = monotonic()
            return self._opened

    def look_again(self) -> None:
        """Have the next question look whether there are new events: for who has recorded some."""
        with self._lock:
            self._looked_at = -LOOK_AGAIN_S

    def _open(self, before: "KeptSource | None" = None) -> "KeptSource":
        source = open_source(self.names, self._options)
        if not source.has_events:
            raise UserError("--source: pages lead to dossiers, and exported ledgers have none")
        return KeptSource(source, source.version(), before)


class KeptSource(Source):
    """A source as it is at one version, with what was asked of it kept in memory.

    ``before`` is the source as it was kept before it grew: its events need not be read again, and
    what it answered as of a moment holds where nothing new was recorded by then.
    """

    def __init__(
        self, source: Source, at: Sequence[int], before: "KeptSource | None" = None
    ) -> None:
        super().__init__(source.name)
        is_longer = before is not None and source.appends and source.erasures == before.erasures
        self._before = before if is_longer else None
        if before is not None:
            before._before = None  # one is enough, and a chain of them would be kept for ever
        self.source, self.at = source, tuple(at)
        self.rejects, self.conflicts = source.rejects, source.conflicts
        self.erasures = source.erasures
        self._logs: Kept[None, pa.Table] = Kept(1)
        self._ledgers: Kept[Question, Ledger] = Kept(MOST_LEDGERS)
        self._sheets: Kept[tuple[object, ...], BalanceSheets] = Kept(MOST_SHEETS)
        self._periods: Kept[tuple[object, ...], Periods] = Kept(MOST_PERIODS)
        self._answers: Kept[tuple[Hashable, ...], Any] = Kept(MOST_ANSWERS)
        self._parts: Kept[tuple[str, ...], KeptSource] = Kept(MOST_VISITORS)

    def version(self) -> tuple[int, ...]:
        """The version at which it is kept."""
        return self.at

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        yield rows_after(self.history(), after)

    def about_events(self) -> int:
        """About how many events; see ``Source``."""
        return self.source.about_events()

    def history(self) -> pa.Table:
        """All events; see ``Source``."""
        return self._logs.get(None, self._read)

    def _read(self) -> pa.Table:
        """All events, from the log that was kept before where there is one."""
        old = None if self._before is None else self._before._logs.kept(None)
        if old is None:
            return self.source.history().combine_chunks()
        return joined([old, *self.source.tables(last_position(old))]).combine_chunks()

    def _held(self, as_of: datetime) -> "KeptSource | None":
        """The source as it was before it grew, where nothing new was recorded by an instant."""
        old = None if self._before is None else self._before._logs.kept(None)
        if old is None:
            return None
        new = rows_after(self.history(), last_position(old))
        is_later = not len(new) or pc.min(new["recorded"]).as_py() > as_of
        return self._before if is_later else None

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded; see ``Source``."""
        kept = self._ledgers.get((office.policy, as_of), lambda: self._folded(office, as_of))
        return kept._replace(office=office)

    def ledger_of(
        self, office: Office, as_of: datetime | None, dossiers: Collection[str]
    ) -> Ledger:
        """A ledger of some dossiers, or the whole one where it is kept; see ``Source``."""
        if self._is_read_in_parts(office, as_of):
            return self.source.ledger_of(office, as_of, dossiers)
        return self.ledger(office, as_of)

    def ledger_behind(
        self, office: Office, as_of: datetime | None, window: Window, figures: Sequence[str]
    ) -> Ledger:
        """A ledger of what is counted, or the whole one where it is kept; see ``Source``."""
        if self._is_read_in_parts(office, as_of):
            return self.source.ledger_behind(office, as_of, window, figures)
        return self.ledger(office, as_of)

    def _is_read_in_parts(self, office: Office, as_of: datetime | None) -> bool:
        return self.source.reads_parts and self._ledgers.kept((office.policy, as_of)) is None

    def _folded(self, office: Office, as_of: datetime | None) -> Ledger:
        if as_of is not None:
            held = self._held(as_of)
            kept = None if held is None else held._ledgers.kept((office.policy, as_of))
            return kept or replay(self.history(), office, as_of)
        if self._before is not None and self._before._logs.kept(None) is not None:
            return replay(self.history(), office)
        ledger = self.source.ledger(office, None)
        log = self._logs.get(None, lambda: ledger.log)
        # Events may have come in between: a fold is good for its own log only.
        return ledger._replace(log=log) if len(log) == len(ledger.log) else ledger

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets; see ``Source``."""
        return [self._balances(office, as_of, tuple(by), final_on) for office in offices]

    def _balances(
        self, office: Office, as_of: datetime | None, by: tuple[str, ...], final_on: date | None
    ) -> BalanceSheets:
        key = (office.policy, as_of, by, final_on)

        def make() -> BalanceSheets:
            if as_of is None or self.about_events() > MOST_IN_MEMORY:
                [made] = self.source.balances([office], as_of, by, final_on)
                return made
            held = self._held(as_of)
            kept = None if held is None else held._sheets.kept(key)
            if kept is not None:
                return kept
            # Who moves a slide over time asks for many moments: their folds are not kept.
            folded = self._ledgers.kept(key[:2]) or self._folded(office, as_of)
            return balance_sheets(folded, by, final_on)

        return self._sheets.get(key, make)._replace(office=office)

    def selected_balances(
        self,
        office: Office,
        as_of: datetime | None,
        by: Sequence[str],
        selections: Sequence[Selection],
    ) -> list[BalanceSheets]:
        """The balance sheets of selected dossiers; see ``Source``."""
        return [self._selected(office, as_of, tuple(by), each) for each in selections]

    def _selected(
        self, office: Office, as_of: datetime | None, by: tuple[str, ...], selection: Selection
    ) -> BalanceSheets:
        key = (office.policy, as_of, by, selection.final_on, *selection_key(selection.selected))
        kept = self._sheets.get(
            key, lambda: selected_balance_sheets(self.ledger(office, as_of), by, *selection)
        )
        return kept._replace(office=office)

    def proofs(self) -> "ProofShelf":
        """What is kept beside the log; see ``Source``."""
        return self.source.proofs()

    def vintages(
        self, office: Office, by: Sequence[str], vintages: "Sequence[Vintage]"
    ) -> Iterator[BalanceSheets]:
        """The balance sheets at each vintage; see ``Source``."""
        if self.about_events() > MOST_IN_MEMORY:
            return self.source.vintages(office, by, vintages)
        return super().vintages(office, by, vintages)

    def periods(
        self, office: Office, as_of: datetime | None, windows: Sequence[Window]
    ) -> "Periods":
        """The balance sheets and the measures of some windows; see ``Source``."""
        from hoso.projections.reports.basis.periods import periods_of_ledger

        key = (office.policy, as_of, *windows)
        return self._periods.get(
            key, lambda: periods_of_ledger(self.ledger(office, as_of), windows)
        )

    def answer(self, key: tuple[Hashable, ...], make: Callable[[], Answer]) -> Answer:
        """What ``make`` works out, kept by a key until the history grows: for pages that show a
        part of a long answer."""
        found: Answer = self._answers.get(key, make)
        return found

    def integrity_parts(self, question: "Asked") -> "list[Part]":
        """What the checks of integrity find, in parts; see ``Source``."""
        asked = question.office.policy, question.as_of, question.window, question.told
        key = ("integrity", *asked, *selection_key(question.selected))
        return self.answer(key, lambda: [*Source.integrity_parts(self, question)])

    def limited_to(self, bodies: tuple[str, ...] | None, registry: AgencyRegistry) -> "KeptSource":
        """Only the events of dossiers that are or were with some bodies or bodies under them; all
        of it for None."""
        if bodies is None:
            return self

        def make() -> KeptSource:
            part = part_with(self.history(), bodies, registry)
            return KeptSource(TableSource(self.name, part, self.at), self.at)

        return self._parts.get(bodies, make)


class TableSource(Source):
    """A history that is a table (``log.schema.SCHEMA``) in memory."""

    def __init__(self, name: str, log: pa.Table, at: Sequence[int]) -> None:
        super().__init__(name)
        self._log, self._at = log, tuple(at)

    def version(self) -> tuple[int, ...]:
        """The version of the history that the table was taken from."""
        return self._at

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        yield rows_after(self._log, after)

    def about_events(self) -> int:
        """How many events there are."""
        return len(self._log)


def part_with(log: pa.Table, bodies: Sequence[str], registry: AgencyRegistry) -> pa.Table:
    """All events of the dossiers of which any event names one of some bodies, or a body under one
    of them in the registry, as its agency. Nothing else is left, in no dictionary either."""
    named = {code for body in bodies for code in every_under(registry, body)}
    column = log["agency"].combine_chunks()
    is_named = np.array([text in named for text in column.dictionary.to_pylist()] + [False])
    dossier = codes(log["dossier"])
    chosen = np.unique(dossier[is_named[codes(log["agency"])]])
    part = log.filter(pa.array(np.isin(dossier, chosen)))
    return pa.table(
        [_only_own(part[name]) for name in part.column_names], schema=part.schema
    ).combine_chunks()


def every_under(registry: AgencyRegistry, body: str) -> set[str]:
    """A body and all bodies that stand, stood or will stand under it, by the registry of any day,
    with those that they succeed."""
    found, pending = {body}, [body]
    while pending:
        code = pending.pop()
        below = [
            each.code
            for each in registry.agencies.values()
            if code in (each.parent, each.successor) and each.code not in found
        ]
        found.update(below)
        pending += below
    return found


def _only_own(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column whose dictionary has the values of its own rows only."""
    if not pa.types.is_dictionary(column.type):
        return column
    return column.cast(column.type.value_type).dictionary_encode().cast(column.type)


def selection_key(selected: DossierFilter) -> tuple[Hashable, ...]:
    """What tells one selection from another."""
    only = tuple((name, *values) for name, values in selected.only.items())
    registry = selected.registry
    return only, registry.digest, registry.day, selected.under, selected.bodies


@lru_cache(maxsize=64)
def office(policy: Policy, today: date) -> Office:
    """The office that judges by a policy, asked on a day; kept, because pages ask for it often."""
    return environment.office(policy)._replace(asked_on=today)
