"""How well does a body settle procedures? The scorecard of nine criteria (9 chỉ số, 18 điểm).

Each criterion is what its dossiers earn on average, rounded. One without data is left out of the
points and of what they are out of; the total is what the others come to, scaled to the whole.

Source: TT 01/2018/TT-VPCP arts 13-15; NĐ 61/2018/NĐ-CP.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Document,
    Points,
    Rounding,
    Row,
    Table,
    Words,
)
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import (
    OVERDUE,
    Catalogue,
    Contacted,
    Entered,
    Inputs,
    misplaced,
    rate,
    written,
)
from hoso.projections.reports.profiles import (
    CERTAINTIES,
    Criterion,
    Online,
    PerCase,
    PerShare,
    ScorecardProfile,
)
from hoso.projections.reports.rates import cases as cases_table
from hoso.projections.reports.sections import (
    HEAD,
    LEVEL_NAMES,
    Assessed,
    Line,
    Section,
    decimal,
    points_cell,
    rows,
    sections,
    whole,
)

NOTHING: Final = Contacted()


class Scored(NamedTuple):
    """The points of a criterion, rounded; ``how`` tells the formula with its numbers."""

    points: Fraction
    how: Bilingual


class Card(NamedTuple):
    """A body's scorecard: its criteria by number (those without data are not there), what they add
    up to and are out of, the total, scaled to the whole, and the points of its officials."""

    criteria: Mapping[int, Scored]
    points: Fraction
    out_of: Fraction
    total: Fraction | None
    officials: Fraction | None


def card(
    profile: ScorecardProfile, body: Assessed, entered: Entered, procedures: Catalogue
) -> Card:
    """The scorecard of a body. Without a criterion of its officials, which are those that dossiers
    earn, there is no total."""
    criteria = {}
    for each in profile.criteria:
        if found := criterion(each, profile.places, body, entered, procedures):
            criteria[each.number] = found
    points, out_of = _sums(profile, criteria, criteria)
    officials = _scaled(profile, criteria, profile.officials.criteria)
    total = None if officials is None else Fraction(profile.out_of) * points / out_of
    return Card(criteria, points, out_of, total, officials)


def criterion(
    each: Criterion, places: int, body: Assessed, entered: Entered, procedures: Catalogue
) -> Scored | None:
    """The points of a criterion: from facts where they are known, else as entered; None where there
    is no data."""
    match each:
        case PerCase():
            found = _per_case(each, cases(each.measure, body.cube, entered))
        case PerShare():
            found = _per_share(each, body, entered, procedures)
        case Online():
            found = _online(each, body, entered, procedures)
    said = entered.points.get(each.number)
    if found is None and said is not None:
        found = Scored(Fraction(said), Bilingual("nhập", "entered"))
    if found is None:
        return None
    rounded = Fraction(Rounding(places).of(decimal(found.points)))
    exact, shown = written(found.points, 4), written(rounded, places)
    how = Bilingual(
        f"{found.how.vi} = {exact.vi} → {shown.vi}", f"{found.how.en} = {exact.en} → {shown.en}"
    )
    return Scored(rounded, how)


def cases(measure: str, cube: Cube, entered: Entered) -> dict[str, int]:
    """How dossiers, or steps, went (``profiles.CASES``): how many in each case."""
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
            return (entered.bodies or NOTHING).model_dump()
        case _:
            early, on_time = (
                cube.sum(f"resolved.{name}") - cube.sum(f"disputed.{name}")
                for name in ("early", "on_time")
            )
            return {"early": early, "on_time": on_time, "otherwise": resolved - early - on_time}


def _per_case(each: PerCase, found: Mapping[str, int]) -> Scored | None:
    number = sum(found.values())
    if not number:
        return None
    terms = [(found[name], each.points[name]) for name in found if found[name]]
    earned = sum((count * Fraction(points) for count, points in terms), Fraction())
    vi, en = (
        " + ".join(f"{count} × {written(Fraction(points)).to(language)}" for count, points in terms)
        for language in ("vi", "en")
    )
    return Scored(earned / number, Bilingual(f"({vi}) ÷ {number}", f"({en}) ÷ {number}"))


def _per_share(
    each: PerShare, body: Assessed, entered: Entered, procedures: Catalogue
) -> Scored | None:
    found = rate(each.measure, body, entered, procedures)
    if found is None:
        return None
    most = written(Fraction(each.max))
    how = Bilingual(f"{most.vi} × {found.how.vi}", f"{most.en} × {found.how.en}")
    return Scored(Fraction(each.max) * found.share, how)


def _online(each: Online, body: Assessed, entered: Entered, procedures: Catalogue) -> Scored | None:
    offered = rate("procedures_online", body, entered, procedures)
    handed_in = rate("online", body, entered, procedures)
    if offered is None or handed_in is None:
        return None
    overdue = body.cube.only(channel="online").sum(*OVERDUE)
    points = next(
        (
            Fraction(tier.points)
            for tier in each.tiers
            if 100 * offered.share >= tier.procedures
            and 100 * handed_in.share >= tier.dossiers
            and overdue <= tier.overdue
        ),
        Fraction(),
    )
    how = Bilingual(
        f"thủ tục {offered.how.vi}, hồ sơ {handed_in.how.vi}, quá hạn {overdue}",
        f"procedures {offered.how.en}, dossiers {handed_in.how.en}, {overdue} overdue",
    )
    return Scored(points, how)


def _sums(
    profile: ScorecardProfile, criteria: Mapping[int, Scored], numbers: Collection[int]
) -> tuple[Fraction, Fraction]:
    """What some criteria add up to, and are out of: those that have data."""
    known = [
        each for each in profile.criteria if each.number in numbers and each.number in criteria
    ]
    points = sum((criteria[each.number].points for each in known), Fraction())
    return points, sum((Fraction(each.max) for each in known), Fraction())


def _scaled(
    profile: ScorecardProfile, criteria: Mapping[int, Scored], numbers: Collection[int]
) -> Fraction | None:
    """What some criteria add up to, as if those without data were like the others."""
    points, out_of = _sums(profile, criteria, numbers)
    if not out_of:
        return None
    whole = sum(
        (Fraction(each.max) for each in profile.criteria if each.number in numbers), Fraction()
    )
    return whole * points / out_of


def report(
    cube: Cube,
    registry: AgencyRegistry,
    inputs: Inputs,
    procedures: Catalogue,
    profile: ScorecardProfile,
    about: Sequence[About] = (),
) -> Document:
    """The scorecards of a period, by level and body, and how many bodies reached each rank.

    The cube has the measures of quality facts, by level, agency, procedure and channel.
    """
    compared = sections(cube, registry)
    cards = cards_of(compared, inputs, procedures, profile)
    how = About(Bilingual("Cách chấm điểm", "Scored by"), profile.title)
    source = About(Bilingual("Căn cứ", "Source"), profile.source)
    parts = (
        cards,
        cases_table(compared, whole(cube)),
        ranks_reached(compared, cards, profile),
        _criteria(profile),
    )
    return Document("scorecard", profile.title, cube.window, (*about, how, source), parts)


def cards_of(
    compared: Sequence[Section], inputs: Inputs, procedures: Catalogue, profile: ScorecardProfile
) -> Table:
    """The scorecard of each body, the best first (bảng điểm)."""

    def line(body: Assessed, key: str) -> Line:
        found = card(profile, body, inputs.of(body.code), procedures)
        cells: dict[str, Cell] = {}
        for each in profile.criteria:
            scored = found.criteria.get(each.number)
            cells[f"criterion.{each.number}"] = (
                points_cell(scored.points, scored.how) if scored else Points(None)
            )
        cells["points"] = points_cell(found.points if found.criteria else None)
        cells["out_of"] = points_cell(found.out_of if found.criteria else None)
        cells["total"] = points_cell(found.total)
        cells["rank"] = Words(profile.ranking.of(found.total) or NO_DATA)
        cells["officials"] = points_cell(found.officials)
        cells["officials_rank"] = Words(profile.officials.of(found.officials) or NO_DATA)
        return Line(cells, found.total)

    out_of = written(Fraction(profile.out_of)).vi
    ranks = Bilingual("Xếp loại", "Rank")
    officials = Bilingual("Cán bộ, công chức", "Officials")
    columns = (
        *HEAD,
        *(
            Column(
                f"criterion.{each.number}",
                (Bilingual("Chỉ số", "Criterion"), Bilingual(str(each.number), str(each.number))),
                "points",
                width=7,
            )
            for each in profile.criteria
        ),
        Column("points", (Bilingual("Tổng điểm", "Points"),), "points"),
        Column("out_of", (Bilingual("Điểm tối đa có số liệu", "Out of"),), "points"),
        Column("total", (Bilingual(f"Quy về {out_of}", f"Scaled to {out_of}"),), "points"),
        Column("rank", (ranks,), "text", width=14),
        Column("officials", (officials, Bilingual("Điểm", "Points")), "points"),
        Column(
            "officials_rank",
            (officials, Bilingual("Mức hoàn thành", "Duty done")),
            "text",
            width=18,
        ),
    )
    title = Bilingual("Điểm đánh giá theo 9 chỉ số", "Scorecards of nine criteria")
    notes = tuple(_notes(compared, inputs, profile))
    return Table("scorecard", title, columns, tuple(rows(compared, line)), notes)


def _notes(
    compared: Sequence[Section], inputs: Inputs, profile: ScorecardProfile
) -> Iterator[Bilingual]:
    out_of = written(Fraction(profile.out_of))
    yield Bilingual(
        "Chỉ số không có số liệu ghi –, không tính vào tổng điểm và điểm tối đa; tổng điểm được quy"
        f" về {out_of.vi}. Cơ quan không có hồ sơ để chấm thì không xếp loại.",
        "A criterion without data is shown as – and counts neither in the points nor in what they"
        f" are out of; the total is scaled to {out_of.en}. A body without dossiers to score has no"
        " rank.",
    )
    yield Bilingual(
        f"Mỗi chỉ số là điểm bình quân, làm tròn đến {profile.places} chữ số thập phân.",
        f"Each criterion is an average, rounded to {profile.places} decimals.",
    )
    yield profile.ranking.said()
    numbers = ", ".join(map(str, profile.officials.criteria))
    yield Bilingual(
        f"Cán bộ, công chức: tổng các chỉ số {numbers}, quy về đủ các chỉ số ấy nếu thiếu số liệu.",
        f"Officials: the sum of criteria {numbers}, scaled to all of them where some lack data.",
    )
    yield from misplaced(compared, inputs)


def _criteria(profile: ScorecardProfile) -> Table:
    """What the criteria are, from where, and how sure."""
    columns = (
        Column("number", (Bilingual("Chỉ số", "Criterion"),), "text", width=8),
        Column("name", (Bilingual("Nội dung", "What it is"),), "text", width=44),
        Column("max", (Bilingual("Điểm tối đa", "Out of"),), "points"),
        Column("source", (Bilingual("Căn cứ", "Source"),), "text", width=36),
        Column("certainty", (Bilingual("Độ chắc chắn", "How sure"),), "text", width=16),
    )
    lines = (
        Row(
            str(each.number),
            {
                "number": Words(str(each.number)),
                "name": Words(each.name),
                "max": Points(each.max),
                "source": Words(each.source),
                "certainty": Words(CERTAINTIES[each.certainty]),
            },
        )
        for each in profile.criteria
    )
    return Table("criteria", Bilingual("Các chỉ số", "The criteria"), columns, tuple(lines))


def ranks_reached(compared: Sequence[Section], cards: Table, profile: ScorecardProfile) -> Table:
    """How many bodies of each level reached each rank (số cơ quan theo xếp loại)."""
    names = [rank.name for rank in profile.ranking.ranks]
    columns = (
        Column("level", (Bilingual("Cấp", "Level"),), "text", width=20),
        Column("bodies", (Bilingual("Số cơ quan", "Bodies"),)),
        *(Column(f"rank.{n}", (name,)) for n, name in enumerate(names)),
        Column("unranked", (Bilingual("Không xếp loại", "No rank"),)),
    )
    lines = []
    for level, bodies in compared:
        reached = [row.cells["rank"] for row in cards.rows if row.key.startswith(f"{level}/")]
        counts = {f"rank.{n}": Count(reached.count(Words(name))) for n, name in enumerate(names)}
        others = {"bodies": Count(len(bodies)), "unranked": Count(reached.count(Words(NO_DATA)))}
        lines.append(Row(str(level), {"level": Words(LEVEL_NAMES[level]), **others, **counts}))
    title = Bilingual("Số cơ quan theo xếp loại", "Bodies by rank")
    return Table("ranks", title, columns, tuple(lines))
