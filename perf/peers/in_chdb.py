"""How would an analyst have ClickHouse state a window, in its embedded form, chDB?

The files tell life after life, so a window of two rows either way shows the event before and the
one after. Nine lives in ten are a reception and an end; they are counted by their days before
anything is asked of a calendar. The others go through the rules step by step, the next event of
every life at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa
from chdb.session import Session

from hoso.domain.windows import Window
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Integers, Suspended

SETTINGS: Final = (
    "max_memory_usage = 10000000000",
    "max_bytes_before_external_group_by = 4000000000",
    "input_format_parquet_preserve_order = 1",
    "join_use_nulls = 1",
    "compile_expressions = 0",  # each step would be compiled anew
)

# As numbers, kinds are compared sooner, and look like their names all the same.
KINDS: Final = (
    "Enum8('received', 'supplement_requested', 'supplemented', 'paused', 'resumed', "
    "'rescheduled', 'returned', 'cancelled', 'withdrawn', 'resolved')"
)
DICTIONARY: Final = """
CREATE DICTIONARY {name} (place UInt64, number Int64) PRIMARY KEY place
SOURCE(CLICKHOUSE(TABLE '{name}_table')) LAYOUT(FLAT(MAX_ARRAY_SIZE 200000)) LIFETIME(0)
"""
FUNCTIONS: Final = (
    "closes AS kind -> kind IN ('resolved', 'returned', 'cancelled', 'withdrawn')",
    "day_within AS day -> least(greatest(day, {first}), {last})",
    "number_within AS number -> least(greatest(number, 0), {most})",
    """worked_by AS day ->
        dictGet('worked', 'number', toUInt64(day_within(day) - {first})) + day - day_within(day)""",
    """nth_worked AS number ->
        dictGet('nth', 'number', toUInt64(number_within(number))) + number
        - number_within(number)""",
    "start_of AS (day, allowance, by_calendar) -> day - 1 + if(by_calendar, allowance, 0)",
    "further AS (allowance, by_calendar) -> 1 + if(by_calendar, 0, allowance)",
    """rested AS (kind, late, day, due) -> multiIf(
        kind = 'withdrawn', 12, kind = 'cancelled', 13,
        if(kind = 'returned', 9, 6) + if(late OR day > due, 2, day = due))""",
)

# Which events are of note? Those whose id recurs, annulments, and what these take back.
OF_NOTE: Final = """
SELECT position, recorded, key, toInt64(toInt32(day)) AS day, event, annulled,
    row_number() OVER (PARTITION BY event ORDER BY recorded, position) > 1 AS is_repeat
FROM {log}
WHERE annulled IS NOT NULL OR event IN (
    SELECT event FROM {log} GROUP BY event HAVING count() > 1
    UNION ALL SELECT annulled FROM {log} WHERE annulled IS NOT NULL)
"""
# What each annulment points to: an earlier event of its dossier.
POINTING: Final = """
SELECT later.position AS annulment, earlier.position AS target
FROM of_note AS later JOIN of_note AS earlier
    ON earlier.event = later.annulled AND earlier.key = later.key
WHERE NOT later.is_repeat AND NOT earlier.is_repeat
    AND (earlier.recorded, earlier.position) < (later.recorded, later.position)
"""
# In force is what no other in force takes back. As all point back, asking again comes to rest.
IN_FORCE: Final = """
SELECT * FROM pointing WHERE annulment NOT IN (SELECT target FROM {before})
"""
OUT: Final = """
SELECT key, position FROM of_note WHERE is_repeat OR position IN (SELECT target FROM {in_force})
"""
POINTLESS: Final = """
SELECT key, day FROM of_note
WHERE annulled IS NOT NULL
    AND position NOT IN (SELECT position FROM out)
    AND position NOT IN (SELECT annulment FROM pointing)
