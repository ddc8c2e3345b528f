"""Lists every kind of entry that hoso keeps in a cache."""

from typing import Final, Literal, NamedTuple

DOMAIN: Final = "hoso.domain"
CACHE: Final = ("hoso.projections.cache", "hoso.projections.atomic")
LOG: Final = "hoso.projections.log"
KERNELS: Final = "hoso.projections.kernels"
LEDGER: Final = "hoso.projections.ledger"
LIVE: Final = "hoso.projections.live"
ARCHIVE: Final = "hoso.projections.archive"


class Kind(NamedTuple):
    """A kind of cache entry.

    ``made_by`` are the packages and modules whose sources decide what an entry contains: they are
    part of its fingerprint, and a test checks that they contain whatever these modules import.
    ``max_names`` is how many entries of different fingerprints stay in one place; older ones are
    dropped when a new one is written.
    """

    name: str
    what: str
    place: Literal["user", "store", "archive"]
    made_by: tuple[str, ...]
    max_names: int


MACHINE_CODE: Final = Kind(
    "code",
    "the rule book and the kernels, compiled",
    "user",
    (DOMAIN, *CACHE, LOG, KERNELS),
    max_names=40,
)
HOLIDAYS: Final = Kind(
    "holidays",
    "Vietnam's public holidays, as the holidays package has them",
    "user",
    (DOMAIN, *CACHE, "hoso.tools.runtime.calendar"),
    max_names=2,
)
COLUMNS: Final = Kind(
    "columns",
    "a store's events as columns, in segments",
    "store",
    (DOMAIN, *CACHE, LOG),
    max_names=1,
)
EVENT_KEYS: Final = Kind(
    "event_keys",
    "the sorted keys of a store's events, in segments",
    "store",
    (DOMAIN, *CACHE, LOG, KERNELS, LEDGER),
    max_names=1,
)
FOLD: Final = Kind(
    "fold",
    "the journal of a store's whole log",
    "store",
    (DOMAIN, *CACHE, LOG, KERNELS, LEDGER),
    max_names=3,
)
STORE_BALANCES: Final = Kind(
    "balances",
    "a store's balance sheets, for one policy and choice of slices",
    "store",
    (DOMAIN, *CACHE, LOG, KERNELS, LEDGER),
    max_names=20,
)
LIVE_LEDGER: Final = Kind(
    "live",
    "the live ledger of a store that is followed, for one policy",
    "user",
    (DOMAIN, *CACHE, LOG, KERNELS, LEDGER, LIVE),
    max_names=1,
)
ARCHIVE_BALANCES: Final = Kind(
    "balances",
    "an archive's balance sheets, for one policy and choice of slices",
    "archive",
    (DOMAIN, *CACHE, LOG, KERNELS, LEDGER, ARCHIVE),
    max_names=20,
)

KINDS: Final = (
    MACHINE_CODE,
    HOLIDAYS,
    COLUMNS,
    EVENT_KEYS,
    FOLD,
    STORE_BALANCES,
    LIVE_LEDGER,
    ARCHIVE_BALANCES,
)
