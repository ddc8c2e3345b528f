"""How would an analyst have DuckDB state a window?

The files tell life after life, so the event before and the one after need no join and no sort:
DuckDB streams LAG and LEAD. Nine lives in ten are a reception and an end; they are counted by
their days before anything is asked of a calendar. The others go through the rules step by step,
the next event of every life at a time.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from hoso.domain.windows import Window
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Integers, Stretches, Suspended

MEMORY: Final = "10GB"
CORES: Final = os.cpu_count() or 1
FILES: Final = 8  # whose lives are told at a time
AT_ONCE: Final = 64_000_000  # ids that are held, to see which recur

MACROS: Final = """
CREATE MACRO closes(kind) AS kind IN ('resolved', 'returned', 'cancelled', 'withdrawn');
CREATE MACRO number_of(day) AS day - DATE '1970-01-01';
-- The account of a dossier that a ``kind`` of event closes on a day.
CREATE MACRO rested(kind, late, day, due) AS CASE kind
    WHEN 'withdrawn' THEN 12 WHEN 'cancelled' THEN 13
    ELSE if(kind = 'returned', 9, 6) + if(late OR day > due, 2, (day = due)::INT) END;
-- A fresh clock's due day: so many working days further than so many there were by a day.
CREATE MACRO start_of(day, allowance, by_calendar) AS day - 1 + if(by_calendar, allowance, 0);
CREATE MACRO further(allowance, by_calendar) AS 1 + if(by_calendar, 0, allowance);
CREATE MACRO day_within(day) AS least(greatest(day, {first}), {last});
CREATE MACRO number_within(number) AS least(greatest(number, 0), {most});
"""
# Reads off the calendar's tables: ``due_then`` is the day ``plus`` working days further than
# there were by the day ``start``.
READ_OFF: Final = """
SELECT come.*, nth.day + (reached - number_within(reached)) AS due_then
FROM (
    SELECT come.*, worked.number + (start - day_within(start)) + plus AS reached
    FROM come LEFT JOIN worked ON worked.day = day_within(start)
) AS come LEFT JOIN nth ON nth.number = number_within(reached)
"""

# Which events are of note? Those whose id recurs, annulments, and what these take back.
OF_NOTE: Final = """
CREATE TABLE of_note AS
SELECT position, recorded, key, day, event, annulled,
    row_number() OVER (PARTITION BY event ORDER BY recorded, position) > 1 AS is_repeat
FROM log
WHERE annulled IS NOT NULL
    OR event IN (FROM recurring UNION ALL SELECT annulled FROM log WHERE annulled IS NOT NULL)
"""
# What each annulment points to: an earlier event of its dossier.
POINTING: Final = """
CREATE TABLE pointing AS
SELECT later.position AS annulment, earlier.position AS target
FROM of_note AS later JOIN of_note AS earlier
    ON earlier.event = later.annulled AND earlier.key = later.key
WHERE NOT later.is_repeat AND NOT earlier.is_repeat
    AND (earlier.recorded, earlier.position) < (later.recorded, later.position)
"""
# In force is what no other in force takes back. As all point back, asking again comes to rest.
IN_FORCE: Final = """
CREATE OR REPLACE TABLE in_force AS
SELECT * FROM pointing WHERE annulment NOT IN (SELECT target FROM in_force)
"""
OUT: Final = """
CREATE TABLE out AS
SELECT key, position FROM of_note WHERE is_repeat OR position IN (SELECT target FROM in_force)
"""
POINTLESS: Final = """
SELECT key, number_of(day)::INT AS day
FROM of_note
WHERE annulled IS NOT NULL
    AND position NOT IN (SELECT position FROM out)
    AND position NOT IN (SELECT annulment FROM pointing)
