"""How often is a history folded for the statements of many windows?"""

from datetime import date, datetime

import pytest

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.office import Office
from hoso.domain.windows import named_window
from hoso.projections.ledger.ledger import Ledger
from hoso.tools.inputs.questions import RollUp
from hoso.tools.jobs.statement import Agencies, Asked, statements
from hoso.tools.serve.history import TableSource
from tests.engine import log_of, office
from tests.told import received

MONTHS = [named_window(f"2023-{month:02}") for month in range(1, 13)]
DATED = AgencyRegistry([Agency("a", "A", "province", None, date(2020, 1, 1))])


class Counted(TableSource):
    """A history that counts how often it is folded."""

    folds = 0

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        self.folds += 1
        return super().ledger(office, as_of)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(None, ()),
        Asked(None, (), only={"channel": ["online"]}),
        Asked(None, ("agency",), agencies=Agencies(DATED, "a.csv", RollUp.then)),
    ],
    ids=["all dossiers", "a slice", "the agencies of each window's last day"],
)
def test_statements_of_many_windows_take_one_fold(asked: Asked) -> None:
    history = Counted("history", log_of([received("2023-01-05", 5)]), ())
    stated = statements(history, asked, [office()], MONTHS)
    assert [each["window"]["from"] for each in stated] == [w.first.isoformat() for w in MONTHS]
    assert history.folds == 1
