"""Scores officials (cán bộ, công chức) one by one and counts them by class.

An official is known by a code within an agency. The code is personal data: it is listed only where
that was asked for; tables by body and level only count.

Source: TT 01/2018/TT-VPCP arts 14-15.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Cell,
    Column,
    Count,
    Exact,
    Points,
    Row,
    Table,
    Words,
)
from hoso.projections.reports.basis.bodies import BODY_COLUMNS, LEVEL_NAMES, WHOLE, Body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Entered
from hoso.projections.reports.evaluation.profiles import CaseCriterion, ScorecardProfile
from hoso.projections.reports.evaluation.ranks import LEVEL_COLUMN
from hoso.projections.reports.evaluation.scorecard_points import (
    CriterionScore,
    scaled_points,
    score_criterion,
)
from hoso.projections.reports.tables.points import points_cell

NO_PROCEDURES: Final = Catalogue({})
OFFICIALS: Final = Bilingual("Cán bộ, công chức", "Officials")


class OfficialScore(NamedTuple):
    """The points of one official (cán bộ, công chức), known by a code within an agency.

    ``criteria`` has the scores by number, without those that have no data; ``points`` is their sum,
    scaled to the maximum of all criteria of officials.
    """

    level: str | None
    agency: str
    code: str
    criteria: Mapping[int, CriterionScore]
    points: Fraction


def score_officials(profile: ScorecardProfile, officials: Cube) -> list[OfficialScore]:
    """The points of each official of a cube (``periods.officials_cube``), by level, agency, code.

    Criteria that dossiers do not score, and surveys, have no data about one official.
    """
    scores = []
    for level, of_level in officials.each("level"):
        for agency, of_agency in of_level.each("agency"):
            for code, cube in of_agency.each("official"):
                criteria = _criteria_of_official(profile, cube)
                points = scaled_points(profile, criteria, profile.officials.criteria)
                if points is not None:
                    scores.append(OfficialScore(level, str(agency), str(code), criteria, points))
    return scores


def _criteria_of_official(profile: ScorecardProfile, cube: Cube) -> dict[int, CriterionScore]:
    body, nothing = Body(None, "", cube, None), Entered()
    scores = {
        criterion.number: score_criterion(criterion, profile.places, body, nothing, NO_PROCEDURES)
        for criterion in profile.criteria
        if criterion.number in profile.officials.criteria and isinstance(criterion, CaseCriterion)
    }
    return {number: score for number, score in scores.items() if score is not None}


class OfficialsByPlace:
    """The scores of officials by the level and the agency at which they are: there are many bodies
    and many officials, and each body has those of few agencies."""

    def __init__(self, officials: Iterable[OfficialScore]) -> None:
        self._at: dict[tuple[str | None, str], list[OfficialScore]] = {}
        for each in officials:
            self._at.setdefault((each.level, each.agency), []).append(each)

    def of_body(self, body: Body) -> list[OfficialScore]:
        """The officials of a body and of all bodies under it."""
        wanted: dict[str, set[str | None]] = {}
        for name, value in body.cube.where or ():
            wanted.setdefault(name, set()).add(value)
        return [
            official
            for (level, agency), here in self._at.items()
            if (body.members is None or agency in body.members)
            and level in wanted.get("level", {level})
            and agency in wanted.get("agency", {agency})
            for official in here
        ]


def class_cells(profile: ScorecardProfile, officials: Sequence[OfficialScore]) -> dict[str, Cell]:
    """The cells of ``class_columns``: how many officials were scored, and how many reached each
    class (mức hoàn thành nhiệm vụ)."""
    names = [rank.name for rank in profile.officials.ranks]
    if not officials:
        nothing = ("scored", *(f"class.{number}" for number in range(len(names))))
        return {**{key: Exact(None) for key in nothing}, "classes": Words(NO_DATA)}
    classes = [profile.officials.rank(each.points) for each in officials]
    counts = [(name, classes.count(name)) for name in names]
    every = len(officials)
    said = [(name, f"{number}/{every}") for name, number in counts if number]
    words = Bilingual(
        "; ".join(
            f"{share} công chức hoàn thành {_lower(name.vi)} nhiệm vụ" for name, share in said
        ),
        "; ".join(f"{share} officials did {_lower(name.en)} of their duty" for name, share in said),
    )
    numbers = {f"class.{place}": Count(number) for place, (_, number) in enumerate(counts)}
    return {"scored": Count(every), **numbers, "classes": Words(words)}


def _lower(name: str) -> str:
    """The name of a class within a sentence: from 70 % to below 100 %."""
    return name.removeprefix("Mức ")[:1].lower() + name.removeprefix("Mức ")[1:]


def class_columns(profile: ScorecardProfile) -> tuple[Column, ...]:
    """The columns of officials by class."""
    return (
        Column("scored", (OFFICIALS, Bilingual("Số người", "Scored"))),
        *(
            Column(f"class.{number}", (OFFICIALS, rank.name))
            for number, rank in enumerate(profile.officials.ranks)
        ),
        Column("classes", (OFFICIALS, Bilingual("Phân loại", "Classes")), "text", width=40),
    )


def officials_table(
    officials: Sequence[OfficialScore], profile: ScorecardProfile, unnamed: int | None
) -> Table:
    """How many officials of each level are in each class, by the level of their own agency.

    ``unnamed`` is how many dossiers were resolved by an event that names no official;
    None: no event names one.
    """
    levels = list(dict.fromkeys(each.level for each in officials))
    rows = [
        Row(
            str(level),
            {
                "level": Words(LEVEL_NAMES[level]),
                **class_cells(profile, [each for each in officials if each.level == level]),
            },
        )
        for level in levels
    ]
    whole = {"level": Words(WHOLE), **class_cells(profile, officials)}
    title = Bilingual("Cán bộ, công chức theo mức hoàn thành", "Officials by class")
    columns = (LEVEL_COLUMN, *class_columns(profile))
    notes = tuple(_officials_notes(profile, unnamed))
    return Table("officials", title, columns, (*rows, Row("whole", whole, "total")), notes)


def _officials_notes(profile: ScorecardProfile, unnamed: int | None) -> Iterator[Bilingual]:
    yield Bilingual(
        "Mỗi mã công chức của một cơ quan là một người: hồ sơ tính cho người ghi ở sự kiện trả kết"
        " quả, bước liên thông tính cho người ghi ở sự kiện hoàn thành bước.",
        "Each code within an agency is one official: a dossier counts for whom the event names that"
        " resolved it, a step for whom the event names that ended it.",
    )
    yield profile.officials.note()
    if unnamed is None:
        yield Bilingual(
            "Không sự kiện nào ghi mã công chức, nên không chấm được từng người.",
            "No event names an official, so nobody is scored one by one.",
        )
    elif unnamed:
        yield Bilingual(
            f"Hồ sơ đã giải quyết không ghi mã công chức, không tính cho ai: {unnamed}.",
            f"Resolved dossiers that name no official and count for nobody: {unnamed}.",
        )


def count_unnamed(cube: Cube, officials: Cube | None) -> int | None:
    """How many dossiers were resolved by an event that names no official; None: none names one."""
    if officials is None or not len(officials.rows):
        return None
    return cube.sum("resolved") - officials.sum("resolved")


def list_of_officials(
    officials: Sequence[OfficialScore], registry: AgencyRegistry, profile: ScorecardProfile
) -> Table:
    """The officials one by one, by level and agency as they are given, the best of each agency
    first."""
    numbers = sorted(profile.officials.criteria)
    columns = (
        *BODY_COLUMNS,
        Column("official", (Bilingual("Mã công chức", "Official"),), "text", width=20),
        *(
            Column(
                f"criterion.{n}",
                (Bilingual("Chỉ số", "Criterion"), Bilingual(str(n), str(n))),
                "points",
                width=7,
            )
            for n in numbers
        ),
        Column("points", (Bilingual("Điểm", "Points"),), "points"),
        Column("class", (Bilingual("Mức hoàn thành", "Duty done"),), "text", width=20),
    )
    ordered = [
        each
        for _, of_agency in groupby(officials, key=attrgetter("level", "agency"))
        for each in sorted(of_agency, key=lambda each: -each.points)
    ]
    rows = []
    for place, each in enumerate(ordered, 1):
        scores = {n: each.criteria.get(n) for n in numbers}
        cells: dict[str, Cell] = {
            "number": Words(str(place)),
            "body": Words(registry.name(each.agency)),
            "official": Words(each.code),
            **{
                f"criterion.{n}": points_cell(score.points, score.how) if score else Points(None)
                for n, score in scores.items()
            },
            "points": points_cell(each.points),
            "class": Words(profile.officials.rank(each.points) or NO_DATA),
        }
        rows.append(Row(f"{each.level}/{each.agency}/{each.code}", cells))
    note = Bilingual(
        "Mã công chức là dữ liệu cá nhân: chỉ dùng để đánh giá, không công khai.",
        "Codes of officials are personal data: for the evaluation only, not to be published.",
    )
    title = Bilingual("Điểm từng cán bộ, công chức", "Officials one by one")
    return Table("official_scores", title, columns, tuple(rows), (note,))