"""

# The lives, but for the ends of the plain ones, which stand beside their receptions. Nothing must
# be joined before the windows: they would no longer stream.
TOLD: Final = """
CREATE OR REPLACE TEMP TABLE told AS
WITH
    read AS (
        SELECT key, position, number_of(day)::INT AS day, number_of(due)::INT AS given,
            allowance::INT AS allowance, unit = 'calendar_days' AS by_calendar,
            if(type = 'cancelled' AND reason = 'withdrawn', 'withdrawn', type) AS kind
        FROM ({events})
        WHERE day <= DATE '{last}' AND type <> 'annulled'
    ),
    beside AS (
        SELECT *,
            row_number() OVER () AS place,
            coalesce(lag(key) OVER () <> key, true) AS is_first,
            coalesce(lead(key) OVER () <> key, true) AS is_last,
            coalesce(lead(key, 2) OVER () <> key, true) AS is_among_last,
            lead(kind) OVER () AS end_kind,
            lead(day) OVER () AS end_day
        FROM read
    ),
    shaped AS (
        SELECT *,
            is_first AND kind = 'received' AND (is_last OR is_among_last AND closes(end_kind))
                AS is_plain
        FROM beside
    ),
    paired AS (
        SELECT *,
            coalesce(lag(is_plain AND NOT is_last) OVER (), false) AS ends_plain,
            key IN (SELECT key FROM out) AS is_touched
        FROM shaped
    )
SELECT key, position, place, kind, day, given, allowance, by_calendar,
    is_plain AND NOT is_touched AS is_plain, is_last, end_kind, end_day
FROM paired
WHERE is_touched OR NOT ends_plain
"""
IN_ORDER: Final = "FROM read_parquet({files})"
TO_ORDER: Final = "FROM read_parquet({files}) ORDER BY key, occurred, recorded, position"

STRETCHES: Final = """
CREATE OR REPLACE TEMP TABLE stretches (account INT, since INT, until INT, due INT, number BIGINT);
CREATE OR REPLACE TEMP TABLE suspended (key BIGINT, day INT)
"""
PLAIN: Final = f"""
INSERT INTO stretches
WITH
    come AS (
        SELECT * EXCLUDE (allowance, by_calendar),
            start_of(day, allowance, by_calendar) AS start,
            further(allowance, by_calendar) AS plus
        FROM (
            SELECT day, given, allowance, by_calendar, is_last, end_kind, end_day,
                count(*) AS number
            FROM told WHERE is_plain GROUP BY ALL
        )
    ),
    lived AS (SELECT *, coalesce(given, due_then) AS due FROM ({READ_OFF}))
SELECT 0, day, if(is_last, {NEVER}, end_day), due, number FROM lived
UNION ALL
SELECT rested(end_kind, false, end_day, due), end_day, {NEVER}, 0, number
FROM lived WHERE NOT is_last
"""

# The others, and the allowance that a given day stands for where a reception has none.
UNEVEN: Final = f"""
CREATE OR REPLACE TEMP TABLE uneven AS
SELECT key, row_number() OVER life AS place, kind, told.day, given,
    today.number + (told.day - today.day) AS worked,
    coalesce(by_calendar, false) AS by_calendar,
    coalesce(allowance, greatest(0, due.number + (given - due.day)
        - today.before - (told.day - today.day) - 1)) AS allowance,
    coalesce(lag(key) OVER life <> key, true) AS is_first,
    coalesce(lead(key) OVER life <> key, true) AS is_last,
    if(is_last, {NEVER}, lead(told.day) OVER life) AS next_day
FROM (SELECT * EXCLUDE (is_last) FROM told WHERE NOT is_plain) AS told
    ANTI JOIN out USING (position)
    JOIN worked AS today ON today.day = day_within(told.day)
    LEFT JOIN worked AS due ON due.day = day_within(given)
WINDOW life AS (ORDER BY told.place)
"""
BORN: Final = """
CREATE OR REPLACE TEMP TABLE lives AS
SELECT place, 'none' AS phase, 0 AS due, 0 AS stopped, 0 AS worked_stopped, false AS late,
    0 AS requests, 0 AS allowance, false AS by_calendar, -1 AS account