"""

# The lives, but for the ends of the plain ones, which stand beside their receptions.
TOLD: Final = """
WITH
    read AS (
        SELECT key, position, toInt64(toInt32(day)) AS day_number,
            toInt64(toInt32(due)) AS given, toInt64(allowance) AS given_allowance,
            unit = 'calendar_days' AS by_calendar,
            if(type = 'cancelled' AND reason = 'withdrawn', 'withdrawn', assumeNotNull(type))
                ::{kinds} AS kind
        FROM {events}
        WHERE day <= toDate32('{last}') AND type <> 'annulled'
    ),
    beside AS (
        SELECT *, {bucket} AS bucket,
            row_number() OVER until_now AS row,
            lagInFrame(key) OVER near AS key_before,
            lagInFrame(key, 2) OVER near AS key_before_that,
            lagInFrame(kind) OVER near AS kind_before,
            leadInFrame(key) OVER near AS key_after,
            leadInFrame(key, 2) OVER near AS key_after_that,
            leadInFrame(kind) OVER near AS end_kind,
            leadInFrame(day_number) OVER near AS end_day
        FROM read
        WINDOW near AS (ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING),
            until_now AS (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
SELECT key, position, bucket, row, kind, day_number AS day, given, given_allowance, by_calendar,
    end_kind, end_day, key IN (SELECT key FROM out) AS is_touched,
    ifNull(key_after <> key, true) AS is_last,
    NOT is_touched AND kind = 'received' AND ifNull(key_before <> key, true)
        AND (is_last OR closes(end_kind) AND ifNull(key_after_that <> key, true)) AS is_plain
FROM beside
WHERE is_touched OR NOT (
    is_last AND closes(kind) AND kind_before = 'received' AND ifNull(key_before = key, false)
    AND ifNull(key_before_that <> key, true))
"""
IN_ORDER: Final = "file('{files}', Parquet)"
TO_ORDER: Final = """(
    SELECT * FROM file('{files}', Parquet) ORDER BY key, occurred, recorded, position)"""

PLAIN: Final = f"""
WITH lived AS (
    SELECT *,
        start_of(day, given_allowance, by_calendar) AS start,
        worked_by(start) + further(given_allowance, by_calendar) AS reached,
        ifNull(given, nth_worked(reached)) AS due
    FROM (
        SELECT day, given, given_allowance, by_calendar, is_last, end_kind, end_day,
            count() AS number
        FROM told WHERE is_plain GROUP BY ALL
    )
)
SELECT 0 AS account, day AS since, if(is_last, {NEVER}, end_day) AS until, due, number FROM lived
UNION ALL
SELECT rested(end_kind, false, end_day, due), end_day, {NEVER}, due, number
FROM lived WHERE NOT is_last
"""
# The others, and the allowance that a given day stands for where a reception has none.
UNEVEN: Final = """
SELECT key, kind, day, given, worked_by(day) AS worked, row_number() OVER life AS place,
    ifNull(by_calendar, false) AS own_by_calendar,
    ifNull(given_allowance, greatest(0, worked_by(given) - worked_by(day - 1) - 1))
        AS own_allowance,
    ifNull(lagInFrame(key) OVER life <> key, true) AS is_first,
    ifNull(leadInFrame(key) OVER life <> key, true) AS is_last,
    leadInFrame(day) OVER life AS next_day
FROM told
WHERE NOT is_plain AND position NOT IN (SELECT position FROM out)
WINDOW life AS (ORDER BY bucket, row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)
"""
BORN: Final = """
SELECT place, 'none' AS phase, toInt64(0) AS due, toInt64(0) AS stopped,
    toInt64(0) AS worked_stopped, false AS late,
    toInt64(0) AS requests, toInt64(0) AS allowance, false AS by_calendar, toInt64(-1) AS account
FROM uneven WHERE is_first
"""
STEP: Final = """
WITH
    met AS (
        SELECT uneven.*, phase AS before, account AS account_before, due AS due_before,
            stopped AS stopped_before, worked_stopped, late AS late_before,
            multiIf(
                kind = 'received', phase = 'none',
                kind = 'supplemented', phase = 'awaiting',
                kind = 'paused', phase = 'in_progress',
                kind = 'resumed', phase = 'paused',
                phase IN ('in_progress', 'awaiting', 'paused')) AS applies,
            kind = 'received'
                OR (phase = 'awaiting' AND (kind = 'supplemented' OR closes(kind))) AS starts_anew,
            phase = 'paused' AND kind <> 'rescheduled' AS runs_again,
            applies AND phase <> 'awaiting' AND kind IN ('supplement_requested', 'paused') AS stops,
            requests + (applies AND kind = 'supplement_requested') AS requests_now,
            if(applies AND kind = 'received', own_allowance, allowance) AS allowance_now,
            if(applies AND kind = 'received', own_by_calendar, by_calendar) AS by_calendar_now
        FROM uneven JOIN {lives} AS lives ON lives.place = uneven.place
    ),
    clocked AS (
        SELECT *,
            multiIf(
                starts_anew, start_of(day, allowance_now, by_calendar_now),
                by_calendar_now, due_before + (day - stopped_before) - 1,
                due_before) AS start,
            multiIf(
                starts_anew, further(allowance_now, by_calendar_now),
                by_calendar_now, 1,
                worked - worked_stopped) AS plus,
            starts_anew OR (day > stopped_before AND (by_calendar_now OR plus > 0)) AS moves,
            worked_by(start) + plus AS reached,
            multiIf(
                NOT (applies AND (starts_anew OR runs_again)), due_before,
                given IS NOT NULL, assumeNotNull(given),
                moves, nth_worked(reached),
                due_before) AS due_now
        FROM met
    ),
    timed AS (
        SELECT *, late_before OR requests_now > 1 OR (stops AND day > due_now) AS late_now
        FROM clocked
    )
SELECT key, place, day, is_last, next_day, applies, due_now AS due, late_now AS late,
    requests_now AS requests, allowance_now AS allowance, by_calendar_now AS by_calendar,
    if(stops, day, stopped_before) AS stopped,
    if(stops, worked, timed.worked_stopped) AS worked_stopped,
    NOT applies OR kind = 'rescheduled' AS unmoved,
    multiIf(
        unmoved, before, kind = 'supplement_requested', 'awaiting', kind = 'paused', 'paused',
        closes(kind), 'closed', 'in_progress') AS phase,
    toInt64(multiIf(
        unmoved, account_before, kind = 'supplement_requested', 2 + late_now,
        kind = 'paused', 4 + late_now, closes(kind), rested(kind, late_now, day, due_now),
        late_now)) AS account
FROM timed
"""
STOOD: Final = f"""
SELECT account, day AS since, if(is_last, {NEVER}, next_day) AS until, due, count() AS number
FROM {{lived}} WHERE account >= 0 GROUP BY ALL
"""
DID_NOT_APPLY: Final = "SELECT key, day FROM {lived} WHERE NOT applies"
LIVE_ON: Final = """
SELECT place + 1 AS place, phase, due, stopped, worked_stopped, late, requests, allowance,
    by_calendar, account
FROM {lived} WHERE NOT is_last
"""
FILES: Final = 16  # whose lives are told at a time


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    with TemporaryDirectory() as folder, Session(folder) as db:
        for setting in SETTINGS:
            db.query(f"SET {setting}")
        know_the_calendar(db)
        suspended = [settle(db, archive)]
        stretches = []
        for told in portions(archive, last):
            keep(db, "told", told)
            stretches.append(numbers(db, PLAIN))
            keep(db, "uneven", UNEVEN)
            for lived in steps(db):
                stretches.append(numbers(db, STOOD.format(lived=lived)))
                suspended.append(Suspended(*numbers(db, DID_NOT_APPLY.format(lived=lived))))
    return asked.in_portions(stretches, suspended, windows)


def know_the_calendar(db: Session) -> None:
    """Make dictionaries of the working days, and the functions that look up in them."""
    days = asked.days()
    for name, values in (("worked", days.worked), ("nth", days.nth)):
        given = pa.table({"place": np.arange(len(values), dtype=np.uint64), "number": values})
        assert len(given), "chDB finds it by its name"
        keep(db, f"{name}_table", "SELECT * FROM Python(given)")
        db.query(DICTIONARY.format(name=name))
    for function in FUNCTIONS:
        most = len(days.nth) - 1
        text = function.format(first=days.first, last=days.last, most=most)
        db.query(f"CREATE FUNCTION {text}")


def settle(db: Session, archive: Path) -> Suspended:
    """Find what has no place in any life; returns the annulments that point to nothing."""
    log = named([name for bucket in asked.buckets(archive) for name in bucket])
    keep(db, "of_note", OF_NOTE.format(log=IN_ORDER.format(files=log)))
    keep(db, "pointing", POINTING)
    before, in_force = "pointing", "in_force_0"
    while True:
        keep(db, in_force, IN_FORCE.format(before=before))
        if count(db, in_force) == count(db, before):
            break
        before, in_force = in_force, f"{in_force}_0"
    keep(db, "out", OUT.format(in_force=in_force))
    return Suspended(*numbers(db, POINTLESS))


def portions(archive: Path, last: date) -> Iterator[str]:
    """The lives of some buckets at a time, up to a day. A bucket of several files is sorted."""
    buckets = asked.buckets(archive)
    for start in range(0, len(buckets), FILES):
        yield " UNION ALL ".join(
            "SELECT * FROM ("
            + TOLD.format(
                events=(IN_ORDER if len(files) == 1 else TO_ORDER).format(files=named(files)),
                last=last,
                kinds=KINDS,
                bucket=number,
            )
            + ")"
            for number, files in enumerate(buckets[start : start + FILES])
        )


def steps(db: Session) -> Iterator[str]:
    """The first event of every life and what it did, then the second of those that go on ..."""
    keep(db, "lives", BORN)
    while count(db, "lives"):
        keep(db, "lived", STEP.format(lives="lives"))
        yield "lived"
        keep(db, "lives", LIVE_ON.format(lived="lived"))


def named(files: Sequence[str]) -> str:
    """Files of a folder, as ClickHouse names several."""
    names = ",".join(Path(file).name for file in files)
    return files[0] if len(files) == 1 else f"{Path(files[0]).parent}/{{{names}}}"


def keep(db: Session, name: str, query: str) -> None:
    """Hold what a query finds in memory."""
    db.query(f"DROP TABLE IF EXISTS {name}")
    db.query(f"CREATE TABLE {name} ENGINE = Memory AS {query}")


def count(db: Session, table: str) -> int:
    """How many rows a table has."""
    (number,) = numbers(db, f"SELECT count() FROM {table}")
    return int(number[0])


def numbers(db: Session, query: str) -> tuple[Integers, ...]:
    """The columns of what a query finds."""
    table = db.query(query, "ArrowTable")
    return tuple(column.to_numpy().astype(np.int64) for column in table.columns)


if __name__ == "__main__":
    asked.main(figures)
