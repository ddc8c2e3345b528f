"""The task (``perf.peers.task``) solved with DuckDB, as an analyst would.

The files hold one life after the other, so the event before and the event after need no join and no
sort: DuckDB streams LAG and LEAD. Nine lives in ten are *short*: a reception, and at most an end.
They are grouped by their days before the calendar is used. The *long* lives go through the rules
step by step: the first event of every long life, then the second of every one, and so on.
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
from perf.peers import task
from perf.peers.task import NEVER, Figures, Integers, Stretches, Suspended

MEMORY: Final = "10GB"
CORES: Final = os.cpu_count() or 1
BATCH_FILES: Final = 8
BATCH_IDS: Final = 64_000_000  # that are held in memory to find which recur

MACROS: Final = """
CREATE MACRO closes(kind) AS kind IN ('resolved', 'returned', 'cancelled', 'withdrawn');
CREATE MACRO number_of(day) AS day - DATE '1970-01-01';
-- The account of a dossier that is closed by an event of ``kind`` on ``day``.
CREATE MACRO closed_account(kind, late, day, due) AS CASE kind
    WHEN 'withdrawn' THEN 12 WHEN 'cancelled' THEN 13
    ELSE if(kind = 'returned', 9, 6) + if(late OR day > due, 2, (day = due)::INT) END;
-- The due day of a fresh clock is the day ``added_days`` working days after ``base_day``.
CREATE MACRO base_day_of(day, allowance, by_calendar) AS day - 1 + if(by_calendar, allowance, 0);
CREATE MACRO added_days_of(allowance, by_calendar) AS 1 + if(by_calendar, 0, allowance);
-- The nearest row of each table of the calendar.
CREATE MACRO day_in_table(day) AS least(greatest(day, {first}), {last});
CREATE MACRO number_in_table(number) AS least(greatest(number, 0), {most});
"""
# Adds ``computed_due`` to the rows of ``clocks``: the day ``added_days`` working days after
# ``base_day``. ``ordinal`` is its number, counted from the first working day of the table.
WITH_COMPUTED_DUE: Final = """
SELECT clocks.*, nth.day + (ordinal - number_in_table(ordinal)) AS computed_due
FROM (
    SELECT clocks.*, worked.number + (base_day - day_in_table(base_day)) + added_days AS ordinal
    FROM clocks LEFT JOIN worked ON worked.day = day_in_table(base_day)
) AS clocks LEFT JOIN nth ON nth.number = number_in_table(ordinal)
"""

# The only events that may not count, or make others not count: repeated ids, annulments, and the
# events that annulments point to.
CANDIDATES: Final = """
CREATE TABLE candidates AS
SELECT position, recorded, key, day, event, annulled,
    row_number() OVER (PARTITION BY event ORDER BY recorded, position) > 1 AS is_repeat
FROM log
WHERE annulled IS NOT NULL
    OR event IN (FROM recurring UNION ALL SELECT annulled FROM log WHERE annulled IS NOT NULL)
"""
# An annulment must point to an earlier event of its dossier.
ANNULMENTS: Final = """
CREATE TABLE annulments AS
SELECT later.position AS annulment, earlier.position AS target
FROM candidates AS later JOIN candidates AS earlier
    ON earlier.event = later.annulled AND earlier.key = later.key
WHERE NOT later.is_repeat AND NOT earlier.is_repeat
    AND (earlier.recorded, earlier.position) < (later.recorded, later.position)
"""
# An annulment is in force unless another one in force annuls it. Annulments point to earlier events
# only, so repeating this statement reaches a fixed point.
IN_FORCE: Final = """
CREATE OR REPLACE TABLE in_force AS
SELECT * FROM annulments WHERE annulment NOT IN (SELECT target FROM in_force)
"""
DROPPED: Final = """
CREATE TABLE dropped AS
SELECT key, position FROM candidates
WHERE is_repeat OR position IN (SELECT target FROM in_force)
"""
UNMATCHED: Final = """
SELECT key, number_of(day)::INT AS day
FROM candidates
WHERE annulled IS NOT NULL
    AND position NOT IN (SELECT position FROM dropped)
    AND position NOT IN (SELECT annulment FROM annulments)