FROM uneven WHERE is_first
"""
STEP: Final = f"""
CREATE OR REPLACE TEMP TABLE lived AS
WITH
    met AS (
        SELECT key, place, kind, day, given, worked, is_last, next_day,
            phase, due, stopped, worked_stopped, late, requests, account,
            CASE kind
                WHEN 'received' THEN phase = 'none'
                WHEN 'supplemented' THEN phase = 'awaiting'
                WHEN 'paused' THEN phase = 'in_progress'
                WHEN 'resumed' THEN phase = 'paused'
                ELSE phase IN ('in_progress', 'awaiting', 'paused')
            END AS applies,
            kind = 'received' OR phase = 'awaiting' AND (kind = 'supplemented' OR closes(kind))
                AS starts_anew,
            phase = 'paused' AND kind <> 'rescheduled' AS runs_again,
            if(kind = 'received' AND applies, uneven.allowance, lives.allowance) AS allowance,
            if(kind = 'received' AND applies, uneven.by_calendar, lives.by_calendar) AS by_calendar
        FROM lives JOIN uneven USING (place)
    ),
    come AS (
        SELECT *,
            CASE WHEN starts_anew THEN start_of(day, allowance, by_calendar)
                WHEN by_calendar THEN due + (day - stopped) - 1
                ELSE due END AS start,
            CASE WHEN starts_anew THEN further(allowance, by_calendar)
                WHEN by_calendar THEN 1
                ELSE worked - worked_stopped END AS plus,
            starts_anew OR day > stopped AND (by_calendar OR worked > worked_stopped) AS moves
        FROM met
    ),
    clocked AS (
        SELECT * REPLACE (CASE
                WHEN NOT (applies AND (starts_anew OR runs_again)) THEN due
                WHEN given IS NOT NULL THEN given
                WHEN moves THEN due_then
                ELSE due END AS due)
        FROM ({READ_OFF})
    ),
    asked AS (
        SELECT * REPLACE (requests + (applies AND kind = 'supplement_requested')::INT AS requests),
            applies AND phase <> 'awaiting' AND kind IN ('supplement_requested', 'paused') AS stops
        FROM clocked
    ),
    timed AS (
        SELECT * REPLACE (late OR requests > 1 OR (stops AND day > due) AS late) FROM asked
    )
SELECT key, place, day, is_last, next_day, applies, due, late, requests, allowance, by_calendar,
    if(stops, day, stopped) AS stopped,
    if(stops, worked, worked_stopped) AS worked_stopped,
    CASE
        WHEN NOT applies OR kind = 'rescheduled' THEN phase
        WHEN kind = 'supplement_requested' THEN 'awaiting'
        WHEN kind = 'paused' THEN 'paused'
        WHEN closes(kind) THEN 'closed'
        ELSE 'in_progress' END AS phase,
    CASE
        WHEN NOT applies OR kind = 'rescheduled' THEN account
        WHEN kind = 'supplement_requested' THEN 2 + late::INT
        WHEN kind = 'paused' THEN 4 + late::INT
        WHEN closes(kind) THEN rested(kind, late, day, due)
        ELSE late::INT END AS account
FROM timed
"""
STOOD: Final = """
INSERT INTO stretches
SELECT account, day, next_day, due, count(*) FROM lived WHERE account >= 0 GROUP BY ALL
"""
DID_NOT_APPLY: Final = "INSERT INTO suspended SELECT key, day FROM lived WHERE NOT applies"
LIVE_ON: Final = """
CREATE OR REPLACE TEMP TABLE lives AS
SELECT place + 1 AS place, phase, due, stopped, worked_stopped, late, requests, allowance,
    by_calendar, account
