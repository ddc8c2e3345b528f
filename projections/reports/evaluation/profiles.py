"""Profiles: by which points, maxima and ranks the index and the scorecard are scored.

A profile is data: a YAML file with each value's source and certainty. Provinces that score
differently write their own. What a rate or a case counts is code (``body_rates``, ``scorecard``).

Sources: Decision 766/QĐ-TTg of 2022; TT 01/2018/TT-VPCP arts 13-15.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from hoso.domain.provisions import Certainty
from hoso.projections.documents.model import Bilingual
from hoso.projections.reports.basis.validation import Percent, Sourced, WholeNumber, validated
from hoso.projections.reports.evaluation.body_rates import RateName
from hoso.projections.reports.tables.points import number_text

NonNegative = Annotated[Decimal, Field(ge=0)]
Positive = Annotated[Decimal, Field(gt=0)]
Places = Annotated[int, Field(ge=0, le=10)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
CERTAINTY_NAMES: Final[Mapping[Certainty, Bilingual]] = {
    "text read": Bilingual("đã đọc văn bản", "text read"),
    "second-hand": Bilingual("theo nguồn khác, như báo cáo đã công bố", "second-hand"),
    "inferred": Bilingual("suy ra", "inferred"),
}
# The cases that a dossier or step may be, by the measure of a criterion.
CASES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("early", "on_time", "overdue"),
    "steps": ("early", "on_time", "overdue"),
    "contacts": ("none", "once", "more"),
    "bodies": ("none", "once", "more"),
    "disputes": ("early", "on_time", "otherwise"),
}
# The rates by which bodies are graded, by the measure of a criterion.
GRADED_RATES: Final[Mapping[str, tuple[RateName, ...]]] = {
    "one_stop": ("one_stop", "one_stop_decided"),
    "publication": ("publication_posted", "publication_electronic"),
    "complaints_in_time": ("complaints_in_time",),
}


class Rank(BaseModel):
    """A rank (xếp loại), for ``at_least`` so many points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: NonNegative
    name: Bilingual


class Ranking(Sourced):
    """Ranks from the best down; the last one begins at 0."""

    ranks: Annotated[tuple[Rank, ...], Field(min_length=1)]

    @field_validator("ranks")
    @classmethod
    def _descend(cls, ranks: tuple[Rank, ...]) -> tuple[Rank, ...]:
        bounds = [rank.at_least for rank in ranks]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
            raise ValueError("the bounds do not fall to 0: begin with the best, end at_least 0")
        return ranks

    def rank(self, points: Fraction | None) -> Bilingual | None:
        """The name of the best rank that some points reach; None without points."""
        if points is None:
            return None
        return next(rank.name for rank in self.ranks if points >= rank.at_least)

    def note(self) -> Bilingual:
        """A sentence that names each rank and its bound."""
        *others, last = self.ranks
        bounds = [(rank.name, number_text(Fraction(rank.at_least))) for rank in others]
        vi = ", ".join(f"{name.vi} từ {bound.vi}" for name, bound in bounds)
        en = ", ".join(f"{name.en} from {bound.en}" for name, bound in bounds)
        return Bilingual(
            f"Xếp loại theo điểm chưa làm tròn: {vi}, còn lại {last.name.vi}.",
            f"Ranked by points before they are rounded: {en}, else {last.name.en}.",
        )


class Indicator(Sourced):
    """An indicator of the index (chỉ số thành phần): a part of a group.

    It scores ``max`` points for a rate of ``full_marks_at`` percent and more, and proportionally
    less below. ``without_data`` says what happens where the rate is 0 of 0: the indicator is left
    out of the points and of the maximum, or it scores full marks. A rate that is not known is
    always left out.
    """

    key: Key
    name: Bilingual
    max: Positive
    measure: RateName
    full_marks_at: Annotated[Percent, Field(gt=0)] = Decimal(100)
    without_data: Literal["left_out", "full_marks"] = "left_out"


class IndicatorGroup(BaseModel):
    """A group of indicators (nhóm chỉ số)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Key
    name: Bilingual
    parts: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    @property
    def max(self) -> Decimal:
        """The most points that it can score."""
        return sum((indicator.max for indicator in self.parts), Decimal())


class IndexProfile(BaseModel):
    """How the index is scored: ``out_of`` points in all.

    Rates in percent are rounded half up to ``rate_places`` decimals before they are scored; None:
    they are not rounded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Bilingual
    source: str
    out_of: Positive
    rate_places: Places | None = None
    groups: Annotated[tuple[IndicatorGroup, ...], Field(min_length=1)]
    ranking: Ranking

    def indicators(self) -> list[Indicator]:
        """The indicators of all groups."""
        return [indicator for group in self.groups for indicator in group.parts]

    def counts_cancelled(self) -> bool:
        """Whether cancelled dossiers count, by their timeliness, in the progress."""
        return any(indicator.measure == "on_time_of_all" for indicator in self.indicators())

    def counts_fees(self) -> bool:
        """Whether online payment is measured by dossiers with a financial obligation."""
        return any(indicator.measure == "fees_paid_online" for indicator in self.indicators())

    @model_validator(mode="after")
    def _adds_up(self) -> "IndexProfile":
        _refuse_duplicate("group", (group.key for group in self.groups))
        _refuse_duplicate("part", (indicator.key for indicator in self.indicators()))
        _refuse_other_sum("groups", (group.max for group in self.groups), self.out_of)
        return self


