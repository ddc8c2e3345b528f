"""How well are people served? The index of Decision 766 (chỉ số phục vụ người dân, doanh nghiệp).

Points are exact until they are printed: each part's maximum times its rate over the rate that earns
it in full (``profiles.Part``). What has no data is left out of the points and of what they are out
of, and the total is what the others come to, scaled to the whole.

Source: Decision 766/QĐ-TTg of 2022; the tables are those of Bắc Kạn's report of September 2024.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Document,
    Place,
    Points,
    Rounding,
    Row,
    Series,
    Table,
    Words,
    as_number,
    values,
)
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import (
    JUDGED,
    Catalogue,
    Inputs,
    Measure,
    Rate,
    misplaced,
    rate,
    written,
)
from hoso.projections.reports.profiles import CERTAINTIES, Group, IndexProfile, Part
from hoso.projections.reports.rates import tables
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
    total_row,
    whole,
)

EXACT: Final = Rounding(20)  # a chart's points are rounded where they are printed
CHARTED: Final = 30  # bodies of a level; of more, nobody reads a chart


class Scored(NamedTuple):
    """What some rates come to: the points of each part and of each group by key (None: no data),
    all of them added up, what these are out of, and the total, scaled to the whole."""

    parts: Mapping[str, Fraction | None]
    groups: Mapping[str, Fraction | None]
    points: Fraction
    out_of: Fraction
    total: Fraction | None


def scored(profile: IndexProfile, rates: Mapping[Measure, Fraction]) -> Scored:
    """The points of rates from 0 to 1. With no rate at all nothing is scored: only beside others
    does a part have full marks for want of data."""
    parts = {
        part.key: points(part, rates.get(part.measure), profile.rate_places) if rates else None
        for group in profile.groups
        for part in group.parts
    }
    groups = {
        group.key: _added([parts[part.key] for part in group.parts]) for group in profile.groups
    }
    known = [
        part.max for group in profile.groups for part in group.parts if parts[part.key] is not None
    ]
    reached, out_of = _added(list(parts.values())) or Fraction(), Fraction(sum(known))
    total = Fraction(profile.out_of) * reached / out_of if out_of else None
    return Scored(parts, groups, reached, out_of, total)


def points(part: Part, share: Fraction | None, rate_places: int | None = None) -> Fraction | None:
    """The points that a part has for a share from 0 to 1; None: no data."""
    if share is None:
        return Fraction(part.max) if part.without_data == "full_marks" else None
    percent = share * 100
    if rate_places is not None:
        percent = Fraction(Rounding(rate_places).of(decimal(percent)))
    return Fraction(part.max) * min(Fraction(1), percent / Fraction(part.full_marks_at))


def _added(numbers: Sequence[Fraction | None]) -> Fraction | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Fraction()) if known else None


def report(
    cube: Cube,
    registry: AgencyRegistry,
    inputs: Inputs,
    procedures: Catalogue,
    profile: IndexProfile,
    about: Sequence[About] = (),
) -> Document:
    """The index of a period: the ranking, the parts of the whole's index, and the tables of on-time
    rate, online submission, online payment and digitisation, each by level and body.

    The cube has the measures of quality facts, by level, agency, procedure and channel.
    """
    compared = sections(cube, registry)
    ranking = _ranking(compared, whole(cube), inputs, procedures, profile)
    parts: tuple[Table | Chart, ...] = (
        ranking,
        *_charts(ranking, compared, profile),
        _parts(whole(cube), inputs, procedures, profile),
        *tables(compared, whole(cube)),
    )
    how = About(Bilingual("Cách chấm điểm", "Scored by"), profile.title)
    source = About(Bilingual("Căn cứ", "Source"), profile.source)
    return Document("index766", profile.title, cube.window, (*about, how, source), parts)


def assess(
    profile: IndexProfile, body: Assessed, inputs: Inputs, procedures: Catalogue
) -> tuple[dict[Measure, Rate], Scored]:
    """The rates of a body, and what they come to: nothing, where it had no dossier to be judged
    (all were cancelled, or there was none)."""
    rates: dict[Measure, Rate] = {}
    if body.cube.sum(*JUDGED):
        for measure in (part.measure for group in profile.groups for part in group.parts):
            if found := rate(measure, body, inputs.of(body.code), procedures):
                rates[measure] = found
    return rates, scored(profile, {measure: found.share for measure, found in rates.items()})


def _ranking(
    compared: Sequence[Section],
    all_of_it: Assessed,
    inputs: Inputs,
    procedures: Catalogue,
    profile: IndexProfile,
) -> Table:
    def line(body: Assessed, key: str) -> Line:
        rates, score = assess(profile, body, inputs, procedures)
        groups: dict[str, Cell] = {
            f"points.{group.key}": points_cell(score.groups[group.key], _how(group, rates, score))
            for group in profile.groups
        }
        rank = profile.ranking.of(score.total)
        known = score.points if score.out_of else None
        ends: dict[str, Cell] = {
            "points": points_cell(known),
            "out_of": points_cell(score.out_of or None),
            "total": points_cell(score.total, _how_total(profile, score)),
            "rank": Words(rank or NO_DATA),
        }
        return Line({**groups, **ends}, score.total)

    out_of = written(Fraction(profile.out_of)).vi
    columns = (
        *HEAD,
        *(
            Column(f"points.{group.key}", (_with_max(group.name, group.max),), "points", width=12)
            for group in profile.groups
        ),
        Column("points", (Bilingual("Điểm đạt", "Points"),), "points"),
        Column("out_of", (Bilingual("Điểm tối đa có số liệu", "Out of"),), "points"),
        Column("total", (Bilingual(f"Quy về {out_of}", f"Scaled to {out_of}"),), "points"),
        Column("rank", (Bilingual("Xếp loại", "Rank"),), "text", width=14),
    )
    return Table(
        "index766",
        Bilingual("Xếp hạng theo Quyết định 766/QĐ-TTg", "Ranking by Decision 766/QĐ-TTg"),
        columns,
        (*rows(compared, line), total_row(all_of_it, line)),
        tuple(_notes(compared, inputs, profile)),
    )


def _with_max(name: Bilingual, maximum: Decimal) -> Bilingual:
    most = written(Fraction(maximum))
    return Bilingual(f"{name.vi} ({most.vi})", f"{name.en} ({most.en})")


def _how(group: Group, rates: Mapping[Measure, Rate], score: Scored) -> Bilingual:
    """Each part of a group: its rate, and what of its points that comes to."""
    told = []
    for part in group.parts:
        reached, found = score.parts[part.key], rates.get(part.measure)
        if reached is None:
            told.append(Bilingual(f"{part.name.vi}: {NO_DATA}", f"{part.name.en}: {NO_DATA}"))
            continue
        rated = found.how if found else Bilingual("0 ÷ 0", "0 ÷ 0")
        got, most, full = (
            written(Fraction(number), 4) for number in (reached, part.max, part.full_marks_at)
        )
        told.append(
            Bilingual(
                f"{part.name.vi}: {rated.vi} → {got.vi} (tối đa {most.vi} từ {full.vi} %)",
                f"{part.name.en}: {rated.en} → {got.en} ({most.en} at most, from {full.en} %)",
            )
        )
    return Bilingual("; ".join(each.vi for each in told), "; ".join(each.en for each in told))


def _how_total(profile: IndexProfile, score: Scored) -> Bilingual:
    got, of = written(score.points, 4), written(score.out_of)
    scale = written(Fraction(profile.out_of)).vi
    return Bilingual(f"{got.vi} × {scale} ÷ {of.vi}", f"{got.en} × {scale} ÷ {of.en}")


def _notes(
    compared: Sequence[Section], inputs: Inputs, profile: IndexProfile
) -> Iterator[Bilingual]:
    yield Bilingual(
        "Phần không có số liệu ghi –, không tính vào điểm đạt và điểm tối đa; tổng điểm là điểm đạt"
        " quy về thang điểm đầy đủ. Cơ quan không có hồ sơ trong kỳ không được chấm điểm.",
        "A part without data is shown as – and counts neither in the points nor in what they are"
        " out of; the total is the points scaled to the whole. A body without dossiers in the"
        " period is not scored.",
    )
    full = [
        part.name
        for group in profile.groups
        for part in group.parts
        if part.without_data == "full_marks"
    ]
    if full:
        yield Bilingual(
            f"0 trên 0 được điểm tối đa: {'; '.join(name.vi for name in full)}.",
            f"0 of 0 has full marks: {'; '.join(name.en for name in full)}.",
        )
    if (places := profile.rate_places) is not None:
        yield Bilingual(
            f"Tỷ lệ phần trăm được làm tròn đến {places} chữ số thập phân trước khi tính điểm.",
            f"Rates in percent are rounded to {places} decimals before they are scored.",
        )
    yield profile.ranking.said()
    yield from misplaced(compared, inputs)


def _charts(ranking: Table, compared: Sequence[Section], profile: IndexProfile) -> Iterator[Chart]:
    """The points of each level's bodies, group upon group, in the order of the ranking."""
    worked_out = values(ranking, EXACT)
    for level, bodies in compared:
        if len(bodies) > CHARTED:
            continue
        lines = [row for row in ranking.rows if row.key.startswith(f"{level}/")]
        yield Chart(
            f"index766-{level}",
            Bilingual(
                f"Điểm theo nhóm chỉ số: {LEVEL_NAMES[level].vi}",
                f"Points by group: {LEVEL_NAMES[level].en}",
            ),
            "bars",
            tuple(str(worked_out[Place(row.key, "body")]) for row in lines),
            tuple(
                Series(
                    group.name,
                    tuple(
                        as_number(worked_out[Place(row.key, f"points.{group.key}")])
                        for row in lines
                    ),
                )
                for group in profile.groups
            ),
            Bilingual("điểm", "points"),
        )


