"""The scorecard: nine criteria, 18 points for each body (9 chỉ số đánh giá), and its officials.

``scorecard_points`` scores a body, ``scorecard_officials`` the officials one by one.

Source: TT 01/2018/TT-VPCP arts 13-15, with NĐ 61/2018/NĐ-CP in force until 30/06/2025; provinces
still use it.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Document,
    Points,
    Row,
    Table,
    Words,
)
from hoso.projections.reports.basis.bodies import (
    BODY_COLUMNS,
    Body,
    LevelBodies,
    RankedCells,
    bodies_by_level,
    ranked_rows,
    whole_body,
)
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Inputs, unused_inputs_notes
from hoso.projections.reports.evaluation.profiles import CERTAINTY_NAMES, ScorecardProfile
from hoso.projections.reports.evaluation.ranks import rank_table
from hoso.projections.reports.evaluation.rate_tables import case_table
from hoso.projections.reports.evaluation.scorecard_officials import (
    OFFICIALS,
    OfficialsByPlace,
    OfficialScore,
    class_cells,
    class_columns,
    count_unnamed,
    list_of_officials,
    officials_table,
    score_officials,
)
from hoso.projections.reports.evaluation.scorecard_points import Scorecard, scorecard_of
from hoso.projections.reports.tables.points import number_text, points_cell


def report(
    cube: Cube,
    registry: AgencyRegistry,
    inputs: Inputs,
    procedures: Catalogue,
    profile: ScorecardProfile,
    about: Sequence[About] = (),
    officials: Cube | None = None,
    *,
    list_officials: bool = False,
) -> Document:
    """The scorecards of a window by level and body, what they count, the number of bodies by rank,
    the number of officials by class, and the criteria.

    ``about`` says what the report rests on. ``officials`` has what each official handled
    (``periods.officials_cube``); their codes are listed only if ``list_officials`` is set.
    """
    levels = bodies_by_level(cube, registry)
    scores = [] if officials is None else score_officials(profile, officials)
    scorecards = scorecard_table(levels, inputs, procedures, profile, scores)
    how = About(Bilingual("Cách chấm điểm", "Scored by"), profile.title)
    source = About(Bilingual("Căn cứ", "Source"), profile.source)
    parts = [
        scorecards,
        case_table(levels, whole_body(cube)),
        rank_table("ranks", profile.title, levels, scorecards, profile.ranking),
        officials_table(scores, profile, count_unnamed(cube, officials)),
    ]
    if list_officials:
        parts.append(list_of_officials(scores, registry, profile))
    parts.append(_criteria_table(profile))
    return Document("scorecard", profile.title, cube.window, (*about, how, source), parts)


def scorecard_table(
    levels: Sequence[LevelBodies],
    inputs: Inputs,
    procedures: Catalogue,
    profile: ScorecardProfile,
    officials: Sequence[OfficialScore] = (),
) -> Table:
    """The scorecard of each body (bảng điểm), the best of each level first.

    A body counts the officials of all bodies under it.
    """

    level_of_row = {f"{level}/{body.code}": level for level, bodies in levels for body in bodies}
    by_place = OfficialsByPlace(officials)

    def cells_of(body: Body, row: str) -> RankedCells:
        entered = inputs.of(body.code)
        scorecard = scorecard_of(profile, body, entered, procedures, level_of_row[row])
        own = by_place.of_body(body)
        cells = _scorecard_cells(profile, scorecard) | class_cells(profile, own)
        return RankedCells(cells, scorecard.total)

    title = Bilingual("Điểm đánh giá theo 9 chỉ số", "Scorecards of nine criteria")
    rows = tuple(ranked_rows(levels, cells_of))
    notes = tuple(_notes(levels, inputs, profile))
    return Table("scorecard", title, _scorecard_columns(profile), rows, notes)


def _scorecard_cells(profile: ScorecardProfile, scorecard: Scorecard) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for criterion in profile.criteria:
        score = scorecard.criteria.get(criterion.number)
        cell = points_cell(score.points, score.how, score.reads) if score else Points(None)
        cells[f"criterion.{criterion.number}"] = cell
    has_data = bool(scorecard.criteria)
    read = [each for score in scorecard.criteria.values() for each in score.reads]
    officials = profile.officials.rank(scorecard.officials)
    return cells | {
        "points": points_cell(scorecard.points if has_data else None, None, read),
        "out_of": points_cell(scorecard.out_of if has_data else None, None, read),
        "total": points_cell(scorecard.total, None, read),
        "rank": Words(profile.ranking.rank(scorecard.total) or NO_DATA),
        "officials": points_cell(scorecard.officials, None, read),
        "officials_rank": Words(officials or NO_DATA),
    }


def _scorecard_columns(profile: ScorecardProfile) -> tuple[Column, ...]:
    out_of = number_text(Fraction(profile.out_of)).vi
    criterion = Bilingual("Chỉ số", "Criterion")
    criteria = (
        Column(f"criterion.{number}", (criterion, Bilingual(number, number)), "points", width=7)
        for number in (str(each.number) for each in profile.criteria)
    )
    average, duty = Bilingual("Điểm chung", "All together"), Bilingual("Mức chung", "Duty done")
    return (
        *BODY_COLUMNS,
        *criteria,
        Column("points", (Bilingual("Tổng điểm", "Points"),), "points"),
        Column("out_of", (Bilingual("Điểm tối đa có số liệu", "Out of"),), "points"),
        Column("total", (Bilingual(f"Quy về {out_of}", f"Scaled to {out_of}"),), "points"),
        Column("rank", (Bilingual("Xếp loại", "Rank"),), "text", width=14),
        Column("officials", (OFFICIALS, average), "points"),
        Column("officials_rank", (OFFICIALS, duty), "text", width=18),
        *class_columns(profile),
    )


def _notes(
    levels: Sequence[LevelBodies], inputs: Inputs, profile: ScorecardProfile
) -> Iterator[Bilingual]:
    out_of = number_text(Fraction(profile.out_of))
    yield Bilingual(
        "Chỉ số không có số liệu ghi –, không tính vào tổng điểm và điểm tối đa; tổng điểm được quy"
        f" về {out_of.vi}. Cơ quan không có hồ sơ để chấm thì không xếp loại.",
        "A criterion without data is shown as – and counts neither in the points nor in what they"
        f" are out of; the total is scaled to {out_of.en}. A body without dossiers to score has no"
        " rank.",
    )
    yield Bilingual(
        f"Các chỉ số tính theo hồ sơ là điểm bình quân, làm tròn đến {profile.places} chữ số thập"
        " phân; các chỉ số khác đạt mức nào được điểm mức đó.",
        "A criterion that dossiers score is their average, rounded to"
        f" {profile.places} {'decimal' if profile.places == 1 else 'decimals'}; the others have the"
        " points of the grade that is reached.",
    )
    yield profile.ranking.note()
    numbers = ", ".join(map(str, profile.officials.criteria))
    yield Bilingual(
        f"Cán bộ, công chức: tổng các chỉ số {numbers}, quy về đủ các chỉ số ấy nếu thiếu số liệu."
        " Điểm chung tính trên mọi hồ sơ của cơ quan.",
        f"Officials: the sum of criteria {numbers}, scaled to all of them where some lack data. All"
        " together: by all dossiers of the body.",
    )
    yield from unused_inputs_notes(levels, inputs)


def _criteria_table(profile: ScorecardProfile) -> Table:
    """The criteria: maximum, source and certainty of each."""
    columns = (
        Column("number", (Bilingual("Chỉ số", "Criterion"),), "text", width=8),
        Column("name", (Bilingual("Nội dung", "What it is"),), "text", width=44),
        Column("max", (Bilingual("Điểm tối đa", "Out of"),), "points"),
        Column("source", (Bilingual("Căn cứ", "Source"),), "text", width=36),
        Column("certainty", (Bilingual("Độ chắc chắn", "How sure"),), "text", width=16),
    )
    rows = (
        Row(
            str(criterion.number),
            {
                "number": Words(str(criterion.number)),
                "name": Words(criterion.name),
                "max": Points(criterion.max),
                "source": Words(criterion.source),
                "certainty": Words(CERTAINTY_NAMES[criterion.certainty]),
            },
        )
        for criterion in profile.criteria
    )
    return Table("criteria", Bilingual("Các chỉ số", "The criteria"), columns, tuple(rows))