FROM lived WHERE NOT is_last
"""


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    with duckdb.connect(config={"memory_limit": MEMORY}) as db:
        know_the_calendar(db)
        pointless = settle(db, archive)
        with ThreadPoolExecutor(CORES) as side_by_side:
            parts = list(side_by_side.map(partial(tell, db, last), portions(archive)))
    stretches = [part for part, _ in parts]
    suspended = [pointless, *(part for _, part in parts)]
    return asked.in_portions(stretches, suspended, windows)


def know_the_calendar(db: DuckDBPyConnection) -> None:
    """Make tables of the working days, and what reads them."""
    days = asked.days()
    most = len(days.nth) - 1
    db.execute(MACROS.format(first=days.first, last=days.last, most=most))
    day, before = np.arange(days.first, days.last + 1), np.append(-1, days.worked[:-1])
    for name, columns in (
        ("worked", {"day": day, "number": days.worked, "before": before}),
        ("nth", {"number": np.arange(most + 1), "day": days.nth}),
    ):
        keep(db, name, {column: values.astype(np.int32) for column, values in columns.items()})


def settle(db: DuckDBPyConnection, archive: Path) -> Suspended:
    """Find what has no place in any life; returns the annulments that point to nothing."""
    files = [name for bucket in asked.buckets(archive) for name in bucket]
    db.execute(f"CREATE VIEW log AS FROM read_parquet({files})")
    keep(db, "recurring", {"event": recurring(db)})
    db.execute(OF_NOTE)
    db.execute(POINTING)
    db.execute("CREATE TABLE in_force AS FROM pointing")
    before = -1
    while before != (now := count(db, "in_force")):
        before = now
        db.execute(IN_FORCE)
    db.execute(OUT)
    return Suspended(**db.execute(POINTLESS).fetchnumpy())


def recurring(db: DuckDBPyConnection) -> Integers:
    """The ids that several events bear. To sort them, numpy takes a third of DuckDB's time."""
    parts = 1 + count(db, "log") // AT_ONCE
    found = []
    for part in range(parts):
        some = f"WHERE abs(event % {parts}) = {part}" if parts > 1 else ""
        event = db.execute(f"SELECT event FROM log {some}").fetchnumpy()["event"]
        event.sort()
        found.append(event[1:][event[1:] == event[:-1]])
    return np.unique(np.concatenate(found))


def portions(archive: Path) -> list[str]:
    """The events, life after life: several buckets together, as each query has a price of its own,
    and enough portions for all cores. A bucket of several files stands alone."""
    buckets = asked.buckets(archive)
    alone = [bucket[0] for bucket in buckets if len(bucket) == 1]
    size = min(FILES, 1 + len(alone) // CORES)
    told = [alone[start : start + size] for start in range(0, len(alone), size)]
    return [IN_ORDER.format(files=files) for files in told] + [
        TO_ORDER.format(files=bucket) for bucket in buckets if len(bucket) > 1
    ]


def tell(db: DuckDBPyConnection, last: date, events: str) -> tuple[Stretches, Suspended]:
    """Tell some lives up to a day."""
    with db.cursor() as own:
        own.execute(STRETCHES)
        own.execute(TOLD.format(events=events, last=last))
        own.execute(PLAIN)
        own.execute(UNEVEN)
        own.execute(BORN)
        while count(own, "lives"):
            for each in (STEP, STOOD, DID_NOT_APPLY, LIVE_ON):
                own.execute(each)
        stretches = own.execute("FROM stretches").fetchnumpy()
        suspended = own.execute("FROM suspended").fetchnumpy()
    return Stretches(**stretches), Suspended(**suspended)


def keep(db: DuckDBPyConnection, name: str, columns: dict[str, Integers]) -> None:
    """Make a table of some columns."""
    db.register("given", pa.table(columns))
    db.execute(f"CREATE TABLE {name} AS FROM given")


def count(db: DuckDBPyConnection, table: str) -> int:
    """How many rows a table has."""
    (number,) = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    return int(number)


if __name__ == "__main__":
    asked.main(figures)
