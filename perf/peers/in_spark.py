"""How would an analyst have Spark state a window?

Spark gathers each dossier's events, sorts them, and folds them by the rules, with its
higher-order functions: one pass over all lives, whatever their shape.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from hoso.domain import validity
from hoso.domain.windows import Window
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Integers, Stretches, Suspended

CORES: Final = os.cpu_count() or 1
SETTINGS: Final = {
    "spark.driver.memory": "10g",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": f"{4 * CORES}",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.log.level": "ERROR",
}

# The events whose id recurs, annulments, and what these take back: they are few.
OF_NOTE: Final = """
WITH of_note AS (
    SELECT event FROM log GROUP BY event HAVING count(*) > 1
    UNION SELECT annulled FROM log WHERE annulled IS NOT NULL)
SELECT key, position, unix_date(day), event, coalesce(annulled, 0), annulled IS NOT NULL
FROM log
WHERE annulled IS NOT NULL OR event IN (SELECT event FROM of_note)
ORDER BY recorded, position
"""
LIVES: Final = """
SELECT key, sort_array(collect_list(struct(
    occurred, recorded, position, unix_date(day) AS day, unix_date(due) AS given,
    CASE WHEN type = 'cancelled' AND reason = 'withdrawn' THEN 'withdrawn' ELSE type END AS kind,
    int(allowance) AS allowance, unit <=> 'calendar_days' AS by_calendar))) AS events