"""

# All events in the order of the lives. The end of a short life has no row of its own, but is in the
# row of the reception. A join before the window functions would stop DuckDB from streaming.
EVENTS: Final = """
CREATE OR REPLACE TEMP TABLE events AS
WITH
    read AS (
        SELECT key, position, number_of(day)::INT AS day, number_of(due)::INT AS given,
            allowance::INT AS allowance, unit = 'calendar_days' AS by_calendar,
            if(type = 'cancelled' AND reason = 'withdrawn', 'withdrawn', type) AS kind
        FROM ({files})
        WHERE day <= DATE '{last}' AND type <> 'annulled'
    ),
    with_next AS (
        SELECT *,
            row_number() OVER () AS place,
            coalesce(lag(key) OVER () <> key, true) AS is_first,
            coalesce(lead(key) OVER () <> key, true) AS is_last,
            coalesce(lead(key, 2) OVER () <> key, true) AS is_among_last_two,
            lead(kind) OVER () AS end_kind,
            lead(day) OVER () AS end_day
        FROM read
    ),
    shaped AS (
        SELECT *,
            is_first AND kind = 'received' AND (is_last OR is_among_last_two AND closes(end_kind))
                AS is_short
        FROM with_next
    ),
    paired AS (
        SELECT *,
            coalesce(lag(is_short AND NOT is_last) OVER (), false) AS ends_short,
            key IN (SELECT key FROM dropped) AS has_dropped
        FROM shaped
    )
SELECT key, position, place, kind, day, given, allowance, by_calendar,
    is_short AND NOT has_dropped AS is_short, is_last, end_kind, end_day
FROM paired
WHERE has_dropped OR NOT ends_short
"""
IN_ORDER: Final = "FROM read_parquet({files})"
TO_SORT: Final = "FROM read_parquet({files}) ORDER BY key, life, recorded, position"

RESULTS: Final = """
CREATE OR REPLACE TEMP TABLE stretches (account INT, since INT, until INT, due INT, number BIGINT);
CREATE OR REPLACE TEMP TABLE suspended (key BIGINT, day INT)
"""
SHORT_LIVES: Final = f"""
INSERT INTO stretches
WITH
    clocks AS (
        SELECT * EXCLUDE (allowance, by_calendar),
            base_day_of(day, allowance, by_calendar) AS base_day,
            added_days_of(allowance, by_calendar) AS added_days
        FROM (
            SELECT day, given, allowance, by_calendar, is_last, end_kind, end_day,
                count(*) AS number
            FROM events WHERE is_short GROUP BY ALL
        )
    ),
    lives AS (SELECT *, coalesce(given, computed_due) AS due FROM ({WITH_COMPUTED_DUE}))
SELECT 0, day, if(is_last, {NEVER}, end_day), due, number FROM lives
UNION ALL
SELECT closed_account(end_kind, false, end_day, due), end_day, {NEVER}, 0, number
FROM lives WHERE NOT is_last
"""

# The events of the long lives. A reception without an allowance gets the one that its given due day
# stands for.
LONG_LIVES: Final = f"""
CREATE OR REPLACE TEMP TABLE long_lives AS
SELECT key, row_number() OVER life AS place, kind, event.day, given,
    today.number + (event.day - today.day) AS worked,
    coalesce(by_calendar, false) AS by_calendar,
    coalesce(allowance, greatest(0, due.number + (given - due.day)
        - today.before - (event.day - today.day) - 1)) AS allowance,
    coalesce(lag(key) OVER life <> key, true) AS is_first,
    coalesce(lead(key) OVER life <> key, true) AS is_last,
    if(is_last, {NEVER}, lead(event.day) OVER life) AS next_day
