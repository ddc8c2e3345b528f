"""The task (``perf.peers.task``) solved with Polars, as an analyst would.

The files hold one life after the other, so the event before and the event after are a shift away.
Nine lives in ten are *short*: a reception, and at most an end. They are grouped by their days
before the calendar is used. The *long* lives go through the rules step by step: the first event of
every long life, then the second of every one, and so on.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from polars import DataFrame, Expr, LazyFrame, Series, col, lit, when

from hoso.domain.windows import Window
from perf.peers import task
from perf.peers.task import NEVER, Figures, Stretches, Suspended

BATCH_IDS: Final = 64_000_000  # that are held in memory to find which recur
CLOSING: Final = ("resolved", "returned", "cancelled", "withdrawn")
DAYS: Final = task.days()
WORKED: Final = Series(DAYS.worked)
NTH: Final = Series(DAYS.nth)

SHORT_LIFE: Final = ("day", "given", "allowance", "by_calendar", "is_last", "end_kind", "end_day")
FIRST_STATE: Final = {
    "phase": lit("none"),
    "due": lit(0, pl.Int64),
    "stopped": lit(0, pl.Int64),
    "late": lit(False),
    "requests": lit(0, pl.Int64),
    "allowance": lit(0, pl.Int64),
    "by_calendar": lit(False),
    "account": lit(-1, pl.Int64),
}


class Dropped(NamedTuple):
    """The positions of the events that do not count, and the keys of their dossiers."""

    position: Series
    key: Series


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    buckets = task.buckets(archive)
    log = pl.scan_parquet([name for bucket in buckets for name in bucket])
    dropped, unmatched = find_dropped(log)
    stretches, suspended = [], [unmatched]
    for bucket in buckets:
        events = read_events(bucket, last, dropped)
        stretches.append(stretches_of_short_lives(events))
        for stepped in steps(long_lives(events, dropped)):
            stretches.append(stretches_of(stepped))
            suspended.append(stepped.filter(~col("applies")).select("key", "day"))
    return task.figures(
        Stretches(*(column.to_numpy() for column in pl.concat(stretches))),
        Suspended(*(column.to_numpy() for column in pl.concat(suspended))),
        windows,
    )


def find_dropped(log: LazyFrame) -> tuple[Dropped, DataFrame]:
    """The events that do not count; and the annulments that match no event."""
    candidates = read_candidates(log)
    unrepeated = candidates.filter(~col("is_repeat"))
    annulments = unrepeated.filter(col("annulled").is_not_null())
    matched = annulments.join(
        unrepeated, left_on=["annulled", "key"], right_on=["event", "key"], suffix="_of_target"
    ).filter(
        (col("recorded_of_target") < col("recorded"))
        | (col("recorded_of_target") == col("recorded"))
        & (col("position_of_target") < col("position"))
    )
    # An annulment is in force unless another one in force annuls it. Annulments match earlier
    # events only, so this reaches a fixed point.
    in_force, before = matched, -1
    while before != len(in_force):
        before = len(in_force)
        annulled = in_force["position_of_target"].implode()
        in_force = matched.filter(~col("position").is_in(annulled))
    annulled = in_force["position_of_target"].implode()
    dropped = candidates.filter(col("is_repeat") | col("position").is_in(annulled))
    unmatched = annulments.filter(
        ~col("position").is_in(dropped["position"].implode())
        & ~col("position").is_in(matched["position"].implode())
    )
    return Dropped(dropped["position"], dropped["key"].unique()), unmatched.select(
        "key", col("day").to_physical().cast(pl.Int64)
    )


def read_candidates(log: LazyFrame) -> DataFrame:
    """The only events that may not count, or make others not count: repeated ids, annulments, and
    the events that annulments point to."""
    annulled = log.select("annulled").drop_nulls().collect()["annulled"]
    ids = pl.concat([recurring(log), annulled]).unique()
    return (
        log.select("position", "recorded", "key", "day", "event", "annulled")
        .filter(col("annulled").is_not_null() | col("event").is_in(ids.implode()))
        .collect()
        .sort("recorded", "position")
        .with_columns(is_repeat=~col("event").is_first_distinct())
    )


def recurring(log: LazyFrame) -> Series:
    """The ids that several events have."""
    rows = log.select(pl.len()).collect().item()
    parts = 1 + rows // BATCH_IDS
    recurring_ids = []
    for part in range(parts):
        some = log.filter(col("event") % parts == part) if parts > 1 else log
        ids = some.select("event").collect()["event"].sort()
        recurring_ids.append(ids.filter(ids == ids.shift()))
    return pl.concat(recurring_ids)


def read_events(bucket: Sequence[str], last: date, dropped: Dropped) -> DataFrame:
    """A bucket's events in the order of the lives. The end of a short life has no row of its own,
    but is in the row of the reception."""
    log = pl.scan_parquet(list(bucket))
    if len(bucket) > 1:
        log = log.sort("key", "life", "recorded", "position")
    withdrawn = (col("type") == "cancelled") & (col("reason") == "withdrawn")
    read = log.filter(col("day") <= last, col("type") != "annulled").select(
        "key",
        "position",
        col("day").to_physical().cast(pl.Int64),
        col("due").to_physical().cast(pl.Int64).alias("given"),
        col("allowance").cast(pl.Int64),
        (col("unit") == "calendar_days").alias("by_calendar"),
        when(withdrawn).then(lit("withdrawn")).otherwise(col("type")).alias("kind"),
    )
    key, next_kind = col("key"), col("kind").shift(-1)
    is_last = key.ne_missing(key.shift(-1))
    is_short = (
        key.ne_missing(key.shift())
        & (col("kind") == "received")
        & (is_last | next_kind.is_in(CLOSING) & key.ne_missing(key.shift(-2)))
    )
    events = read.collect().with_columns(
        is_last=is_last,
        is_short=is_short & ~key.is_in(dropped.key.implode()),
        end_kind=next_kind,
        end_day=col("day").shift(-1),
    )
    ends_short = (col("is_short") & ~col("is_last")).shift(fill_value=False)
    return events.filter(~ends_short)


def stretches_of_short_lives(events: DataFrame) -> DataFrame:
    """In progress from the reception on, closed from the end on."""
    short = (
        events.filter("is_short").group_by(SHORT_LIFE).agg(pl.len().cast(pl.Int64).alias("number"))
    )
    lives = short.with_columns(
        due=pl.coalesce("given", fresh_deadline(col("day"), col("allowance"), col("by_calendar")))
    )
    in_progress = lives.select(
        lit(0, pl.Int64).alias("account"),
        col("day").alias("since"),
        when("is_last").then(lit(NEVER)).otherwise(col("end_day")).cast(pl.Int64).alias("until"),
        "due",
        "number",
    )
    closed = lives.filter(~col("is_last")).select(
        closed_account(col("end_kind"), lit(False), col("end_day"), col("due")).alias("account"),
        col("end_day").alias("since"),
        lit(NEVER, pl.Int64).alias("until"),
        "due",
        "number",
    )
    return pl.concat([in_progress, closed])


def long_lives(events: DataFrame, dropped: Dropped) -> DataFrame:
    """The events of the long lives. A reception without an allowance gets the one that its given
    due day stands for."""
    key, day = col("key"), col("day")
    by_due = worked_by(col("given")) - worked_by(day - 1) - 1
    return (
        events.filter(~col("is_short"), ~col("position").is_in(dropped.position.implode()))
        .select("key", "kind", "day", "given", "allowance", "by_calendar")
        .with_row_index("place")
        .with_columns(
            own_allowance=pl.coalesce("allowance", by_due.clip(lower_bound=0)),
            own_by_calendar=col("by_calendar").fill_null(False),
            is_first=key.ne_missing(key.shift()),
            is_last=key.ne_missing(key.shift(-1)),
            next_day=day.shift(-1),
        )
        .drop("allowance", "by_calendar")
    )


def steps(events: DataFrame) -> Iterator[DataFrame]:
    """The first event of every life with the state after it, then the second of those that go on,
    and so on."""
    place = events.filter("is_first")["place"]
    state = place.to_frame().with_columns(**FIRST_STATE).select(*FIRST_STATE)
    while len(place):
        stepped = step(pl.concat([events[place], state], how="horizontal"))
        yield stepped
        going_on = stepped.filter(~col("is_last"))
        place, state = going_on["place"] + 1, going_on.select(*FIRST_STATE)


def step(events: DataFrame) -> DataFrame:
    """One event of each life, with the state before it; returns it with the state after it."""
    kind, phase, day, given = col("kind"), col("phase"), col("day"), col("given")
    is_open = phase.is_in(["in_progress", "awaiting", "paused"])
    is_reception, closes = kind == "received", kind.is_in(CLOSING)
    applies = (
        when(is_reception)
        .then(phase == "none")
        .when(kind == "supplemented")
        .then(phase == "awaiting")
        .when(kind == "paused")
        .then(phase == "in_progress")
        .when(kind == "resumed")
        .then(phase == "paused")
        .otherwise(is_open)
    )
    restarts_clock = (phase == "awaiting") & ((kind == "supplemented") | closes)
    resumes_clock = (phase == "paused") & (kind != "rescheduled")
    requests_supplement = kind == "supplement_requested"
    stops_clock = (kind == "paused") | requests_supplement & (phase != "awaiting")
    judged = events.with_columns(
        applies=applies,
        allowance=when(is_reception & applies).then("own_allowance").otherwise("allowance"),
        by_calendar=when(is_reception & applies).then("own_by_calendar").otherwise("by_calendar"),
        requests=col("requests") + (applies & requests_supplement),
    )
    due = (
        when(~col("applies") | ~(is_reception | restarts_clock | resumes_clock))
        .then("due")
        .when(given.is_not_null())
        .then(given)
        .when(is_reception | restarts_clock)
        .then(fresh_deadline(day, col("allowance"), col("by_calendar")))
        .otherwise(shifted(col("due"), col("stopped"), day, col("by_calendar")))
    )
    timed = judged.with_columns(due=due).with_columns(
        stopped=when(col("applies") & stops_clock).then(day).otherwise("stopped"),
        late=col("late")
        | (col("requests") > 1)
        | col("applies") & stops_clock & (day > col("due")),
    )
    late = col("late").cast(pl.Int64)
    unchanged = ~col("applies") | (kind == "rescheduled")
    return timed.with_columns(
        phase=when(unchanged)
        .then(phase)
        .when(requests_supplement)
        .then(lit("awaiting"))
        .when(kind == "paused")
        .then(lit("paused"))
        .when(closes)
        .then(lit("closed"))
        .otherwise(lit("in_progress")),
        account=when(unchanged)
        .then("account")
        .when(requests_supplement)
        .then(late + 2)
        .when(kind == "paused")
        .then(late + 4)
        .when(closes)
        .then(closed_account(kind, col("late"), day, col("due")))
        .otherwise(late),
    )


def stretches_of(stepped: DataFrame) -> DataFrame:
    """Where each dossier stands from its event until the next one."""
    until = when("is_last").then(lit(NEVER)).otherwise(col("next_day")).cast(pl.Int64)
    return stepped.filter(col("account") >= 0).select(
        "account",
        col("day").alias("since"),
        until.alias("until"),
        "due",
        lit(1, pl.Int64).alias("number"),
    )


def closed_account(kind: Expr, late: Expr, day: Expr, due: Expr) -> Expr:
    """The account of a dossier that a kind of event closes on a day."""
    timeliness = when(late | (day > due)).then(2).otherwise((day == due).cast(pl.Int64))
    account = (
        when(kind == "withdrawn")
        .then(12)
        .when(kind == "cancelled")
        .then(13)
        .when(kind == "returned")
        .then(timeliness + 9)
        .otherwise(timeliness + 6)
    )
    return account.cast(pl.Int64)


def fresh_deadline(day: Expr, allowance: Expr, by_calendar: Expr) -> Expr:
    """The due day of a clock that starts on a day, or on the next working day."""
    by_working_days = nth(worked_by(day - 1) + 1 + allowance)
    return when(by_calendar).then(forward(day + allowance)).otherwise(by_working_days)


def shifted(due: Expr, stopped: Expr, day: Expr, by_calendar: Expr) -> Expr:
    """The due day, moved by the time for which the clock was stopped."""
    stopped_days = worked_by(day) - worked_by(stopped)
    return (
        when((day == stopped) | ~by_calendar & (stopped_days == 0))
        .then(due)
        .when(by_calendar)
        .then(forward(due + day - stopped))
        .otherwise(nth(worked_by(due) + stopped_days))
    )


def forward(day: Expr) -> Expr:
    """A day if it is a working day, else the next working day."""
    return nth(worked_by(day - 1) + 1)


def worked_by(day: Expr) -> Expr:
    """The number of working days up to a day."""
    in_table = day.clip(DAYS.first, DAYS.last)
    return lit(WORKED).gather(in_table - DAYS.first) + (day - in_table)


def nth(number: Expr) -> Expr:
    """The day on which the number of working days became this number."""
    in_table = number.clip(0, len(NTH) - 1)
    return lit(NTH).gather(in_table) + (number - in_table)


if __name__ == "__main__":
    task.main(figures)
