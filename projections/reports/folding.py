"""Where does form II.06a count what it has no column for? A folding (cách gộp).

The form knows neither paused nor awaited, neither returned nor cancelled: a folding says for every
account in which column it counts, and is named under the table.
"""

from collections import Counter
from typing import Annotated, Final

from pydantic import Field, model_validator

from hoso.domain.accounts import ACCOUNTS, OPEN
from hoso.projections.documents.model import Bilingual
from hoso.projections.reports.inputs import checked
from hoso.projections.reports.profiles import Sourced

RESOLVED: Final = ("early", "on_time", "overdue")  # columns (8) to (10)
IN_PROCESS: Final = ("in_time", "in_process_overdue")  # columns (12) and (13)
Accounts = Annotated[tuple[str, ...], Field(min_length=1)]


class Folding(Sourced):
    """The accounts that each column adds up: closed ones the columns of what was resolved, open
    ones those of what is in process."""

    title: Bilingual
    explains: Bilingual
    early: Accounts
    on_time: Accounts
    overdue: Accounts
    in_time: Accounts
    in_process_overdue: Accounts

    def of(self, column: str) -> tuple[str, ...]:
        """The accounts of a column, one of RESOLVED and IN_PROCESS."""
        accounts: tuple[str, ...] = getattr(self, column)
        return accounts

    @model_validator(mode="after")
    def _has_each_once(self) -> "Folding":
        for columns, open_ones in ((RESOLVED, False), (IN_PROCESS, True)):
            for column in columns:
                for name in self.of(column):
                    _refuse_elsewhere(column, name, open_ones)
        times = Counter(name for column in (*RESOLVED, *IN_PROCESS) for name in self.of(column))
        for name in ACCOUNTS:
            if times[name] != 1:
                fault = "stands in no column: add it" if not times[name] else "stands there twice"
                raise ValueError(f"{name} {fault}, as every dossier counts once")
        return self


def _refuse_elsewhere(column: str, name: str, open_ones: bool) -> None:
    if name not in ACCOUNTS:
        raise ValueError(f"{column}: no account {name!r}: use {', '.join(ACCOUNTS)}")
    if (ACCOUNTS.index(name) in OPEN) != open_ones:
        kind = "an open account, of what is in process" if not open_ones else "a closed account"
        raise ValueError(f"{column}: {name} is {kind}: the form's equations would not hold")


def folding(name: str, document: object) -> Folding:
    """The folding that a document gives, ``name`` being its file's.

    Raises ``ValueError``, one line that says which key is wrong and how to mend it.
    """
    return checked(Folding, name, document)