FROM (SELECT * EXCLUDE (is_last) FROM events WHERE NOT is_short) AS event
    ANTI JOIN dropped USING (position)
    JOIN worked AS today ON today.day = day_in_table(event.day)
    LEFT JOIN worked AS due ON due.day = day_in_table(given)
WINDOW life AS (ORDER BY event.place)
"""
# One row for each long life that goes on: its state, and the place of its next event.
FIRST_STATES: Final = """
CREATE OR REPLACE TEMP TABLE states AS
SELECT place, 'none' AS phase, 0 AS due, 0 AS stopped, 0 AS worked_stopped, false AS late,
    0 AS requests, 0 AS allowance, false AS by_calendar, -1 AS account
FROM long_lives WHERE is_first
"""
STEP: Final = f"""
CREATE OR REPLACE TEMP TABLE stepped AS
WITH
    judged AS (
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
                AS starts_clock,
            phase = 'paused' AND kind <> 'rescheduled' AS resumes_clock,
            if(kind = 'received' AND applies, long_lives.allowance, states.allowance) AS allowance,
            if(kind = 'received' AND applies, long_lives.by_calendar, states.by_calendar)
                AS by_calendar
        FROM states JOIN long_lives USING (place)
    ),
    clocks AS (
        SELECT *,
            CASE WHEN starts_clock THEN base_day_of(day, allowance, by_calendar)
                WHEN by_calendar THEN due + (day - stopped) - 1
                ELSE due END AS base_day,
            CASE WHEN starts_clock THEN added_days_of(allowance, by_calendar)
                WHEN by_calendar THEN 1
                ELSE worked - worked_stopped END AS added_days,
            starts_clock OR day > stopped AND (by_calendar OR worked > worked_stopped) AS moves_due
        FROM judged
    ),
    with_due AS (
        SELECT * REPLACE (CASE
                WHEN NOT (applies AND (starts_clock OR resumes_clock)) THEN due
                WHEN given IS NOT NULL THEN given
                WHEN moves_due THEN computed_due
                ELSE due END AS due)
        FROM ({WITH_COMPUTED_DUE})
    ),
    with_requests AS (
        SELECT * REPLACE (requests + (applies AND kind = 'supplement_requested')::INT AS requests),
            applies AND phase <> 'awaiting' AND kind IN ('supplement_requested', 'paused')
                AS stops_clock
        FROM with_due
    ),
    with_late AS (
        SELECT * REPLACE (late OR requests > 1 OR (stops_clock AND day > due) AS late)
        FROM with_requests
    )
SELECT key, place, day, is_last, next_day, applies, due, late, requests, allowance, by_calendar,
    if(stops_clock, day, stopped) AS stopped,
    if(stops_clock, worked, worked_stopped) AS worked_stopped,
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
        WHEN closes(kind) THEN closed_account(kind, late, day, due)
        ELSE late::INT END AS account
FROM with_late
"""
ADD_STRETCHES: Final = """
INSERT INTO stretches
SELECT account, day, next_day, due, count(*) FROM stepped WHERE account >= 0 GROUP BY ALL
"""
ADD_SUSPENDED: Final = "INSERT INTO suspended SELECT key, day FROM stepped WHERE NOT applies"
NEXT_STATES: Final = """
CREATE OR REPLACE TEMP TABLE states AS
SELECT place + 1 AS place, phase, due, stopped, worked_stopped, late, requests, allowance,
    by_calendar, account
