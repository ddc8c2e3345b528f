"""The index of Decision 766 (chỉ số phục vụ người dân, doanh nghiệp): a score of 100 for each body.

Each indicator scores points for a rate of the body, as a profile says (``profiles.IndexProfile``).
Indicators without data are left out of the points and of the maximum; the total is the points
scaled to the full maximum. Points are exact until they are printed.

Source: Decision 766/QĐ-TTg of 2022, as the national portal and the provinces score by it; nobody
has read the decision's own text here. The tables are those of Bắc Kạn's report of September 2024.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    DrillDown,
    Place,
    Points,
    Rounding,
    Row,
    Series,
    Table,
    Values,
    Words,
    as_number,
)
from hoso.projections.documents.vocabulary import NOT_CANCELLED
from hoso.projections.reports.basis.bodies import (
    BODY_COLUMNS,
    LEVEL_NAMES,
    Body,
    LevelBodies,
    RankedCells,
    bodies_by_level,
    ranked_rows,
    total_row,
    whole_body,
)
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Inputs, unused_inputs_notes
from hoso.projections.reports.evaluation.body_rates import (
    CANCELLED,
    Rate,
    RateName,
    body_rate,
)
from hoso.projections.reports.evaluation.profiles import (
    CERTAINTY_NAMES,
    IndexProfile,
    Indicator,
    IndicatorGroup,
)
from hoso.projections.reports.evaluation.rate_tables import (
    fee_table,
    on_time_of_all_table,
    rate_tables,
)
from hoso.projections.reports.tables.points import number_text, points_cell, to_decimal

UNROUNDED: Final = Rounding(20)  # charts round points where they print them
MAX_CHART_BODIES: Final = 30  # a level with more bodies has no chart


class IndexScore(NamedTuple):
    """The score of a body.

    ``indicators`` and ``groups`` have points by key, None without data. ``points`` are all points,
    ``out_of`` is the maximum of the indicators with data, and ``total`` are the points scaled to
    the maximum of the profile, None if there are no data at all.
    """

    indicators: Mapping[str, Fraction | None]
    groups: Mapping[str, Fraction | None]
    points: Fraction
    out_of: Fraction
    total: Fraction | None


def score_rates(
    profile: IndexProfile,
    rates: Mapping[RateName, Fraction],
    unknown: Collection[RateName] = (),
) -> IndexScore:
    """The score for some rates (0 to 1).

    A rate that is neither given nor ``unknown`` is 0 of 0. Without any rate nothing is scored: an
    indicator can have full marks for 0 of 0 only if another indicator has data.
    """
    indicators = {
        each.key: indicator_points(each, rates.get(each.measure), profile.rate_places)
        if rates and each.measure not in unknown
        else None
        for each in profile.indicators()
    }
    groups = {
        group.key: _sum_of_known([indicators[each.key] for each in group.parts])
        for group in profile.groups
    }
    known = [each.max for each in profile.indicators() if indicators[each.key] is not None]
    points = _sum_of_known(list(indicators.values())) or Fraction()
    out_of = Fraction(sum(known))
    total = Fraction(profile.out_of) * points / out_of if out_of else None
    return IndexScore(indicators, groups, points, out_of, total)


def indicator_points(
    indicator: Indicator, share: Fraction | None, rate_places: int | None = None
) -> Fraction | None:
    """The points of an indicator for a share (0 to 1, or None for 0 of 0); None: no data.

    ``rate_places`` are the decimals to which the share in percent is rounded first.
    """
    if share is None:
        return Fraction(indicator.max) if indicator.without_data == "full_marks" else None
    percent = share * 100
    if rate_places is not None:
        percent = Fraction(Rounding(rate_places).of(to_decimal(percent)))
    return Fraction(indicator.max) * min(Fraction(1), percent / Fraction(indicator.full_marks_at))


def _sum_of_known(numbers: Sequence[Fraction | None]) -> Fraction | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Fraction()) if known else None


def assess(
    profile: IndexProfile, body: Body, inputs: Inputs, procedures: Catalogue
) -> tuple[dict[RateName, Rate], IndexScore]:
    """The rates of a body and its score.

    A body has neither if no dossier of the period is judged: because it had none, or all were
    cancelled and the profile does not count these.
    """
    rates: dict[RateName, Rate] = {}
    if body.cube.sum(*NOT_CANCELLED, *(CANCELLED if profile.counts_cancelled() else ())):
        for indicator in profile.indicators():
            name = indicator.measure
            if rate := body_rate(name, body, inputs.of(body.code), procedures):
                rates[name] = rate
    unknown: list[RateName] = []
    if "complaints_in_time" in rates and "petitions_satisfied" not in rates:
        unknown.append("petitions_satisfied")  # there were complaints: it is not 0 of 0
    return rates, score_rates(profile, {name: rate.share for name, rate in rates.items()}, unknown)


def report(
    cube: Cube,
    registry: AgencyRegistry,
    inputs: Inputs,
    procedures: Catalogue,
    profile: IndexProfile,
    about: Sequence[About] = (),
) -> Document:
    """The index of a window: the ranking by level and body, a chart of each level, the indicators
    of the whole, and the tables of rates. ``about`` says what the report rests on."""
    levels, whole = bodies_by_level(cube, registry), whole_body(cube)
    ranking = index_table(levels, whole, inputs, procedures, profile)
    parts: tuple[Table | Chart, ...] = (
        ranking,
        *_charts(ranking, levels, profile),
        _indicators(whole, inputs, procedures, profile),
        *_rate_tables(levels, whole, procedures, profile),
    )
    how = About(Bilingual("Cách chấm điểm", "Scored by"), profile.title)
    source = About(Bilingual("Căn cứ", "Source"), profile.source)
    return Document("index766", profile.title, cube.window, (*about, how, source), parts)


def _rate_tables(
    levels: Sequence[LevelBodies], whole: Body, procedures: Catalogue, profile: IndexProfile
) -> Iterator[Table]:
    """The tables of rates, with those definitions of the rates that the profile scores."""
    for table in rate_tables(levels, whole):
        if table.key == "on_time" and profile.counts_cancelled():
            yield on_time_of_all_table(levels, whole)
        elif table.key == "payment" and profile.counts_fees():
            yield fee_table(levels, whole, procedures)
        else:
            yield table


def index_table(
    levels: Sequence[LevelBodies],
    whole: Body,
    inputs: Inputs,
    procedures: Catalogue,
    profile: IndexProfile,
) -> Table:
    """The score of each body, the best of each level first."""

    def cells_of(body: Body, _row: str) -> RankedCells:
        rates, score = assess(profile, body, inputs, procedures)
        return RankedCells(_score_cells(profile, rates, score), score.total)

    return Table(
        "index766",
        Bilingual("Xếp hạng theo Quyết định 766/QĐ-TTg", "Ranking by Decision 766/QĐ-TTg"),
        _ranking_columns(profile),
        (*ranked_rows(levels, cells_of), total_row(whole, cells_of)),
        tuple(_notes(levels, inputs, profile)),
    )


def _ranking_columns(profile: IndexProfile) -> tuple[Column, ...]:
    out_of = number_text(Fraction(profile.out_of)).vi
    groups = (
        Column(f"points.{group.key}", (_with_max(group.name, group.max),), "points", width=12)
        for group in profile.groups
    )
    return (
        *BODY_COLUMNS,
        *groups,
        Column("points", (Bilingual("Điểm đạt", "Points"),), "points"),
        Column("out_of", (Bilingual("Điểm tối đa có số liệu", "Out of"),), "points"),
        Column("total", (Bilingual(f"Quy về {out_of}", f"Scaled to {out_of}"),), "points"),
        Column("rank", (Bilingual("Xếp loại", "Rank"),), "text", width=14),
    )


def _score_cells(
    profile: IndexProfile, rates: Mapping[RateName, Rate], score: IndexScore
) -> dict[str, Cell]:
    groups: dict[str, Cell] = {
        f"points.{group.key}": points_cell(
            score.groups[group.key], _group_calculation(group, rates, score), reads_of(group, rates)
        )
        for group in profile.groups
    }
    read = [each for rate in rates.values() for each in rate.reads]
    return groups | {
        "points": points_cell(score.points if score.out_of else None, None, read),
        "out_of": points_cell(score.out_of or None, None, read),
        "total": points_cell(score.total, _total_calculation(profile, score), read),
        "rank": Words(profile.ranking.rank(score.total) or NO_DATA),
    }


def reads_of(group: IndicatorGroup, rates: Mapping[RateName, Rate]) -> list[DrillDown]:
    """The figures that the points of a group follow from."""
    known = (rates[part.measure] for part in group.parts if part.measure in rates)
    return [each for rate in known for each in rate.reads]


def _with_max(name: Bilingual, maximum: Decimal) -> Bilingual:
    most = number_text(Fraction(maximum))
    return Bilingual(f"{name.vi} ({most.vi})", f"{name.en} ({most.en})")


def _group_calculation(
    group: IndicatorGroup, rates: Mapping[RateName, Rate], score: IndexScore
) -> Bilingual:
    """For each indicator of a group: its rate, and the points that it scores for that."""
    texts = [_indicator_calculation(each, rates, score) for each in group.parts]
    return Bilingual("; ".join(text.vi for text in texts), "; ".join(text.en for text in texts))


def _indicator_calculation(
    indicator: Indicator, rates: Mapping[RateName, Rate], score: IndexScore
) -> Bilingual:
    name, scored = indicator.name, score.indicators[indicator.key]
    if scored is None:
        return Bilingual(f"{name.vi}: {NO_DATA}", f"{name.en}: {NO_DATA}")
    rate = rates.get(indicator.measure)
    calculation = rate.how if rate else Bilingual("0 ÷ 0", "0 ÷ 0")
    points, most, full = (
        number_text(Fraction(number), 4)
        for number in (scored, indicator.max, indicator.full_marks_at)
    )
    return Bilingual(
        f"{name.vi}: {calculation.vi} → {points.vi} (tối đa {most.vi} từ {full.vi} %)",
        f"{name.en}: {calculation.en} → {points.en} ({most.en} at most, from {full.en} %)",
    )


def _total_calculation(profile: IndexProfile, score: IndexScore) -> Bilingual:
    points, out_of = number_text(score.points, 4), number_text(score.out_of)
    scale = number_text(Fraction(profile.out_of)).vi
    return Bilingual(f"{points.vi} × {scale} ÷ {out_of.vi}", f"{points.en} × {scale} ÷ {out_of.en}")


def _notes(
    levels: Sequence[LevelBodies], inputs: Inputs, profile: IndexProfile
) -> Iterator[Bilingual]:
    yield Bilingual(
        "Phần không có số liệu ghi –, không tính vào điểm đạt và điểm tối đa; tổng điểm là điểm đạt"
        " quy về thang điểm đầy đủ. Cơ quan không có hồ sơ trong kỳ không được chấm điểm.",
        "A part without data is shown as – and counts neither in the points nor in what they are"
        " out of; the total is the points scaled to the whole. A body without dossiers in the"
        " period is not scored.",
    )
    if profile.counts_cancelled():
        yield Bilingual(
            "Hồ sơ rút, hủy được tính theo thời hạn của nó tại ngày rút, hủy.",
            "Cancelled and withdrawn dossiers count by their timeliness on that day.",
        )
    full = [each.name for each in profile.indicators() if each.without_data == "full_marks"]
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
    yield profile.ranking.note()
    yield from unused_inputs_notes(levels, inputs)


def _charts(
    ranking: Table, levels: Sequence[LevelBodies], profile: IndexProfile
) -> Iterator[Chart]:
    """The points of the bodies of each level, group upon group, in the order of the ranking."""
    value_at = Values(ranking, UNROUNDED)
    for level, bodies in levels:
        if len(bodies) > MAX_CHART_BODIES:
            continue
        rows = [row.key for row in ranking.rows if row.key.startswith(f"{level}/")]
        series = tuple(
            Series(
                group.name,
                tuple(as_number(value_at[Place(row, f"points.{group.key}")]) for row in rows),
            )
            for group in profile.groups
        )
        name = LEVEL_NAMES[level]
        title = Bilingual(f"Điểm theo nhóm chỉ số: {name.vi}", f"Points by group: {name.en}")
        labels = tuple(str(value_at[Place(row, "body")]) for row in rows)
        unit = Bilingual("điểm", "points")
        yield Chart(f"index766-{level}", title, "bars", labels, series, unit)


def _indicators(body: Body, inputs: Inputs, procedures: Catalogue, profile: IndexProfile) -> Table:
    """The indicators of a body: rate, points, maximum, source and certainty of each."""
    rates, score = assess(profile, body, inputs, procedures)
    rows: list[Row] = []
    for group in profile.groups:
        cells: dict[str, Cell] = {
            "name": Words(group.name),
            "points": points_cell(score.groups[group.key], None, reads_of(group, rates)),
            "max": Points(group.max),
        }
        rows.append(Row(group.key, cells, "group"))
        for indicator in group.parts:
            cells = _indicator_cells(indicator, rates.get(indicator.measure), score)
            rows.append(Row(f"{group.key}/{indicator.key}", cells, depth=1))
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
    return Table("parts", title, columns, tuple(rows))


def _indicator_cells(indicator: Indicator, rate: Rate | None, score: IndexScore) -> dict[str, Cell]:
    return {
        "name": Words(indicator.name),
        "rate": points_cell(rate.share * 100, rate.how, rate.reads) if rate else Points(None),
        "full": Points(indicator.full_marks_at),
        "points": points_cell(score.indicators[indicator.key], None, rate.reads if rate else ()),
        "max": Points(indicator.max),
        "source": Words(indicator.source),
        "certainty": Words(CERTAINTY_NAMES[indicator.certainty]),
    }
