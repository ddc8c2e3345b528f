"""The provisions of the law: what each parameter of the rules is, from when to when, by which text.

Each provision has the days on which it is in force and the day on which it was published. So a
figure can be asked by the law of each event's own day, by one regime for the whole history, or by
the law as it was known on some day. No decree has a clause for dossiers received before it came
into force; by the general rule an act is judged by the law of its own day.

Sources: NĐ 61/2018/NĐ-CP, NĐ 118/2025/NĐ-CP, NĐ 309/2026/NĐ-CP. Nobody here has read NĐ 367/2025,
which amends NĐ 118, nor art. 15 of NĐ 309/2026, nor Decision 766's own text.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Final, Literal, NamedTuple

Value = int | str | None
# How certain it is that something is so: somebody here has read the text that says so; others say
# so, such as published reports; or it follows from what is known, but nothing says so.
Certainty = Literal["text read", "second-hand", "inferred"]


class InvalidProvisions(ValueError):
    """Provisions that do not say one thing for every day; the message says which, and when."""


class Provision(NamedTuple):
    """What one parameter is from ``first`` to ``last``, both included.

    ``first`` is None where it has always been so, ``last`` is None where no end is known.
    ``published`` is None where the day of publication is not known.
    """

    parameter: str
    value: Value
    first: date | None
    last: date | None
    published: date | None
    act: str
    article: str
    certainty: Certainty

    def check(self) -> None:
        """Raises ``InvalidProvisions`` for an unknown parameter, an impossible value, and an end
        before the beginning."""
        _check_value(self)
        if self.first and self.last and self.last < self.first:
            raise InvalidProvisions(
                f"{self.parameter}: ends on {self.last}, before it begins on {self.first}: "
                "correct one of the days"
            )

    @property
    def source(self) -> str:
        """Act, article and clause."""
        return f"{self.act} {self.article}"

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return (self.first or date.min) <= on <= (self.last or date.max)

    def is_known(self, as_of: date | None) -> bool:
        """Whether it was published by a day. Without a day of publication, it counts as published
        on the first day of the year in which it comes into force."""
        if as_of is None or self.first is None:
            return True
        return (self.published or date(self.first.year, 1, 1)) <= as_of


# What each parameter may be: numbers from 0 on, or one of some texts. None: there is none.
PARAMETERS: Final[Mapping[str, tuple[str, ...] | None]] = {
    "after_supplement": ("restart", "extend"),
    "supplement_limit": None,
    "reschedule": ("accept_once", "keep_original"),
    "reschedule_notice": None,
    "arrival_starts_clock": ("no", "yes"),
    "supplement_notice_days": None,
    "supplement_expiry_days": None,
    "intake_hours": None,
}
# The parameters that the fold reads; the others say what somebody must have done.
OF_THE_FOLD: Final = (
    "after_supplement",
    "supplement_limit",
    "reschedule",
    "reschedule_notice",
    "arrival_starts_clock",
)

ND61: Final = "NĐ 61/2018/NĐ-CP"
ND118: Final = "NĐ 118/2025/NĐ-CP"
ND309: Final = "NĐ 309/2026/NĐ-CP"
PUBLISHED: Final = {
    ND61: date(2018, 4, 23),
    ND118: date(2025, 6, 9),
    ND309: date(2026, 8, 5),
}
UNTIL_118: Final = date(2025, 6, 30)
FROM_118: Final = date(2025, 7, 1)
UNTIL_309: Final = date(2026, 8, 4)
FROM_309: Final = date(2026, 8, 5)


def _in_61(parameter: str, value: Value, article: str, certainty: Certainty) -> Provision:
    return Provision(parameter, value, None, UNTIL_118, PUBLISHED[ND61], ND61, article, certainty)


def _in_118(
    parameter: str, value: Value, last: date | None, article: str, certainty: Certainty
) -> Provision:
    return Provision(parameter, value, FROM_118, last, PUBLISHED[ND118], ND118, article, certainty)


def _in_309(parameter: str, value: Value, article: str, certainty: Certainty) -> Provision:
    return Provision(parameter, value, FROM_309, None, PUBLISHED[ND309], ND309, article, certainty)


PROVISIONS: Final[tuple[Provision, ...]] = (
    _in_61("after_supplement", "restart", "art. 19.4", "text read"),
    _in_118("after_supplement", "restart", None, "art. 19.5", "text read"),
    _in_61("supplement_limit", 1, "art. 11.2c; Decision 766/QĐ-TTg of 2022", "second-hand"),
    _in_118("supplement_limit", 1, UNTIL_309, "arts 11.2c, 16.3, 19.5", "inferred"),
    _in_309("supplement_limit", 1, "art. 8.1", "inferred"),
    _in_61("reschedule", "accept_once", "art. 19.9", "text read"),
    _in_118("reschedule", "accept_once", None, "art. 19.6", "text read"),
    _in_61("reschedule_notice", 1, "art. 19.9", "text read"),
    _in_118("reschedule_notice", 1, None, "art. 19.6", "text read"),
    _in_61("arrival_starts_clock", "no", "art. 17", "inferred"),
    _in_118("arrival_starts_clock", "no", UNTIL_309, "art. 17.3", "text read"),
    _in_309("arrival_starts_clock", "yes", "art. 8.3", "text read"),
    _in_61("supplement_notice_days", 3, "art. 19.4", "text read"),
    _in_118("supplement_notice_days", 3, None, "art. 19.5", "text read"),
    _in_61("supplement_expiry_days", None, "–", "text read"),
    _in_118("supplement_expiry_days", 15, None, "art. 19.5", "text read"),
    _in_61("intake_hours", None, "–", "text read"),
    _in_118("intake_hours", 8, None, "art. 17.2c", "text read"),
)


def check(provisions: Sequence[Provision]) -> None:
    """Raises ``InvalidProvisions`` for a provision that is wrong (``Provision.check``), and where a
    parameter has no provision on a day, or two."""
    for provision in provisions:
        provision.check()
    for parameter in PARAMETERS:
        _check_days(parameter, _of(parameter, provisions))


def _check_value(provision: Provision) -> None:
    name, value = provision.parameter, provision.value
    if name not in PARAMETERS:
        raise InvalidProvisions(f"no parameter {name!r}: use {', '.join(PARAMETERS)}")
    texts = PARAMETERS[name]
    if value is None and name in OF_THE_FOLD:
        raise InvalidProvisions(f"{name}: has no value: the rules need one")
    if texts is not None and value not in texts:
        raise InvalidProvisions(f"{name}: no value {value!r}: use {' or '.join(texts)}")
    if texts is None and value is not None and (not isinstance(value, int) or value < 0):
        raise InvalidProvisions(f"{name}: no value {value!r}: use a number from 0 on, or nothing")


def _check_days(parameter: str, rows: Sequence[Provision]) -> None:
    if not rows:
        raise InvalidProvisions(f"{parameter}: has no provision: add one")
    if rows[0].first is not None:
        raise InvalidProvisions(
            f"{parameter}: has no provision before {rows[0].first}: leave its first day out, or "
            "add one"
        )
    for one, following in pairwise(rows):
        begins = following.first or date.min
        if one.last is None or one.last >= begins:
            raise InvalidProvisions(f"{parameter}: has two provisions on {begins}: end the first")
        if one.last + timedelta(1) < begins:
            gap = one.last + timedelta(1)
            raise InvalidProvisions(f"{parameter}: has no provision on {gap}: close the gap")
    if rows[-1].last is not None:
        raise InvalidProvisions(
            f"{parameter}: has no provision after {rows[-1].last}: leave its last day out, or add "
            "one"
        )


def _of(parameter: str, provisions: Iterable[Provision]) -> list[Provision]:
    rows = [each for each in provisions if each.parameter == parameter]
    return sorted(rows, key=lambda each: each.first or date.min)


def known(provisions: Sequence[Provision], as_of: date | None) -> tuple[Provision, ...]:
    """The provisions published by a day (None: all). Each goes on until another begins that was
    published by then: before that, nobody knew of an end."""
    return tuple(_known(provisions, as_of))


def _known(provisions: Sequence[Provision], as_of: date | None) -> Iterator[Provision]:
    for parameter in PARAMETERS:
        rows = [each for each in _of(parameter, provisions) if each.is_known(as_of)]
        for row, following in zip_longest(rows, rows[1:]):
            begins = None if following is None else following.first
            yield row._replace(last=None if begins is None else begins - timedelta(1))


def frozen(provisions: Sequence[Provision], on: date) -> tuple[Provision, ...]:
    """The provisions in force on a day, as if each had always been and would always be so."""
    in_force = (each for each in provisions if each.is_in_force(on))
    return tuple(each._replace(first=None, last=None) for each in in_force)


def in_force(provisions: Sequence[Provision], parameter: str, on: date) -> Provision:
    """The provision that says what a parameter is on a day."""
    return next(each for each in provisions if each.parameter == parameter and each.is_in_force(on))


def edition(provisions: Iterable[Provision], rule_book: str) -> str:
    """A fingerprint of provisions, and of the rule book that reads them: 12 hexadecimal digits."""
    rows = sorted(str(tuple(map(str, provision))) for provision in provisions)
    return hashlib.sha256("\n".join([rule_book, *rows]).encode()).hexdigest()[:12]


class Regime(NamedTuple):
    """A named set of provisions: those in force on each event's own day, or those of one day
    (``frozen_on``) for the whole history; with some parameters pinned."""

    frozen_on: date | None
    pinned: Mapping[str, Value]
    says: str


IN_FORCE: Final = "in_force"
REGIMES: Final[Mapping[str, Regime]] = {
    IN_FORCE: Regime(None, {}, "each event by the law of its own day"),
    "nd61-2018": Regime(UNTIL_118, {}, f"{ND61} for the whole history"),
    "nd118-2025": Regime(UNTIL_309, {}, f"{ND118} for the whole history"),
    "nd309-2026": Regime(FROM_309, {}, f"{ND309} for the whole history"),
    # The national portal subtracts the time of a supplement against the synced appointment.
    "portal-2026": Regime(None, {"after_supplement": "extend"}, "the practice of the portal"),
}