FROM stepped WHERE NOT is_last
"""


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    with duckdb.connect(config={"memory_limit": MEMORY}) as db:
        add_calendar(db)
        unmatched = find_dropped(db, archive)
        with ThreadPoolExecutor(CORES) as threads:
            parts = list(threads.map(partial(fold, db, last), batches(archive)))
    stretches = [part for part, _ in parts]
    suspended = [unmatched, *(part for _, part in parts)]
    return task.figures_of_parts(stretches, suspended, windows)


def add_calendar(db: DuckDBPyConnection) -> None:
    """Make the tables of working days, and the macros that read them."""
    days = task.days()
    most = len(days.nth) - 1
    db.execute(MACROS.format(first=days.first, last=days.last, most=most))
    day, before = np.arange(days.first, days.last + 1), np.append(-1, days.worked[:-1])
    for name, columns in (
        ("worked", {"day": day, "number": days.worked, "before": before}),
        ("nth", {"number": np.arange(most + 1), "day": days.nth}),
    ):
        add_table(db, name, {column: values.astype(np.int32) for column, values in columns.items()})


def find_dropped(db: DuckDBPyConnection, archive: Path) -> Suspended:
    """Make the table of events that do not count. Returns the annulments that match no event."""
    files = [name for bucket in task.buckets(archive) for name in bucket]
    db.execute(f"CREATE VIEW log AS FROM read_parquet({files})")
    add_table(db, "recurring", {"event": recurring(db)})
    db.execute(CANDIDATES)
    db.execute(ANNULMENTS)
    db.execute("CREATE TABLE in_force AS FROM annulments")
    before = -1
    while before != (now := count(db, "in_force")):
        before = now
        db.execute(IN_FORCE)
    db.execute(DROPPED)
    return Suspended(**db.execute(UNMATCHED).fetchnumpy())


def recurring(db: DuckDBPyConnection) -> Integers:
    """The ids that several events have. numpy sorts them in a third of the time DuckDB takes."""
    parts = 1 + count(db, "log") // BATCH_IDS
    recurring_ids = []
    for part in range(parts):
        condition = f"WHERE abs(event % {parts}) = {part}" if parts > 1 else ""
        ids = db.execute(f"SELECT event FROM log {condition}").fetchnumpy()["event"]
        ids.sort()
        recurring_ids.append(ids[1:][ids[1:] == ids[:-1]])
    return np.unique(np.concatenate(recurring_ids))


def batches(archive: Path) -> list[str]:
    """Queries that read the events, life after life.

    Each query has a fixed cost, so one reads several buckets; but there are enough queries for all
    cores. A bucket of several files must be sorted and has a query of its own.
    """
    buckets = task.buckets(archive)
    sorted_files = [bucket[0] for bucket in buckets if len(bucket) == 1]
    size = min(BATCH_FILES, 1 + len(sorted_files) // CORES)
    groups = [sorted_files[start : start + size] for start in range(0, len(sorted_files), size)]
    return [IN_ORDER.format(files=files) for files in groups] + [
        TO_SORT.format(files=bucket) for bucket in buckets if len(bucket) > 1
    ]


def fold(db: DuckDBPyConnection, last: date, files: str) -> tuple[Stretches, Suspended]:
    """Fold the events that a query reads, up to the day ``last``."""
    with db.cursor() as cursor:
        cursor.execute(RESULTS)
        cursor.execute(EVENTS.format(files=files, last=last))
        cursor.execute(SHORT_LIVES)
        cursor.execute(LONG_LIVES)
        cursor.execute(FIRST_STATES)
        while count(cursor, "states"):
            for statement in (STEP, ADD_STRETCHES, ADD_SUSPENDED, NEXT_STATES):
                cursor.execute(statement)
        stretches = cursor.execute("FROM stretches").fetchnumpy()
        suspended = cursor.execute("FROM suspended").fetchnumpy()
    return Stretches(**stretches), Suspended(**suspended)


def add_table(db: DuckDBPyConnection, name: str, columns: dict[str, Integers]) -> None:
    """Make a table of some columns."""
    db.register("arrow", pa.table(columns))
    db.execute(f"CREATE TABLE {name} AS FROM arrow")


def count(db: DuckDBPyConnection, table: str) -> int:
    """The number of rows of a table."""
    (number,) = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    return int(number)


if __name__ == "__main__":
    task.main(figures)
