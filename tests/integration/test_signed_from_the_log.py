"""Is what is signed made from the log itself, even where the store's cache was tampered with?"""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest

from hoso.projections.cache.kinds import COLUMNS
from hoso.projections.log import streams
from hoso.projections.log.schema import integers
from hoso.tools.sources import store
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource
from tests.command import answered, done
from tests.engine import LOCAL
from tests.proved import events, give

KEY = ("--source", "sqlite:///hoso.db", "--key", "key.pem")
WINDOW = ("--from", "2023-01-01", "--to", "2023-06-30")
LATER_US = 86_400_000_000


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose cached columns have each event a day later than its log."""
    folder = tmp_path_factory.mktemp("office")
    url = f"sqlite:///{folder}/hoso.db"
    give(url, events(60))
    done(folder, "key", "--out", "key.pem")
    source = StoreSource(url, Options(LOCAL))
    name, log = source._columns_name(), source.history()
    [entry] = source.cache.read(COLUMNS, name)
    place, later = log.schema.get_field_index("occurred"), integers(log["occurred"]) + LATER_US
    column = pa.array(later.astype(np.int64)).cast(log.schema.field("occurred").type)
    changed = log.set_column(place, log.schema.field("occurred"), column)
    body = streams.to_bytes(changed.combine_chunks())
    source.cache.write(COLUMNS, name, [entry._replace(body=body)])
    assert StoreSource(url, Options(LOCAL)).history()["occurred"].equals(changed["occurred"])
    return folder


@pytest.mark.parametrize(
    "call",
    [
        ("checkpoint", "--out", "checkpoint.note"),
        ("release", "statement", *WINDOW, "--out", "release"),
        ("ledger", "export", "--out", "office.ledger"),
    ],
)
def test_what_was_kept_of_events_is_not_signed(office: Path, call: tuple[str, ...]) -> None:
    with patch.object(store, "BATCH_EVENTS", 10):  # so few events would not be taken from there
        assert answered(office, *call, *KEY).status == 0
    source, signer = KEY[:2], ("--key", "key.pem.pub")
    assert answered(office, "verify", *source, *signer).status == 0
    if call[0] == "release":
        assert answered(office, "verify", "release", *source, *signer).status == 0