FROM log LEFT ANTI JOIN out ON log.position = out.value
WHERE type <> 'annulled' AND day <= DATE '{last}'
GROUP BY key
"""
BLANK: Final = """named_struct(
    'phase', 'none', 'due', 0, 'stopped', 0, 'late', false, 'requests', 0, 'allowance', 0,
    'by_calendar', false, 'account', -1, 'applies', true, 'day', 0)"""


CLOSES: Final = "e.kind IN ('resolved', 'returned', 'cancelled', 'withdrawn')"
MET: Final = f"""named_struct(
    'applies', CASE e.kind
        WHEN 'received' THEN x.s.phase = 'none'
        WHEN 'supplemented' THEN x.s.phase = 'awaiting'
        WHEN 'paused' THEN x.s.phase = 'in_progress'
        WHEN 'resumed' THEN x.s.phase = 'paused'
        ELSE x.s.phase IN ('in_progress', 'awaiting', 'paused') END,
    'starts_anew', e.kind = 'received'
        OR x.s.phase = 'awaiting' AND (e.kind = 'supplemented' OR {CLOSES}),
    'runs_again', x.s.phase = 'paused' AND e.kind <> 'rescheduled',
    'stops', x.s.phase <> 'awaiting' AND e.kind IN ('supplement_requested', 'paused'),
    'worked', {{worked_today}},
    'worked_before', {{worked_yesterday}},
    'worked_stopped', {{worked_stopped}})"""
ALLOWED: Final = """IF(x.m.applies AND e.kind = 'received',
    named_struct(
        'allowance', coalesce(e.allowance, greatest(0, {worked_given} - x.m.worked_before - 1)),
        'by_calendar', e.by_calendar),
    named_struct('allowance', x.s.allowance, 'by_calendar', x.s.by_calendar))"""
REACHED: Final = """CASE
    WHEN x.m.starts_anew THEN {worked_start} + 1 + IF(x.a.by_calendar, 0, x.a.allowance)
    WHEN x.a.by_calendar THEN {worked_shift} + 1
    ELSE {worked_due} + x.m.worked - x.m.worked_stopped END"""
DUE: Final = """CASE
    WHEN NOT (x.m.applies AND (x.m.starts_anew OR x.m.runs_again)) THEN x.s.due
    WHEN e.given IS NOT NULL THEN e.given
    WHEN x.m.starts_anew
        OR e.day > x.s.stopped AND (x.a.by_calendar OR x.m.worked > x.m.worked_stopped)
        THEN {nth}
    ELSE x.s.due END"""
LATE: Final = """x.s.late OR x.s.requests + int(x.m.applies AND e.kind = 'supplement_requested') > 1
    OR x.m.applies AND x.m.stops AND e.day > x.due"""
RESTED: Final = """CASE e.kind
    WHEN 'withdrawn' THEN 12 WHEN 'cancelled' THEN 13
    ELSE IF(e.kind = 'returned', 9, 6) + IF(x.late OR e.day > x.due, 2, int(e.day = x.due)) END"""
AFTER: Final = f"""named_struct(
    'phase', CASE
        WHEN NOT x.m.applies OR e.kind = 'rescheduled' THEN x.s.phase
        WHEN e.kind = 'supplement_requested' THEN 'awaiting'
        WHEN e.kind = 'paused' THEN 'paused'
        WHEN {CLOSES} THEN 'closed'
        ELSE 'in_progress' END,
    'due', x.due,
    'stopped', IF(x.m.applies AND x.m.stops, e.day, x.s.stopped),
    'late', x.late,
    'requests', x.s.requests + int(x.m.applies AND e.kind = 'supplement_requested'),
    'allowance', x.a.allowance,
    'by_calendar', x.a.by_calendar,
    'account', CASE
        WHEN NOT x.m.applies OR e.kind = 'rescheduled' THEN x.s.account
        WHEN e.kind = 'supplement_requested' THEN 2 + int(x.late)
        WHEN e.kind = 'paused' THEN 4 + int(x.late)
        WHEN {CLOSES} THEN {RESTED}
        ELSE int(x.late) END,
    'applies', x.m.applies,
    'day', e.day)"""
# All states of a life, the last one first known: each is made from the one before and an event.
STATES: Final = """
aggregate(events, array({blank}), (told, e) ->
    concat(told, array({step})))"""
STOOD: Final = """
SELECT account, since, until, due, applies, amiss, count(*) AS number
FROM (
    SELECT stood.account, stood.day AS since, stood.due, stood.applies,
        IF(stood.applies, 0, key) AS amiss,
        coalesce(get(states, place + 1).day, {never}) AS until
    FROM (SELECT key, {states} AS states FROM lives)
        LATERAL VIEW posexplode(states) AS place, stood
    WHERE place > 0
)
GROUP BY account, since, until, due, applies, amiss
"""


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    builder = SparkSession.builder.master(f"local[{CORES}]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    files = [name for bucket in asked.buckets(archive) for name in bucket]
    spark.read.parquet(*files).createOrReplaceTempView("log")
    pointless = settle(spark)
    spark.sql(LIVES.format(last=last)).createOrReplaceTempView("lives")
    know_the_calendar(spark)
    told = numbers(spark.sql(STOOD.format(never=NEVER, states=states())))
    account, since, until, due, applies, key, number = told
    stood, amiss = account >= 0, applies == 0
    stretches = (column[stood] for column in (account, since, until, due, number))
    skipped = (np.repeat(column[amiss], number[amiss]) for column in (key, since))
    suspended = map(np.concatenate, zip(pointless, skipped, strict=True))
    return asked.figures(Stretches(*stretches), Suspended(*suspended), windows)


def settle(spark: SparkSession) -> Suspended:
    """Find what has no place in any life; returns the annulments that point to nothing."""
    key, position, day, event, annulled, annuls = numbers(spark.sql(OF_NOTE))
    taken_back = [("", str(e)) if a else None for e, a in zip(annulled, annuls, strict=True)]
    judged = validity.verdicts(key.tolist(), [("", str(e)) for e in event], taken_back)
    verdict = np.array(judged, np.int64)
    out = position[(verdict == validity.REPEAT) | (verdict == validity.ANNULLED)]
    spark.createDataFrame(pa.table({"value": out})).createOrReplaceTempView("out")
    pointless = verdict == validity.UNMATCHED
    return Suspended(key[pointless], day[pointless])


def know_the_calendar(spark: SparkSession) -> None:
    """Keep the working days in variables, which cost no more to look up in than an array."""
    days = asked.days()
    for name, values in (("worked", days.worked), ("nth", days.nth)):
        text = ",".join(map(str, values.tolist()))
        spark.sql(f"DECLARE OR REPLACE VARIABLE {name} ARRAY<INT>")
        spark.sql(f"SET VAR {name} = CAST(split('{text}', ',') AS ARRAY<INT>)")


def states() -> str:
    """The expression that leads a life through the rules, event by event.

    What a step finds out is added to ``x``, one after the other: were they nested, Spark would
    plan for minutes.
    """
    days = asked.days()

    def worked_by(day: str) -> str:
        within = f"greatest(least({day}, {days.last}), {days.first})"
        return f"(worked[{within} - {days.first}] + {day} - {within})"

    number = f"greatest(least(x.reached, {len(days.nth) - 1}), 0)"
    found = {
        "m": MET.format(
            worked_today=worked_by("e.day"),
            worked_yesterday=worked_by("(e.day - 1)"),
            worked_stopped=worked_by("x.s.stopped"),
        ),
        "a": ALLOWED.format(worked_given=worked_by("e.given")),
        "reached": REACHED.format(
            worked_start=worked_by("(e.day - 1 + IF(x.a.by_calendar, x.a.allowance, 0))"),
            worked_shift=worked_by("(x.s.due + e.day - x.s.stopped - 1)"),
            worked_due=worked_by("x.s.due"),
        ),
        "due": DUE.format(nth=f"nth[{number}] + x.reached - {number}"),
        "late": LATE,
    }
    step, fields = "array(named_struct('s', element_at(told, -1)))", "'s', x.s"
    for name, value in found.items():
        fields += f", '{name}', {value}"
        step = f"transform({step}, x -> named_struct({fields}))"
        fields = fields.removesuffix(value) + f"x.{name}"
    step = f"transform({step}, x -> {AFTER})[0]"
    return STATES.format(blank=BLANK, step=step)


def numbers(found: DataFrame) -> tuple[Integers, ...]:
    """The columns of what a query finds."""
    table = found.toArrow()
    return tuple(column.to_numpy().astype(np.int64) for column in table.columns)


if __name__ == "__main__":
    asked.main(figures)
