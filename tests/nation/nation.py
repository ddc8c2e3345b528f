"""Has a nation the figures of its events, when a broker and a database crash on their way?

Province by province, events are made up, published, consumed, followed and exported. In the middle
one of those on PostgreSQL, the broker crashes and is started again, and then the database.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final, NamedTuple

from tests.nation.country import Province
from tests.nation.intake import Centre, Recorded, make_up, take_in
from tests.nation.report import WHOLE, Stated, from_nothing, of_ledgers

STAGES: Final = ("made up", "taken in and exported", "stated of ledgers", "folded from nothing")


class Tally(NamedTuple):
    """What was found of each province, of the nation from its ledgers, and of a fold from nothing;
    in which province servers crashed, and how many seconds each stage took."""

    provinces: dict[Province, Recorded]
    crashed: Province
    nation: Stated
    anew: Stated
    seconds: dict[str, float]

    def total(self, what: str) -> int:
        """The sum of a field of ``Recorded``."""
        return sum(getattr(each, what) for each in self.provinces.values())

    def complaints(self) -> list[str]:
        """What is not as it must be."""
        rejects = len(self.provinces)  # each sent one
        dossiers = sum(province.dossiers for province in self.provinces)
        must_be = {
            "messages": self.total("messages") == self.total("published") + rejects,
            "recorded": self.total("recorded") == self.total("published"),
            "rejects": self.total("rejects") == rejects,
            "dossiers": self.nation.received == dossiers,
            "digest": self.nation.digest == self.anew.digest,
            "report": self.nation.report == self.anew.report,
        }
        return [what for what, is_so in must_be.items() if not is_so]

    def lines(self) -> Iterator[str]:
        """It in words."""
        servers = sum(province.on_postgres for province in self.provinces)
        others = len(self.provinces) - servers
        yield f"{len(self.provinces)} provinces, {servers} on PostgreSQL, {others} on SQLite"
        yield f"Kafka and PostgreSQL killed and started again in {self.crashed.code}"
        yield f"{self.total('published'):,} events published"
        yield f"{self.total('messages'):,} messages in the topics"
        yield f"{self.total('recorded'):,} recorded, {self.total('repeats'):,} of them repeats"
        yield f"{self.total('rejects'):,} rejects"
        yield f"{self.total('ledger_bytes') / 1e6:,.1f} MB of ledgers"
        for name, stated in (("ledgers", self.nation), ("a fold from nothing", self.anew)):
            yield f"{stated.received:,} dossiers by {name}: {stated.digest}"
        yield f"not as it must be: {', '.join(self.complaints()) or 'nothing'}"
        yield ", ".join(f"{stage} {self.seconds[stage]:,.1f} s" for stage in STAGES)


def run(centre: Centre, some: Sequence[Province]) -> Tally:
    """Have the provinces of a nation live for ten years, in the middle one with crashes."""
    seconds = dict.fromkeys(STAGES, 0.0)
    found: dict[Province, Recorded] = {}
    on_postgres = [province for province in some if province.on_postgres]
    middle = on_postgres[len(on_postgres) // 2]
    for province in some:
        with timed(seconds, "made up"):
            sent = make_up(centre, province, WHOLE)
        with timed(seconds, "taken in and exported"):
            found[province] = take_in(centre, province, sent, with_crashes=province == middle)
    with timed(seconds, "stated of ledgers"):
        nation = of_ledgers(centre, some)
    with timed(seconds, "folded from nothing"):
        anew = from_nothing(centre)
    return Tally(found, middle, nation, anew, seconds)


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add to the time of a stage."""
    begun = monotonic()
    yield
    seconds[stage] += monotonic() - begun
