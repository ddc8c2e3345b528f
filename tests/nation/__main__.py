"""``make nation PART=100``: ten years of a nation, one of a hundred dossiers, and the tally.

All of it is in a folder for temporary files, and gone at the end: 1.5 kB for each event.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.command import no_more_commands
from tests.nation import nation
from tests.nation.country import provinces
from tests.nation.intake import Centre
from tests.services.kafka import Broker
from tests.services.postgres import Postgres
from tests.services.required import Missing
from tests.torment.running import Nursery


def main(part: int) -> int:
    """Have a nation live; returns 0 if all is as it must be."""
    with TemporaryDirectory(prefix="hoso-nation-") as name, Broker() as broker:
        folder = Path(name)
        with Postgres() as postgres, Nursery(folder) as nursery:
            broker.start()
            postgres.start()
            found = nation.run(Centre(folder, broker, postgres, nursery), provinces(part))
    sys.stdout.writelines(f"{line}\n" for line in found.lines())
    return bool(found.complaints())


if __name__ == "__main__":
    try:
        sys.exit(main(int(sys.argv[1])))
    except Missing as missing:
        sys.exit(str(missing))
    finally:
        no_more_commands()
