"""The status of a store: what its log holds, what is in suspense or rejected, and what comes in."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from time import monotonic, sleep
from typing import Any, Final

import numpy as np

from hoso.consumers.intake.conflicts import Conflicts, conflicts_since
from hoso.consumers.store.log import Store, open_store
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Document,
    Dossier,
    Exact,
    Records,
    Row,
    Table,
    Words,
)
from hoso.projections.ledger.ledger import Ledger
from hoso.tools.runtime import environment
from hoso.tools.sources.live import folder_of
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource

Json = dict[str, Any]

WATCHED_S: Final = 1.0
TITLE: Final = Bilingual("Hiện trạng kho dữ liệu", "Status of the store")
NAMES: Final = {
    "store": Bilingual("Kho", "store"),
    "position": Bilingual("Vị trí nhật ký", "log position"),
    "events": Bilingual("Sự kiện", "events"),
    "dossiers": Bilingual("Hồ sơ", "dossiers"),
    "suspense.events": Bilingual("Sự kiện treo", "events in suspense"),
    "suspense.dossiers": Bilingual("Hồ sơ có sự kiện treo", "dossiers in suspense"),
    "last_recorded": Bilingual("Ghi nhận lần cuối", "last recorded"),
    "conflicts.events": Bilingual("Trùng mã sự kiện, khác nội dung", "events in conflict"),
    "rejects": Bilingual("Bị loại", "rejects"),
    "erasures": Bilingual("Mã đã xóa", "erased codes"),
    "live.position": Bilingual("Sổ cái sống: vị trí", "live ledger: position"),
    "live.lag": Bilingual("Sổ cái sống: còn lại", "live ledger: lag"),
    "live.checked": Bilingual("Sổ cái sống: hồ sơ đã đối chiếu", "live ledger: dossiers checked"),
    "live.differed": Bilingual("Sổ cái sống: hồ sơ sai khác", "live ledger: dossiers differed"),
    "live.last_difference": Bilingual("Sổ cái sống: lần sai cuối", "live ledger: last difference"),
    "events_per_second": Bilingual("Sự kiện mỗi giây", "events per second"),
}
COLUMNS: Final = (
    Column("name", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=26),
    Column("translated", (Bilingual("figure", "chỉ tiêu"),), "text", width=22),
    Column("value", (Bilingual("Giá trị", "Value"),), "text", width=40),
)
CONFLICTS: Final = Bilingual(
    "Sự kiện trùng mã (source, id) nhưng khác nội dung: chỉ sự kiện đầu tiên được tính",
    "Events with the (source, id) of another event and another content: only the first one counts",
)
CONFLICT_COLUMNS: Final = (
    Column("source", (Bilingual("Hệ thống gửi", "Source"),), "text", width=24),
    Column("id", (Bilingual("Mã sự kiện", "Event id"),), "text", width=30),
    Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
    Column(
        "first_dossier", (Bilingual("Hồ sơ được tính", "Dossier that counts"),), "text", width=30
    ),
)
PARTITIONS: Final = Bilingual("Các phân vùng Kafka", "Kafka partitions")
PARTITION_COLUMNS: Final = (
    Column("topic", (Bilingual("Chủ đề", "Topic"),), "text", width=30),
    Column("partition", (Bilingual("Phân vùng", "Partition"),)),
    Column("reached", (Bilingual("Đã đọc đến", "Reached"),)),
    Column("lag", (Bilingual("Còn lại", "Lag"),)),
)


def document(status: Json, ask: tuple[str, ...] = ()) -> Document:
    """The document of a store's status: ``condition`` with the ``partitions`` that were read.

    ``ask`` is how ``hoso explain`` reads the store.
    """
    flat = dict(_flat(status))
    flat["store"] = f"{status['store']} ({status['kind']}, schema {status['schema']})"
    rows = tuple(
        Row(
            key,
            {
                "name": Words(name),
                "translated": Words(Bilingual(name.en, name.vi)),
                "value": _cell(flat[key]),
            },
        )
        for key, name in NAMES.items()
        if key in flat  # of a live ledger, where there is one
    )
    tables = [Table("status", TITLE, COLUMNS, rows)]
    if examples := status["conflicts"]["examples"]:
        rows = tuple(
            Row(str(place), {key: _of_conflict(key, text) for key, text in example.items()})
            for place, example in enumerate(examples)
        )
        tables.append(Table("conflicts", CONFLICTS, CONFLICT_COLUMNS, rows))
    if partitions := status["partitions"]:
        rows = tuple(
            Row(str(place), {key: _cell(value) for key, value in partition.items()})
            for place, partition in enumerate(partitions)
        )
        tables.append(Table("partitions", PARTITIONS, PARTITION_COLUMNS, rows))
    data = Data(status, Records(("name", "value"), [*_flat(status)]))
    return Document("status", TITLE, None, (), tuple(tables), ask, data=data)


def _of_conflict(key: str, text: str) -> Cell:
    return Dossier(text) if key in ("dossier", "first_dossier") else Words(text)


def _flat(status: Json) -> Iterator[tuple[str, Any]]:
    """What a status says by dotted names: ``suspense.events``, ``partitions.TOPIC.0.lag``."""
    for name, value in status.items():
        if name == "partitions":
            for partition in value:
                place = f"partitions.{partition['topic']}.{partition['partition']}"
                yield f"{place}.reached", partition["reached"]
                yield f"{place}.lag", partition["lag"]
        elif isinstance(value, dict):
            yield from ((f"{name}.{part}", value[part]) for part in value if part != "examples")
        else:
            yield name, value


def _cell(value: Any) -> Cell:
    match value:
        case int():
            return Count(value)
        case float():
            return Exact(Decimal(repr(value)))
        case None:
            return Words(NO_DATA)
        case text:
            return Words(text)


def condition(url: str) -> Json:
    """The status of a store, without the partitions that it has read.

    What is said of the log, from ``position`` to ``last_recorded``, is as of one moment.
    """
    # Before the store is opened: its log is read by processes, which open connections do not
    # survive. Suspense is the same under any policy.
    office = environment.office(Policy())
    return condition_of(url, StoreSource(url, Options(office.zone)).ledger(office, None))


def condition_of(
    url: str,
    ledger: Ledger,
    watched_s: float = WATCHED_S,
    known: Callable[[Store], Conflicts] = conflicts_since,
) -> Json:
    """The same of a store whose log is folded already; it is watched for some seconds. ``known``
    gives its conflicts."""
    with open_store(url) as store:
        return {
            "store": store.name,
            "kind": "postgresql" if url.startswith("postgres") else "sqlite",
            "schema": store.schema_version(),
            **_log(ledger),
            "conflicts": _conflicts(known(store)),
            "rejects": store.count_rejects(),
            "erasures": store.count_erasures(),
            "live": _live(url, ledger.office, store),
            "events_per_second": round(_intake(store, watched_s), 1),
        }


def _log(ledger: Ledger) -> Json:
    log, suspense = ledger.log, ledger.folded.suspense
    last = log.slice(len(log) - 1).to_pylist()[0] if len(log) else None
    zone = ledger.office.zone
    return {
        "position": last["position"] if last else 0,
        "events": len(log),
        "dossiers": len(log["dossier"].combine_chunks().dictionary),
        "suspense": {
            "events": len(suspense.dossier),
            "dossiers": len(np.unique(suspense.dossier)),
        },
        "last_recorded": last["recorded"].astimezone(zone).isoformat() if last else None,
    }


def _live(url: str, office: Office, store: Store) -> Json | None:
    """How far the live ledger is that this user keeps of a store, and what came of its checks; None
    where there is none."""
    folder = folder_of(url, office)
    state = None if folder is None else folder.state()
    if state is None:
        return None
    return {
        "position": state.position,
        "lag": max(store.last_position() - state.position, 0),
        "checked": state.checks.dossiers,
        "differed": state.checks.differed,
        "last_difference": state.checks.last,
    }


def _conflicts(found: Conflicts) -> Json:
    return {"events": found.events, "examples": [one._asdict() for one in found.examples]}


def _intake(store: Store, for_s: float) -> float:
    """Events per second just now: those that the log gains while it is watched.

    The times at which events were recorded are no measure, because a source may set them itself.
    Neither are positions, because they may have gaps.
    """
    before, begun = store.last_position(), monotonic()
    sleep(for_s)
    after, watched_s = store.last_position(), monotonic() - begun
    return sum(1 for _ in store.read(before, after)) / watched_s
