"""Reads the live ledger of a store that ``hoso follow`` keeps.

Where the ledger lags behind the log, the reader folds the rest itself. Where nothing is kept, or
what is kept is not of this log, of these rules or of this version of hoso, there is no answer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xxhash import xxh3_128_hexdigest

from hoso.consumers.store.address import SQLITE_SCHEME, StoreAddress
from hoso.consumers.store.log import Store, open_store
from hoso.domain.office import Office
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.live.files import LiveFolder, State, Tip, live_folder, name_for
from hoso.projections.live.ledger import LiveLedger
from hoso.tools.sources.store_log import OpenLog

BATCH_EVENTS: Final = 20_000  # folded at a time
MOST_BEHIND: Final = 200_000  # events; what lags further is not read
TRIES: Final = 5  # to read files that the keeper replaces meanwhile


def folder_of(address: str, office: Office) -> LiveFolder | None:
    """The folder of the live ledger of a store for an office; None for a user without a home."""
    store = StoreAddress.parse(address)
    if store.kind == "sqlite":
        return live_folder(str(Path(store.reveal().removeprefix(SQLITE_SCHEME)).resolve()), office)
    return live_folder(store.shown, office)


def tip_of(store: Store, position: int, erasures: int) -> Tip:
    """By what a ledger up to a position knows its log again."""
    events = store.events_at([position])
    return Tip("".join(xxh3_128_hexdigest(each.state) for each in events), erasures)


def is_of(state: State, store: Store, office: Office, erasures: int) -> bool:
    """Whether a state is of a store's log, as this version of hoso folds it for an office."""
    if state.name != name_for(office) or state.position > store.last_position():
        return False
    return state.tip == tip_of(store, state.position, erasures)


def live_sheets(
    address: str, office: Office, by: Sequence[str], erasures: int
) -> BalanceSheets | None:
    """The balance sheets of a store's whole log from its live ledger; None where none is kept.

    ``erasures`` is how many codes had been erased from the store when the reader opened it.
    """
    folder = folder_of(address, office)
    if folder is None or not folder.path.is_dir():
        return None
    with open_store(address) as store:
        for _ in range(TRIES):
            state = folder.state()
            if state is None or not is_of(state, store, office, erasures):
                return None
            log = OpenLog(store, office.zone)
            behind = log.last_position() - state.position
            kept = folder.sheets(state, office, by)
            if kept is None:
                folder.ask_for(by)
            elif not behind:
                return kept
            if behind > MOST_BEHIND:
                return None
            if (ledger := folder.ledger(state, office)) is not None:
                if kept is not None:
                    ledger.start_from(kept)
                catch_up(ledger, log)
                return ledger.sheets(by)
    return None


def catch_up(ledger: LiveLedger, log: OpenLog) -> None:
    """Fold what a log has gained by now."""
    end = log.last_position()
    while ledger.position < end:
        ledger.carry_on(log, min(BATCH_EVENTS, end - ledger.position))
