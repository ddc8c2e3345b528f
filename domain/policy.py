"""Which rules vary, and what are they set to?

The rule book (``domain.rules``) is fixed; these are the few points on which offices and
regulations differ, each with the source that sets its default.
"""

from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

RULE_BOOK: Final = "2026.1"  # raised whenever domain.rules can give another figure than before


class Terms(NamedTuple):
    """A policy as plain numbers, for the rules to read."""

    supplement_limit: int
    extend: int
    accept_once: int


class Policy(BaseModel):
    """The rules' parameters.

    ``supplement_limit``: a dossier with more supplement requests than this is overdue. Default 1,
    *the second request counts as overdue* (Decision 766/QĐ-TTg of 2022).

    ``after_supplement``: ``restart``, the time runs anew in full from the day the supplement
    comes in (NĐ 61/2018/NĐ-CP art. 19.4); or ``extend``, it goes on where it stopped.

    ``reschedule``: ``keep_original``, an apology and a new appointment leave the due day as it
    was (NĐ 61/2018/NĐ-CP arts 15-19); or ``accept_once``, the first one, given in time, moves it.

    Raises ``pydantic.ValidationError`` for any other value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    supplement_limit: int = Field(default=1, ge=0, le=1_000_000)
    after_supplement: Literal["restart", "extend"] = "restart"
    reschedule: Literal["keep_original", "accept_once"] = "keep_original"

    def terms(self) -> Terms:
        """The policy as the rules read it."""
        return Terms(
            self.supplement_limit,
            int(self.after_supplement == "extend"),
            int(self.reschedule == "accept_once"),
        )

    def as_json(self) -> dict[str, str | int]:
        """The policy as a statement names it."""
        return {"version": RULE_BOOK, **self.model_dump()}
