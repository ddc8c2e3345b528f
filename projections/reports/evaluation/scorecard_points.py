"""Scores the nine criteria of a body (9 chỉ số đánh giá), 18 points in all.

A criterion is the rounded average of what its dossiers score, or the grade that the body reaches.
Criteria without data are left out of the points and of the maximum; the total is the points scaled
to the full maximum.

Source: TT 01/2018/TT-VPCP arts 13-15, with NĐ 61/2018/NĐ-CP in force until 30/06/2025; provinces
still use it.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual, DrillDown, Rounding
from hoso.projections.documents.vocabulary import OVERDUE
from hoso.projections.reports.basis.bodies import Body
from hoso.projections.reports.basis.cube import Cube, noting_reads
from hoso.projections.reports.basis.inputs import BodiesContacted, Catalogue, Entered
from hoso.projections.reports.evaluation.body_rates import Rate, RateName, body_rate
from hoso.projections.reports.evaluation.profiles import (
    GRADED_RATES,
    CaseCriterion,
    Criterion,
    Grade,
    GradedCriterion,
    OnlineCriterion,
    ScorecardProfile,
)
from hoso.projections.reports.tables.points import number_text, to_decimal

NO_SURVEY: Final = BodiesContacted()
NO_COMPLAINTS: Final = Bilingual("không có phản ánh, kiến nghị", "no complaints")
RATE_TITLES: Final[Mapping[RateName, Bilingual]] = {
    "one_stop": Bilingual(
        "tiếp nhận, trả kết quả tại Bộ phận Một cửa", "served at one-stop office"
    ),
    "one_stop_decided": Bilingual("phê duyệt tại Bộ phận Một cửa", "decided at one-stop office"),
    "publication_posted": Bilingual("niêm yết", "posted"),
    "publication_electronic": Bilingual("công khai điện tử", "published electronically"),
    "complaints_in_time": Bilingual("phản ánh, kiến nghị đúng hạn", "complaints settled in time"),
}


class CriterionScore(NamedTuple):
    """The points of a criterion; ``how`` is their calculation in words, ``reads`` are the figures
    that they follow from."""

    points: Fraction
    how: Bilingual
    reads: tuple[DrillDown, ...] = ()


class Scorecard(NamedTuple):
    """The scorecard of a body.

    ``criteria`` has the scores by number, without those that have no data. ``points`` is their sum,
    ``out_of`` their maximum, and ``total`` the points scaled to the maximum of the profile.
    ``officials`` are the points by which officials are ranked. Without them there is no total.
    """

    criteria: Mapping[int, CriterionScore]
    points: Fraction
    out_of: Fraction
    total: Fraction | None
    officials: Fraction | None


def scorecard_of(
    profile: ScorecardProfile,
    body: Body,
    entered: Entered,
    procedures: Catalogue,
    level: str | None = None,
) -> Scorecard:
    """The scorecard of a body of some level. The criteria of officials are those that dossiers
    score, so a body without any of these had no dossier to score, and has no total."""
    criteria = {}
    for criterion in profile.criteria:
        score = score_criterion(criterion, profile.places, body, entered, procedures, level)
        if score is not None:
            criteria[criterion.number] = score
    points, out_of = _points_and_maximum(profile, criteria, criteria)
    officials = scaled_points(profile, criteria, profile.officials.criteria)
    total = None if officials is None else Fraction(profile.out_of) * points / out_of
    return Scorecard(criteria, points, out_of, total, officials)


def score_criterion(
    criterion: Criterion,
    places: int,
    body: Body,
    entered: Entered,
    procedures: Catalogue,
    level: str | None = None,
) -> CriterionScore | None:
    """The score of a criterion, rounded to ``places`` decimals; None without data.

    It comes from events where these are known, otherwise from what was entered.
    """
    with noting_reads() as read:
        match criterion:
            case CaseCriterion():
                score = _score_cases(criterion, case_counts(criterion.measure, body.cube, entered))
            case GradedCriterion():
                score = _score_grades(criterion, body, entered, procedures, level)
            case OnlineCriterion():
                score = _score_online(criterion, body, entered, procedures)
    given = entered.points.get(criterion.number)
    if score is None and given is not None:
        score = CriterionScore(Fraction(given), Bilingual("nhập", "entered"))
    if score is None:
        return None
    rounded = Fraction(Rounding(places).of(to_decimal(score.points)))
    exact, shown = number_text(score.points, 4), number_text(rounded, places)
    how = Bilingual(
        f"{score.how.vi} = {exact.vi} → {shown.vi}", f"{score.how.en} = {exact.en} → {shown.en}"
    )
    return CriterionScore(rounded, how, tuple(read))


def case_counts(measure: str, cube: Cube, entered: Entered) -> dict[str, int]:
    """How many dossiers, or steps, are in each case of a measure (``profiles.CASES``)."""
    resolved = cube.sum("resolved")
    match measure:
        case "time":
            names = ("early", "on_time", "overdue")
            return {name: cube.sum(f"resolved.{name}") for name in names}
        case "steps":
            return {name: cube.sum(f"steps.{name}") for name in ("early", "on_time", "overdue")}
        case "contacts":
            once, more = cube.sum("contacted.once"), cube.sum("contacted.more")
            return {"none": resolved - once - more, "once": once, "more": more}
        case "bodies":
            return (entered.bodies or NO_SURVEY).model_dump()
        case _:
            early, on_time = (
                cube.sum(f"resolved.{name}") - cube.sum(f"disputed.{name}")
                for name in ("early", "on_time")
            )
            return {"early": early, "on_time": on_time, "otherwise": resolved - early - on_time}


def _score_cases(criterion: CaseCriterion, counts: Mapping[str, int]) -> CriterionScore | None:
    total = sum(counts.values())
    if not total:
        return None
    terms = [(counts[name], Fraction(criterion.points[name])) for name in counts if counts[name]]
    points = sum((count * each for count, each in terms), Fraction())
    vi, en = (
        " + ".join(f"{count} × {number_text(each).to(language)}" for count, each in terms)
        for language in ("vi", "en")
    )
    return CriterionScore(points / total, Bilingual(f"({vi}) ÷ {total}", f"({en}) ÷ {total}"))


def _score_grades(
    criterion: GradedCriterion,
    body: Body,
    entered: Entered,
    procedures: Catalogue,
    level: str | None,
) -> CriterionScore | None:
    """The points of the first grade that is reached; 0 if it is known that none is."""
    of_complaints = criterion.measure == "complaints_in_time"
    if of_complaints and entered.complaints_protracted:
        number = str(entered.complaints_protracted)
        return CriterionScore(Fraction(), Bilingual(f"kéo dài {number}", f"{number} drag on"))
    rates = {
        name: rate
        for name in GRADED_RATES[criterion.measure]
        if (rate := body_rate(name, body, entered, procedures))
    }
    if of_complaints and not rates and body.cube.sum("total", "resolved"):
        return CriterionScore(Fraction(criterion.max), NO_COMPLAINTS)
    grades = [grade for grade in criterion.grades if grade.level in (None, level)]
    reached = [_is_reached(grade, rates) for grade in grades]
    how = Bilingual(
        "; ".join(f"{RATE_TITLES[name].vi} {rate.how.vi}" for name, rate in rates.items()),
        "; ".join(f"{RATE_TITLES[name].en} {rate.how.en}" for name, rate in rates.items()),
    )
    if True in reached:
        return CriterionScore(Fraction(grades[reached.index(True)].points), how)
    return None if None in reached else CriterionScore(Fraction(), how)


def _is_reached(grade: Grade, rates: Mapping[RateName, Rate]) -> bool | None:
    """Whether a grade is reached; None if that depends on rates that are not known."""
    known = [
        100 * rates[name].share >= bound for name, bound in grade.at_least.items() if name in rates
    ]
    if not all(known):
        return False
    return True if len(known) == len(grade.at_least) else None


def _score_online(
    criterion: OnlineCriterion, body: Body, entered: Entered, procedures: Catalogue
) -> CriterionScore | None:
    offered = body_rate("procedures_online", body, entered, procedures)
    submitted = body_rate("online", body, entered, procedures)
    if offered is None or submitted is None:
        return None
    overdue = body.cube.only(channel="online").sum(*OVERDUE)
    points = next(
        (
            Fraction(tier.points)
            for tier in criterion.tiers
            if offered.share > 0
            and 100 * offered.share >= tier.procedures
            and 100 * submitted.share >= tier.dossiers
            and overdue <= tier.overdue
        ),
        Fraction(),
    )
    how = Bilingual(
        f"thủ tục {offered.how.vi}, hồ sơ {submitted.how.vi}, quá hạn {overdue}",
        f"procedures {offered.how.en}, dossiers {submitted.how.en}, {overdue} overdue",
    )
    return CriterionScore(points, how)


def _points_and_maximum(
    profile: ScorecardProfile, scores: Mapping[int, CriterionScore], numbers: Collection[int]
) -> tuple[Fraction, Fraction]:
    """The points of some criteria, given by number, and their maximum; only those with data."""
    known = [each for each in profile.criteria if each.number in numbers and each.number in scores]
    points = sum((scores[each.number].points for each in known), Fraction())
    return points, sum((Fraction(each.max) for each in known), Fraction())


def scaled_points(
    profile: ScorecardProfile, scores: Mapping[int, CriterionScore], numbers: Collection[int]
) -> Fraction | None:
    """The points of some criteria, scaled up for those without data; None if none has data."""
    points, out_of = _points_and_maximum(profile, scores, numbers)
    if not out_of:
        return None
    maxima = (Fraction(each.max) for each in profile.criteria if each.number in numbers)
    return sum(maxima, Fraction()) * points / out_of
