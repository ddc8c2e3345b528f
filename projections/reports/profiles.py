"""What is scored, for how many points? Profiles: the index of Decision 766, the nine criteria.

Maxima, what earns them in full, ranks and their names are data, each with its source and how sure
it is; provinces differ, and write a profile of their own. What a measure counts is code
(``inputs.Measure``).

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from hoso.projections.documents.model import Bilingual
from hoso.projections.reports.inputs import Measure, Number, Percent, checked, written

Points = Annotated[Decimal, Field(ge=0)]
Positive = Annotated[Decimal, Field(gt=0)]
Places = Annotated[int, Field(ge=0, le=10)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Certainty = Literal[
    "law",  # the text of the law says so
    "published",  # reports and portals that were published follow it
    "inferred",  # it follows from what is known, and nobody has said it
]
CASES: Final[Mapping[str, tuple[str, ...]]] = {  # how a dossier, or a step, may have gone
    "time": ("early", "on_time", "overdue"),
    "steps": ("early", "on_time", "overdue"),
    "contacts": ("none", "once", "more"),
    "bodies": ("none", "once", "more"),
    "disputes": ("early", "on_time", "otherwise"),
}


CERTAINTIES: Final[Mapping[Certainty, Bilingual]] = {
    "law": Bilingual("văn bản quy định", "law"),
    "published": Bilingual("báo cáo đã công bố", "published"),
    "inferred": Bilingual("suy ra", "inferred"),
}


class Sourced(BaseModel):
    """What has a source, and how sure it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Field(min_length=1)]
    certainty: Certainty


class Rank(BaseModel):
    """A rank (xếp loại): from how many points on, that number included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: Points
    name: Bilingual


class Ranks(Sourced):
    """Ranks, from the best on; the last is for whoever has reached no other."""

    ranks: Annotated[tuple[Rank, ...], Field(min_length=1)]

    @field_validator("ranks")
    @classmethod
    def _descend(cls, ranks: tuple[Rank, ...]) -> tuple[Rank, ...]:
        bounds = [rank.at_least for rank in ranks]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
            raise ValueError("the bounds do not fall to 0: begin with the best, end at_least 0")
        return ranks

    def of(self, points: Fraction | None) -> Bilingual | None:
        """The rank of some points: the best whose bound they reach; None where there are none."""
        if points is None:
            return None
        return next(rank.name for rank in self.ranks if points >= rank.at_least)

    def said(self) -> Bilingual:
        """From how many points on each is given, in words."""
        *others, last = self.ranks
        bounds = [(rank.name, written(Fraction(rank.at_least))) for rank in others]
        vi = ", ".join(f"{name.vi} từ {bound.vi}" for name, bound in bounds)
        en = ", ".join(f"{name.en} from {bound.en}" for name, bound in bounds)
        return Bilingual(
            f"Xếp loại theo điểm chưa làm tròn: {vi}, còn lại {last.name.vi}.",
            f"Ranked by points before they are rounded: {en}, else {last.name.en}.",
        )


class Part(Sourced):
    """A part of a group: of ``max`` points all from a rate of ``full_marks_at`` percent on, and in
    proportion below. ``without_data`` is what becomes of it where there is nothing to measure:
    ``left_out`` of the total and of what it is out of, or ``full_marks``."""

    key: Key
    name: Bilingual
    max: Positive
    measure: Measure
    full_marks_at: Annotated[Percent, Field(gt=0)] = Decimal(100)
    without_data: Literal["left_out", "full_marks"] = "left_out"


class Group(BaseModel):
    """A group of parts (nhóm chỉ số) of the index."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Key
    name: Bilingual
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    @property
    def max(self) -> Decimal:
        """How many points it gives at most."""
        return sum((part.max for part in self.parts), Decimal())


