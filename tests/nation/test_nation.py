"""A nation in small: four provinces with some dozens of dossiers. ``make nation`` has all 34."""

from pathlib import Path

from tests.nation import nation
from tests.nation.country import provinces
from tests.nation.intake import Centre
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.torment.running import Nursery

PART = 300_000  # of 300 million dossiers in ten years
EACH = 9  # of 34 provinces: two on PostgreSQL, two on SQLite


def test_a_nation_has_the_figures_of_its_events(
    broker: Broker, postgres: Postgres, nursery: Nursery, tmp_path: Path
) -> None:
    centre = Centre(tmp_path, broker, postgres, nursery)
    found = nation.run(centre, provinces(PART)[::EACH])
    print("\n".join(found.lines()))
    assert found.complaints() == []
    assert found.total("repeats") > 0