def _parts(body: Assessed, inputs: Inputs, procedures: Catalogue, profile: IndexProfile) -> Table:
    """The parts of the index of the whole: what each measures, where from, and how sure."""
    rates, score = assess(profile, body, inputs, procedures)
    lines: list[Row] = []
    for group in profile.groups:
        reached = points_cell(score.groups[group.key])
        name, most = Words(group.name), Points(group.max)
        lines.append(Row(group.key, {"name": name, "points": reached, "max": most}, "group"))
        for part in group.parts:
            found = rates.get(part.measure)
            cells: dict[str, Cell] = {
                "name": Words(part.name),
                "rate": points_cell(found.share * 100, found.how) if found else Points(None),
                "full": Points(part.full_marks_at),
                "points": points_cell(score.parts[part.key]),
                "max": Points(part.max),
                "source": Words(part.source),
                "certainty": Words(CERTAINTIES[part.certainty]),
            }
            lines.append(Row(f"{group.key}/{part.key}", cells, depth=1))
    columns = (
        Column("name", (Bilingual("Chỉ số thành phần", "Part"),), "text", width=44),
        Column("rate", (Bilingual("Tỷ lệ", "Rate"),), "percent"),
        Column("full", (Bilingual("Tỷ lệ đạt điểm tối đa", "Full marks at"),), "percent"),
        Column("points", (Bilingual("Điểm", "Points"),), "points"),
        Column("max", (Bilingual("Điểm tối đa", "Out of"),), "points"),
        Column("source", (Bilingual("Căn cứ", "Source"),), "text", width=36),
        Column("certainty", (Bilingual("Độ chắc chắn", "How sure"),), "text", width=16),
    )
    title = Bilingual("Các chỉ số thành phần, toàn bộ", "The parts of the index, of the whole")
    return Table("parts", title, columns, tuple(lines))