class IndexProfile(BaseModel):
    """How the index is scored: ``out_of`` points in all. ``rate_places`` are the decimals that a
    rate in percent is rounded to (half-up) before it is scored; None: it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Bilingual
    source: str
    out_of: Positive
    rate_places: Places | None = None
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    ranking: Ranks

    @model_validator(mode="after")
    def _whole(self) -> "IndexProfile":
        _refuse_twice("group", (group.key for group in self.groups))
        _refuse_twice("part", (part.key for group in self.groups for part in group.parts))
        _refuse_other_sum("groups", (group.max for group in self.groups), self.out_of)
        return self


class Numbered(Sourced):
    """A criterion (chỉ số) of ``max`` points."""

    number: Annotated[int, Field(ge=1, le=9)]
    name: Bilingual
    max: Positive


class PerCase(Numbered):
    """A criterion that each dossier, or step, earns points for, by how it went (CASES)."""

    measure: Literal["time", "steps", "contacts", "bodies", "disputes"]
    points: Mapping[str, Points]

    @field_validator("points")
    @classmethod
    def _each_case(cls, points: Mapping[str, Points], info: ValidationInfo) -> Mapping[str, Points]:
        cases = CASES.get(info.data.get("measure", ""), ())
        if set(points) != set(cases):
            raise ValueError(f"gives points for other cases: write {', '.join(cases)}")
        _refuse_more(points.values(), info.data.get("max"))
        return points


class PerShare(Numbered):
    """A criterion that a share earns points for: ``max`` if it is all, else in proportion."""

    measure: Literal["one_stop", "publication", "complaints_in_time"]


class Tier(BaseModel):
    """What earns ``points``: so many percent of procedures offered online at least, so many of
    dossiers handed in online at least, and at most so many of those overdue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    procedures: Percent
    dossiers: Percent
    overdue: Number
    points: Points


class Online(Numbered):
    """The criterion of online service: points of the first tier that is reached, or none."""

    measure: Literal["online"]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]

    @field_validator("tiers")
    @classmethod
    def _within(cls, tiers: tuple[Tier, ...], info: ValidationInfo) -> tuple[Tier, ...]:
        _refuse_more((tier.points for tier in tiers), info.data.get("max"))
        return tiers


Criterion = Annotated[PerCase | PerShare | Online, Field(discriminator="measure")]


class Officials(Ranks):
    """How officials are ranked: by what ``criteria`` add up to."""

    criteria: Annotated[tuple[int, ...], Field(min_length=1)]


class ScorecardProfile(BaseModel):
    """How the scorecard is scored: ``out_of`` points in all. ``places`` are the decimals that each
    criterion is rounded to (half-up)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Bilingual
    source: str
    out_of: Positive
    places: Places
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    ranking: Ranks
    officials: Officials

    @model_validator(mode="after")
    def _whole(self) -> "ScorecardProfile":
        numbers = [criterion.number for criterion in self.criteria]
        _refuse_twice("criterion", map(str, numbers))
        _refuse_other_sum("criteria", (each.max for each in self.criteria), self.out_of)
        if other := set(self.officials.criteria) - set(numbers):
            raise ValueError(
                f"officials have the criterion {min(other)}, which is not there: add it"
            )
        return self


def index_profile(name: str, document: object) -> IndexProfile:
    """The profile of an index that a document gives, ``name`` being its file's.

    Raises ``ValueError``, one line that says which key is wrong and how to mend it.
    """
    return checked(IndexProfile, name, document)


def scorecard_profile(name: str, document: object) -> ScorecardProfile:
    """The profile of a scorecard that a document gives, ``name`` being its file's.

    Raises ``ValueError``, one line that says which key is wrong and how to mend it.
    """
    return checked(ScorecardProfile, name, document)


def _refuse_more(points: Iterable[Decimal], most: Decimal | None) -> None:
    if most is not None and (found := max(points)) > most:  # None: it is wrong itself
        raise ValueError(f"gives {found} points, max says {most}: mend one")


def _refuse_twice(what: str, keys: Iterable[str]) -> None:
    (key, times), *_ = Counter(keys).most_common(1)
    if times > 1:
        raise ValueError(f"the {what} {key!r} stands there twice: leave one out")


def _refuse_other_sum(what: str, maxima: Iterable[Decimal], out_of: Decimal) -> None:
    if (total := sum(maxima, Decimal())) != out_of:
        raise ValueError(f"the {what} give {total} points at most, out_of says {out_of}: mend one")
