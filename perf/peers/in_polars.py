"""How would an analyst have Polars state a window?

The files tell life after life, so the event before and the one after are a shift away. Nine lives
in ten are a reception and an end; they are counted by their days before anything is asked of a
calendar. The others go through the rules step by step, the next event of every life at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from polars import DataFrame, Expr, LazyFrame, Series, col, lit, when

from hoso.domain.windows import Window
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Stretches, Suspended

AT_ONCE: Final = 64_000_000  # ids that are held, to see which recur
CLOSING: Final = ("resolved", "returned", "cancelled", "withdrawn")
DAYS: Final = asked.days()
WORKED: Final = Series(DAYS.worked)
NTH: Final = Series(DAYS.nth)

SHAPE: Final = ("day", "given", "allowance", "by_calendar", "is_last", "end_kind", "end_day")
CLOCK: Final = {
    "phase": lit("none"),
    "due": lit(0, pl.Int64),
    "stopped": lit(0, pl.Int64),
    "late": lit(False),
    "requests": lit(0, pl.Int64),
    "allowance": lit(0, pl.Int64),
    "by_calendar": lit(False),
    "account": lit(-1, pl.Int64),
}


class Out(NamedTuple):
    """Events that have no place in any life, and the lives that they are not in."""

    position: Series
    key: Series


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(window.last for window in windows)
    buckets = asked.buckets(archive)
    log = pl.scan_parquet([name for bucket in buckets for name in bucket])
    out, pointless = settled(log)
    stretches, suspended = [], [pointless]
    for bucket in buckets:
        told = lives(bucket, last, out)
        stretches.append(stretches_of_plain(told))
        for lived in steps(uneven(told, out)):
            stretches.append(stretches_of(lived))
            suspended.append(lived.filter(~col("applies")).select("key", "day"))
    return asked.figures(
        Stretches(*(column.to_numpy() for column in pl.concat(stretches))),
        Suspended(*(column.to_numpy() for column in pl.concat(suspended))),
        windows,
    )


def settled(log: LazyFrame) -> tuple[Out, DataFrame]:
    """What has no place in any life; and the annulments that point to nothing."""
    noted = of_note(log)
    lasting = noted.filter(~col("is_repeat"))
    annulments = lasting.filter(col("annulled").is_not_null())
    pointing = annulments.join(
        lasting, left_on=["annulled", "key"], right_on=["event", "key"], suffix="_of_target"
    ).filter(
        (col("recorded_of_target") < col("recorded"))
        | (col("recorded_of_target") == col("recorded"))
        & (col("position_of_target") < col("position"))
    )
    # In force is what no other in force takes back. As all point back, this comes to rest.
    in_force, before = pointing, -1
    while before != len(in_force):
        before = len(in_force)
        taken_back = in_force["position_of_target"].implode()
        in_force = pointing.filter(~col("position").is_in(taken_back))
    taken_back = in_force["position_of_target"].implode()
    out = noted.filter(col("is_repeat") | col("position").is_in(taken_back))
    pointless = annulments.filter(
        ~col("position").is_in(out["position"].implode())
        & ~col("position").is_in(pointing["position"].implode())
    )
    return Out(out["position"], out["key"].unique()), pointless.select(
        "key", col("day").to_physical().cast(pl.Int64)
    )


def of_note(log: LazyFrame) -> DataFrame:
    """The events whose id recurs, annulments, and what these take back."""
    taken_back = log.select("annulled").drop_nulls().collect()["annulled"]
    marked = pl.concat([recurring(log), taken_back]).unique()
    return (
        log.select("position", "recorded", "key", "day", "event", "annulled")
        .filter(col("annulled").is_not_null() | col("event").is_in(marked.implode()))
        .collect()
        .sort("recorded", "position")
        .with_columns(is_repeat=~col("event").is_first_distinct())
    )


def recurring(log: LazyFrame) -> Series:
    """The ids that several events bear."""
    rows = log.select(pl.len()).collect().item()
    parts = 1 + rows // AT_ONCE
    found = []
    for part in range(parts):
        wanted = log.select("event").filter(col("event") % parts == part)
        event = (wanted if parts > 1 else log.select("event")).collect()["event"].sort()
        found.append(event.filter(event == event.shift()))
    return pl.concat(found)


def lives(bucket: Sequence[str], last: date, out: Out) -> DataFrame:
    """A bucket's events, life after life, but for the ends of the plain ones, which stand beside
    their receptions."""
    log = pl.scan_parquet(list(bucket))
    if len(bucket) > 1:
        log = log.sort("key", "occurred", "recorded", "position")
    voluntary = (col("type") == "cancelled") & (col("reason") == "withdrawn")
    told = log.filter(col("day") <= last, col("type") != "annulled").select(
        "key",
        "position",
        col("day").to_physical().cast(pl.Int64),
        col("due").to_physical().cast(pl.Int64).alias("given"),
        col("allowance").cast(pl.Int64),
        (col("unit") == "calendar_days").alias("by_calendar"),
        when(voluntary).then(lit("withdrawn")).otherwise(col("type")).alias("kind"),
    )
    key, next_kind = col("key"), col("kind").shift(-1)
    is_last = key.ne_missing(key.shift(-1))
    is_plain = (
        key.ne_missing(key.shift())
        & (col("kind") == "received")
        & (is_last | next_kind.is_in(CLOSING) & key.ne_missing(key.shift(-2)))
    )
    beside = told.collect().with_columns(
        is_last=is_last,
        is_plain=is_plain & ~key.is_in(out.key.implode()),
        end_kind=next_kind,
        end_day=col("day").shift(-1),
    )
    ends_plain = (col("is_plain") & ~col("is_last")).shift(fill_value=False)
    return beside.filter(~ends_plain)


def stretches_of_plain(told: DataFrame) -> DataFrame:
    """In progress from the reception, closed from the end on."""
    alike = told.filter("is_plain").group_by(SHAPE).agg(pl.len().cast(pl.Int64).alias("number"))
    lived = alike.with_columns(
        due=pl.coalesce("given", fresh_deadline(col("day"), col("allowance"), col("by_calendar")))
    )
    first = lived.select(
        lit(0, pl.Int64).alias("account"),
        col("day").alias("since"),
        when("is_last").then(lit(NEVER)).otherwise(col("end_day")).cast(pl.Int64).alias("until"),
        "due",
        "number",
    )
    then = lived.filter(~col("is_last")).select(
        rested(col("end_kind"), lit(False), col("end_day"), col("due")).alias("account"),
        col("end_day").alias("since"),
        lit(NEVER, pl.Int64).alias("until"),
        "due",
        "number",
    )
    return pl.concat([first, then])


def uneven(told: DataFrame, out: Out) -> DataFrame:
    """The other lives, with the allowance that a given day stands for where there is none."""
    key, day = col("key"), col("day")
    stands_for = worked_by(col("given")) - worked_by(day - 1) - 1
    return (
        told.filter(~col("is_plain"), ~col("position").is_in(out.position.implode()))
        .select("key", "kind", "day", "given", "allowance", "by_calendar")
        .with_row_index("place")
        .with_columns(
            own_allowance=pl.coalesce("allowance", stands_for.clip(lower_bound=0)),
            own_by_calendar=col("by_calendar").fill_null(False),
            is_first=key.ne_missing(key.shift()),
            is_last=key.ne_missing(key.shift(-1)),
            next_day=day.shift(-1),
        )
        .drop("allowance", "by_calendar")
    )


def steps(events: DataFrame) -> Iterator[DataFrame]:
    """The first event of every life and what it did, then the second of those that go on ..."""
    place = events.filter("is_first")["place"]
    clock = place.to_frame().with_columns(**CLOCK).select(*CLOCK)
    while len(place):
        lived = step(pl.concat([events[place], clock], how="horizontal"))
        yield lived
        going_on = lived.filter(~col("is_last"))
        place, clock = going_on["place"] + 1, going_on.select(*CLOCK)


def step(met: DataFrame) -> DataFrame:
    """One event of each life, by the rules."""
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
    answers = (phase == "awaiting") & ((kind == "supplemented") | closes)
    runs_again = (phase == "paused") & (kind != "rescheduled")
    requests_supplement = kind == "supplement_requested"
    stops = (kind == "paused") | requests_supplement & (phase != "awaiting")
    begun = met.with_columns(
        applies=applies,
        allowance=when(is_reception & applies).then("own_allowance").otherwise("allowance"),
        by_calendar=when(is_reception & applies).then("own_by_calendar").otherwise("by_calendar"),
        requests=col("requests") + (applies & requests_supplement),
    )
    due = (
        when(~col("applies") | ~(is_reception | answers | runs_again))
        .then("due")
        .when(given.is_not_null())
        .then(given)
        .when(is_reception | answers)
        .then(fresh_deadline(day, col("allowance"), col("by_calendar")))
        .otherwise(shifted(col("due"), col("stopped"), day, col("by_calendar")))
    )
    timed = begun.with_columns(due=due).with_columns(
        stopped=when(col("applies") & stops).then(day).otherwise("stopped"),
        late=col("late") | (col("requests") > 1) | col("applies") & stops & (day > col("due")),
    )
    late = col("late").cast(pl.Int64)
    unmoved = ~col("applies") | (kind == "rescheduled")
    return timed.with_columns(
        phase=when(unmoved)
        .then(phase)
        .when(requests_supplement)
        .then(lit("awaiting"))
        .when(kind == "paused")
        .then(lit("paused"))
        .when(closes)
        .then(lit("closed"))
        .otherwise(lit("in_progress")),
        account=when(unmoved)
        .then("account")
        .when(requests_supplement)
        .then(late + 2)
        .when(kind == "paused")
        .then(late + 4)
        .when(closes)
        .then(rested(kind, col("late"), day, col("due")))
        .otherwise(late),
    )


def stretches_of(lived: DataFrame) -> DataFrame:
    """Where each dossier stands after its event, until the next."""
    until = when("is_last").then(lit(NEVER)).otherwise(col("next_day")).cast(pl.Int64)
    return lived.filter(col("account") >= 0).select(
        "account",
        col("day").alias("since"),
        until.alias("until"),
        "due",
        lit(1, pl.Int64).alias("number"),
    )


def rested(kind: Expr, late: Expr, day: Expr, due: Expr) -> Expr:
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
    """The due day of a clock that starts on a day, or on the next that is worked."""
    by_working_days = nth(worked_by(day - 1) + 1 + allowance)
    return when(by_calendar).then(forward(day + allowance)).otherwise(by_working_days)


def shifted(due: Expr, stopped: Expr, day: Expr, by_calendar: Expr) -> Expr:
    """The due day, later by as long as the clock stood."""
    stood = worked_by(day) - worked_by(stopped)
    return (
        when((day == stopped) | ~by_calendar & (stood == 0))
        .then(due)
        .when(by_calendar)
        .then(forward(due + day - stopped))
        .otherwise(nth(worked_by(due) + stood))
    )


def forward(day: Expr) -> Expr:
    """A day, or the next that is worked."""
    return nth(worked_by(day - 1) + 1)


def worked_by(day: Expr) -> Expr:
    """How many days were worked by a day."""
    within = day.clip(DAYS.first, DAYS.last)
    return lit(WORKED).gather(within - DAYS.first) + (day - within)


def nth(number: Expr) -> Expr:
    """The day by which so many days were worked."""
    within = number.clip(0, len(NTH) - 1)
    return lit(NTH).gather(within) + (number - within)


if __name__ == "__main__":
    asked.main(figures)