class _Criterion(Sourced):
    """A criterion (chỉ số) of the scorecard."""

    number: Annotated[int, Field(ge=1, le=9)]
    name: Bilingual
    max: Positive


class CaseCriterion(_Criterion):
    """A criterion for which each dossier, or step, scores the points of its case (CASES)."""

    measure: Literal["time", "steps", "contacts", "bodies", "disputes"]
    points: Mapping[str, NonNegative]

    @field_validator("points")
    @classmethod
    def _has_each_case(
        cls, points: Mapping[str, NonNegative], info: ValidationInfo
    ) -> Mapping[str, NonNegative]:
        cases = CASES.get(info.data.get("measure", ""), ())
        if set(points) != set(cases):
            raise ValueError(f"gives points for other cases: write {', '.join(cases)}")
        _refuse_more(points.values(), info.data.get("max"))
        return points


class Grade(BaseModel):
    """What scores ``points``: each rate of ``at_least`` reaches its bound, in percent. ``level`` is
    the level of the bodies that the grade is for; None: all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: NonNegative
    level: Literal["province", "district", "commune"] | None = None
    at_least: Annotated[Mapping[RateName, Percent], Field(min_length=1)]


class GradedCriterion(_Criterion):
    """A criterion that scores the points of the first grade that a body reaches, 0 for none."""

    measure: Literal["one_stop", "publication", "complaints_in_time"]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]

    @field_validator("grades")
    @classmethod
    def _are_of_the_measure(
        cls, grades: tuple[Grade, ...], info: ValidationInfo
    ) -> tuple[Grade, ...]:
        points = [grade.points for grade in grades]
        _refuse_more(points, info.data.get("max"))
        if points != sorted(points, reverse=True):
            raise ValueError("the points of the grades do not fall: begin with the best")
        if known := GRADED_RATES.get(info.data.get("measure", "")):
            used = [rate for grade in grades for rate in grade.at_least]
            if other := [rate for rate in used if rate not in known]:
                raise ValueError(f"{other[0]} is no rate of this measure: use {', '.join(known)}")
        return grades


class OnlineTier(BaseModel):
    """What scores ``points``: at least ``procedures`` percent of procedures offered online, and not
    none of them; at least ``dossiers`` percent of dossiers submitted online, and at most
    ``overdue`` of these overdue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    procedures: Percent
    dossiers: Percent
    overdue: WholeNumber
    points: NonNegative


class OnlineCriterion(_Criterion):
    """The criterion of online service: it scores the points of the first tier that is reached."""

    measure: Literal["online"]
    tiers: Annotated[tuple[OnlineTier, ...], Field(min_length=1)]

    @field_validator("tiers")
    @classmethod
    def _within_max(
        cls, tiers: tuple[OnlineTier, ...], info: ValidationInfo
    ) -> tuple[OnlineTier, ...]:
        _refuse_more((tier.points for tier in tiers), info.data.get("max"))
        return tiers


Criterion = Annotated[
    CaseCriterion | GradedCriterion | OnlineCriterion, Field(discriminator="measure")
]


class OfficialsRanking(Ranking):
    """How officials are ranked: by the sum of some ``criteria``, given by number."""

    criteria: Annotated[tuple[int, ...], Field(min_length=1)]


class ScorecardProfile(BaseModel):
    """How the scorecard is scored: ``out_of`` points in all. The average of each criterion is
    rounded half up to ``places`` decimals (TT 01/2018/TT-VPCP art. 15.2a: one)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Bilingual
    source: str
    out_of: Positive
    places: Places
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    ranking: Ranking
    officials: OfficialsRanking

    @model_validator(mode="after")
    def _adds_up(self) -> "ScorecardProfile":
        numbers = [criterion.number for criterion in self.criteria]
        _refuse_duplicate("criterion", map(str, numbers))
        _refuse_other_sum("criteria", (each.max for each in self.criteria), self.out_of)
        if other := set(self.officials.criteria) - set(numbers):
            raise ValueError(
                f"officials have the criterion {min(other)}, which is not there: add it"
            )
        return self


def parse_index_profile(file: str, document: object) -> IndexProfile:
    """The profile of the index in a document, which was read from ``file``.

    Raises ``ValueError`` with one line: which key is wrong and how to mend it.
    """
    return validated(IndexProfile, file, document)


def parse_scorecard_profile(file: str, document: object) -> ScorecardProfile:
    """The profile of the scorecard in a document, which was read from ``file``.

    Raises ``ValueError`` with one line: which key is wrong and how to mend it.
    """
    return validated(ScorecardProfile, file, document)


def _refuse_more(points: Iterable[Decimal], most: Decimal | None) -> None:
    """Refuse more points than the maximum, which is None if it is itself wrong."""
    if most is not None and (highest := max(points)) > most:
        raise ValueError(f"gives {highest} points, max says {most}: mend one")


def _refuse_duplicate(what: str, keys: Iterable[str]) -> None:
    (key, times), *_ = Counter(keys).most_common(1)
    if times > 1:
        raise ValueError(f"the {what} {key!r} is given twice: leave one out")


def _refuse_other_sum(what: str, maxima: Iterable[Decimal], out_of: Decimal) -> None:
    if (total := sum(maxima, Decimal())) != out_of:
        raise ValueError(f"the {what} give {total} points at most, out_of says {out_of}: mend one")
