"""Foldings (cách gộp): where a form counts the accounts that it has no column for.

Forms II.06a and 07a, 07b, 07c have no column for dossiers paused, awaiting a supplement, returned
or cancelled. A folding says for every account in which column it is counted. The form names it
under the table.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from hoso.domain.accounts import ACCOUNTS, OPEN
from hoso.projections.documents.model import Bilingual
from hoso.projections.documents.vocabulary import added_up, capitalised
from hoso.projections.reports.basis.validation import Sourced, validated

RESOLVED_COLUMNS: Final = ("early", "on_time", "overdue")
IN_PROCESS_COLUMNS: Final = ("in_time", "in_process_overdue")
Added = Literal["taken_in", "apology", "stopped", "withdrawn"]
Accounts = Annotated[tuple[str, ...], Field(min_length=1)]


class Folding(Sourced):
    """The accounts that each column adds up: closed ones in the columns of what was resolved, open
    ones in those of what is in process. Every account is in exactly one column.

    ``added`` are columns that offices add to the form (``added_columns``). In ``explains``,
    ``{on_time}`` stands for the number of that column in the form; in ``source``, ``{form}`` stands
    for the circular and the name of the form.
    """

    title: Bilingual
    explains: Bilingual
    early: Accounts
    on_time: Accounts
    overdue: Accounts
    in_time: Accounts
    in_process_overdue: Accounts
    added: tuple[Added, ...] = ()

    def accounts(self, column: str) -> tuple[str, ...]:
        """The accounts of a column, one of RESOLVED_COLUMNS and IN_PROCESS_COLUMNS."""
        accounts: tuple[str, ...] = getattr(self, column)
        return accounts

    def notes(self, form: str, numbers: Mapping[str, str]) -> tuple[Bilingual, ...]:
        """What a form says of the folding under its table: what it does, what each column counts
        in the terms of the vocabulary, and its source.

        ``form`` is the circular and the name of the form; ``numbers`` has the number of each column
        by its key, such as ``(9)``.
        """
        source = self.source.replace("{form}", form)
        explains = Bilingual(*(_numbered(text, numbers) for text in self.explains))
        sums = [
            (numbers[column], added_up(self.accounts(column)))
            for column in (*RESOLVED_COLUMNS, *IN_PROCESS_COLUMNS)
        ]
        counts = Bilingual(
            "; ".join(f"cột {number} = {names.vi}" for number, names in sums),
            "; ".join(f"column {number} = {names.en}" for number, names in sums),
        )
        counts = Bilingual(*(f"{text}." for text in capitalised(counts)))
        return explains, counts, Bilingual(f"Căn cứ: {source}.", f"Source: {source}.")

    @model_validator(mode="after")
    def _has_each_account_once(self) -> "Folding":
        for columns, is_open in ((RESOLVED_COLUMNS, False), (IN_PROCESS_COLUMNS, True)):
            for column in columns:
                for name in self.accounts(column):
                    _check_account(column, name, is_open)
        every_column = (*RESOLVED_COLUMNS, *IN_PROCESS_COLUMNS)
        times = Counter(name for column in every_column for name in self.accounts(column))
        for name in ACCOUNTS:
            if times[name] != 1:
                fault = "is given more than once" if times[name] else "is in no column: add it"
                raise ValueError(f"{name} {fault}, as every dossier counts once")
        self._check_added()
        return self

    def _check_added(self) -> None:
        if len(set(self.added)) < len(self.added):
            raise ValueError("added: a column is given twice: leave one out")
        late = (*self.accounts("overdue"), *self.accounts("in_process_overdue"))
        others = [name for name in late if not name.endswith(".overdue")]
        if "apology" in self.added and others:
            raise ValueError(
                f"added: apology is only of overdue accounts: take {others[0]} out of the overdue "
                "columns, or leave apology out"
            )


def _check_account(column: str, name: str, is_open: bool) -> None:
    if name not in ACCOUNTS:
        raise ValueError(f"{column}: no account {name!r}: use {', '.join(ACCOUNTS)}")
    if (ACCOUNTS.index(name) in OPEN) != is_open:
        kind = "a closed account" if is_open else "an open account, of what is in process"
        raise ValueError(f"{column}: {name} is {kind}: the form's equations would not hold")


def _numbered(text: str, numbers: Mapping[str, str]) -> str:
    for column, number in numbers.items():
        text = text.replace(f"{{{column}}}", number)
    return text


def parse_folding(file: str, document: object) -> Folding:
    """The folding in a document, which was read from ``file``.

    Raises ``ValueError`` with one line: which key is wrong and how to mend it.
    """
    return validated(Folding, file, document)
