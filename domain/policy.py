"""The parameters of the rules, their defaults, and the source of each default.

The rule book (``domain.rules``) is the same for everybody. Offices and regulations differ only in
these parameters.
"""

from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

# Raise it whenever a change in domain.rules can change a figure.
RULE_BOOK: Final = "2026.1"


class Terms(NamedTuple):
    """A policy as the rules read it: ``extend`` and ``accept_once`` are 1 or 0."""

    supplement_limit: int
    extend: int
    accept_once: int


class Policy(BaseModel):
    """The rules' parameters.

    ``supplement_limit``: a dossier with more supplement requests than this is overdue. The default
    is 1: *the second request counts as overdue* (Decision 766/QĐ-TTg of 2022).

    ``after_supplement``: with ``restart``, the default, the full time runs again from the day on
    which the supplement comes in (NĐ 61/2018/NĐ-CP art. 19.4). With ``extend`` the clock goes on
    where it stopped.

    ``reschedule``: with ``keep_original``, the default, an apology and a new appointment do not
    change the due day (NĐ 61/2018/NĐ-CP arts 15-19). With ``accept_once`` the first new appointment
    moves the due day, if the dossier is not overdue by then.

    Raises ``pydantic.ValidationError`` for any other value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    supplement_limit: int = Field(default=1, ge=0, le=1_000_000)
    after_supplement: Literal["restart", "extend"] = "restart"
    reschedule: Literal["keep_original", "accept_once"] = "keep_original"

    def terms(self) -> Terms:
        """The policy as plain numbers."""
        return Terms(
            self.supplement_limit,
            int(self.after_supplement == "extend"),
            int(self.reschedule == "accept_once"),
        )

    def as_json(self) -> dict[str, str | int]:
        """The policy as it stands in a statement, with the version of the rule book."""
        return {"version": RULE_BOOK, **self.model_dump()}
