"""How would an analyst have pandas state a window?

The files tell life after life, so the event before and the one after are a shift away. Nine lives
in ten are a reception and an end; they are counted by their days before anything is asked of a
calendar. The others go through the rules step by step, the next event of every life at a time.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pandas import DataFrame

from hoso.domain.calendar import day_number
from hoso.domain.kinds import KINDS
from hoso.domain.windows import Window
from perf.peers import asked
from perf.peers.asked import NEVER, Figures, Integers

Column = Any  # a column of numbers or of truths

DAYS: Final = asked.days()
NONE: Final = -(2**31)  # where an event gives no day and no allowance
COLUMNS: Final = ("key", "position", "type", "day", "due", "allowance", "unit", "reason")
LIFE: Final = ("key", "occurred", "recorded", "position")
NOTED: Final = ("position", "recorded", "key", "day", "event", "annulled")
SHAPE: Final = ("day", "given", "allowance", "by_calendar", "end_kind", "end_day")
CLOCK: Final = (
    "phase",
    "due",
    "stopped",
    "late",
    "requests",
    "allowance",
    "by_calendar",
    "account",
)

# Kinds are numbers here, as pandas compares numbers best; a withdrawal is one of its own.
RECEIVED, REQUESTED, SUPPLEMENTED, PAUSE, RESUMED, RESCHEDULED, RETURNED, CANCELLED, RESOLVED = (
    range(9)
)
ANNULLED, WITHDRAWN = 9, 10
CLOSING: Final = (RETURNED, CANCELLED, RESOLVED, WITHDRAWN)
BEFORE, IN_PROGRESS, AWAITING, PAUSED, CLOSED = range(5)  # phases
OPEN: Final = (IN_PROGRESS, AWAITING, PAUSED)


def figures(archive: Path, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    last = max(day_number(window.last) for window in windows)
    buckets = asked.buckets(archive)
    out, pointless = settled([name for bucket in buckets for name in bucket])
    stretches: list[Sequence[Column]] = []
    suspended: list[Sequence[Column]] = [(pointless["key"], pointless["day"])]
    for bucket in buckets:
        told = lives(bucket, last, out)
        stretches += stretches_of_plain(told[told["is_plain"]])
        for lived in steps(uneven(told[~told["is_plain"]], out)):
            stretches.append(stretches_of(lived[lived["account"] >= 0]))
            amiss = lived[~lived["applies"]]
            suspended.append((amiss["key"], amiss["day"]))
    return asked.in_portions(stretches, suspended, windows)


def settled(files: Sequence[str]) -> tuple[DataFrame, DataFrame]:
    """What has no place in any life; and the annulments that point to nothing."""
    noted = of_note(files)
    lasting = noted[~noted["is_repeat"]]
    annulments = lasting[lasting["is_annulment"]]
    pointing = annulments.merge(
        lasting, left_on=["annulled", "key"], right_on=["event", "key"], suffixes=("", "_of_target")
    )
    pointing = pointing[pointing["place_of_target"] < pointing["place"]]
    # In force is what no other in force takes back. As all point back, this comes to rest.
    in_force, before = pointing, -1
    while before != len(in_force):
        before = len(in_force)
        in_force = pointing[~pointing["position"].isin(in_force["position_of_target"])]
    out = noted[noted["is_repeat"] | noted["position"].isin(in_force["position_of_target"])]
    pointless = annulments[
        ~annulments["position"].isin(out["position"])
        & ~annulments["position"].isin(pointing["position"])
    ]
    return out, pointless


def of_note(files: Sequence[str]) -> DataFrame:
    """The events whose id recurs, annulments, and what these take back, in the order recorded."""
    event = np.concatenate([pq.read_table(file, columns=["event"])["event"] for file in files])
    event.sort()
    annulled = [pq.read_table(file, columns=["annulled"])["annulled"] for file in files]
    marked = [event[1:][event[1:] == event[:-1]], *(part.drop_null() for part in annulled)]
    of_note = pd.Series(np.unique(np.concatenate(marked)))
    parts = [_noted(file, of_note) for file in files]
    noted = pd.concat(parts).sort_values(["recorded", "position"], ignore_index=True)
    return noted.assign(is_repeat=noted.duplicated("event"), place=noted.index)


def _noted(file: str, of_note: Column) -> DataFrame:
    table = pq.read_table(file, columns=list(NOTED))
    frame = DataFrame(
        {
            "position": table["position"].to_numpy(),
            "recorded": table["recorded"].to_numpy(),
            "key": table["key"].to_numpy(),
            "day": numbers(table["day"]),
            "event": table["event"].to_numpy(),
            "annulled": numbers(table["annulled"]),
            "is_annulment": table["annulled"].is_valid().to_numpy(),
        }
    )
    return frame[frame["is_annulment"] | frame["event"].isin(of_note)]


def lives(bucket: Sequence[str], last: int, out: DataFrame) -> DataFrame:
    """A bucket's events, life after life, but for the ends of the plain ones, which stand beside
    their receptions."""
    told = pd.concat([read(file, len(bucket) > 1) for file in bucket])
    if len(bucket) > 1:
        told = told.sort_values(list(LIFE))
    told = told[(told["day"] <= last) & (told["kind"] != ANNULLED)].reset_index(drop=True)
    key, kind = told["key"].to_numpy(), told["kind"].to_numpy()
    differs, further = key[1:] != key[:-1], key[2:] != key[:-2]
    is_last = np.append(differs, True)[: len(key)]
    is_first = np.append(True, differs)[: len(key)]
    is_among_last = np.append(further, [True, True])[: len(key)]
    end_kind = np.append(kind[1:], -1)[: len(key)]
    end_day = np.append(told["day"].to_numpy()[1:], 0)[: len(key)]
    is_plain = is_first & (kind == RECEIVED) & ~told["key"].isin(out["key"]).to_numpy()
    is_plain &= is_last | is_among_last & np.isin(end_kind, CLOSING)
    told = told.assign(
        is_plain=is_plain,
        end_kind=np.where(is_last, -1, end_kind),
        end_day=np.where(is_last, NEVER, end_day),
    )
    return told[~np.append(False, is_plain & ~is_last)[:-1]]


def read(file: str, unordered: bool) -> DataFrame:
    """The events of a file, as numbers."""
    table = pq.read_table(file, columns=[*COLUMNS, *(LIFE[1:3] if unordered else ())])
    kind = places(table["type"], KINDS)
    withdrawn = places(table["reason"], ("withdrawn",)) == 0
    kind[withdrawn & (kind == CANCELLED)] = WITHDRAWN
    columns = {
        "key": table["key"].to_numpy(),
        "position": table["position"].to_numpy(),
        "kind": kind,
        "day": numbers(table["day"]),
        "given": numbers(table["due"]),
        "allowance": numbers(table["allowance"]),
        "by_calendar": places(table["unit"], ("calendar_days",)) == 0,
    }
    more = {name: table[name].to_numpy() for name in (LIFE[1:3] if unordered else ())}
    return DataFrame(columns | more)


def places(column: Any, names: Sequence[str]) -> Integers:
    """The place of each text among some; -1 where it is not among them."""
    texts = column.combine_chunks().dictionary_encode()
    known = texts.dictionary.to_pylist() if len(texts) else []
    place = np.array([names.index(t) if t in names else -1 for t in known] + [-1])
    found: Integers = place[texts.indices.fill_null(-1).to_numpy()]
    return found


def numbers(column: Any) -> Integers:
    """Numbers, or days as numbers; NONE where there is none."""
    if str(column.type) == "date32[day]":
        column = column.cast("int32")
    values: Integers = column.cast("int64").fill_null(NONE).to_numpy()
    return values


def stretches_of_plain(plain: DataFrame) -> Iterator[Sequence[Column]]:
    """In progress from the reception, closed from the end on."""
    alike = plain.groupby(list(SHAPE), as_index=False).size()
    day, given = alike["day"].to_numpy(), alike["given"].to_numpy()
    end_day, number = alike["end_day"].to_numpy(), alike["size"].to_numpy()
    fresh = fresh_deadline(day, alike["allowance"].to_numpy(), alike["by_calendar"].to_numpy())
    due = np.where(given != NONE, given, fresh)
    yield np.zeros_like(day), day, end_day, due, number
    ended = end_day != NEVER
    account = rested(alike["end_kind"].to_numpy(), np.False_, end_day, due)
    stretch = account, end_day, np.full_like(day, NEVER), due, number
    yield [column[ended] for column in stretch]


def uneven(told: DataFrame, out: DataFrame) -> DataFrame:
    """The other lives, with the allowance that a given day stands for where there is none."""
    told = told[~told["position"].isin(out["position"])].reset_index(drop=True)
    key, day = told["key"].to_numpy(), told["day"].to_numpy()
    stands_for = worked_by(told["given"].to_numpy()) - worked_by(day - 1) - 1
    allowance = told["allowance"].to_numpy()
    differs = key[1:] != key[:-1]
    return DataFrame(
        {
            "key": key,
            "kind": told["kind"],
            "day": day,
            "given": told["given"],
            "own_allowance": np.where(allowance != NONE, allowance, np.maximum(0, stands_for)),
            "own_by_calendar": told["by_calendar"],
            "is_first": np.append(True, differs)[: len(key)],
            "is_last": np.append(differs, True)[: len(key)],
            "next_day": np.append(day[1:], 0)[: len(key)],
        }
    )


def steps(events: DataFrame) -> Iterator[DataFrame]:
    """The first event of every life and what it did, then the second of those that go on ..."""
    place = np.flatnonzero(events["is_first"])
    blank = np.zeros(len(place), np.int64)
    clock = DataFrame(dict.fromkeys(CLOCK, blank)).assign(late=False, by_calendar=False, account=-1)
    while len(place):
        lived = step(pd.concat([events.take(place).reset_index(drop=True), clock], axis=1))
        yield lived
        going_on = ~lived["is_last"].to_numpy()
        place = place[going_on] + 1
        clock = lived.loc[going_on, list(CLOCK)].reset_index(drop=True)


def step(met: DataFrame) -> DataFrame:
    """One event of each life, by the rules."""
    column = {name: met[name].to_numpy() for name in met.columns}
    kind, phase, day, given = (column[name] for name in ("kind", "phase", "day", "given"))
    closes, is_request = np.isin(kind, CLOSING), kind == REQUESTED
    needed = {
        RECEIVED: phase == BEFORE,
        SUPPLEMENTED: phase == AWAITING,
        PAUSE: phase == IN_PROGRESS,
        RESUMED: phase == PAUSED,
    }
    applies = np.select([kind == k for k in needed], list(needed.values()), np.isin(phase, OPEN))
    begins = applies & (kind == RECEIVED)
    anew = begins | applies & (phase == AWAITING) & ((kind == SUPPLEMENTED) | closes)
    runs_again = applies & (phase == PAUSED) & (kind != RESCHEDULED)
    stops = applies & ((kind == PAUSE) | is_request & (phase != AWAITING))
    allowance = np.where(begins, column["own_allowance"], column["allowance"])
    by_calendar = np.where(begins, column["own_by_calendar"], column["by_calendar"])
    requests = column["requests"] + (applies & is_request)
    due = np.select(
        [~(anew | runs_again), given != NONE, anew],
        [column["due"], given, fresh_deadline(day, allowance, by_calendar)],
        shifted(column["due"], column["stopped"], day, by_calendar),
    )
    late = column["late"] | (requests > 1) | stops & (day > due)
    moved = [~applies | (kind == RESCHEDULED), is_request, kind == PAUSE, closes]
    return met.assign(
        applies=applies,
        due=due,
        stopped=np.where(stops, day, column["stopped"]),
        late=late,
        requests=requests,
        allowance=allowance,
        by_calendar=by_calendar,
        phase=np.select(moved, [phase, AWAITING, PAUSED, CLOSED], IN_PROGRESS),
        account=np.select(
            moved, [column["account"], 2 + late, 4 + late, rested(kind, late, day, due)], late
        ),
    )


def stretches_of(lived: DataFrame) -> Sequence[Column]:
    """Where each dossier stands after its event, until the next."""
    until = np.where(lived["is_last"], NEVER, lived["next_day"])
    return lived["account"], lived["day"], until, lived["due"], np.ones(len(lived), np.int64)


def rested(kind: Column, late: Column, day: Column, due: Column) -> Column:
    """The account of a dossier that a kind of event closes on a day."""
    timeliness = np.where(late | (day > due), 2, day == due)
    return np.select(
        [kind == WITHDRAWN, kind == CANCELLED, kind == RETURNED],
        [12, 13, 9 + timeliness],
        6 + timeliness,
    )


def fresh_deadline(day: Column, allowance: Column, by_calendar: Column) -> Column:
    """The due day of a clock that starts on a day, or on the next that is worked."""
    by_working_days = nth(worked_by(day - 1) + 1 + allowance)
    return np.where(by_calendar, forward(day + allowance), by_working_days)


def shifted(due: Column, stopped: Column, day: Column, by_calendar: Column) -> Column:
    """The due day, later by as long as the clock stood."""
    stood = worked_by(day) - worked_by(stopped)
    return np.select(
        [(day == stopped) | ~by_calendar & (stood == 0), by_calendar],
        [due, forward(due + day - stopped)],
        nth(worked_by(due) + stood),
    )


def forward(day: Column) -> Column:
    """A day, or the next that is worked."""
    return nth(worked_by(day - 1) + 1)


def worked_by(day: Column) -> Column:
    """How many days were worked by a day."""
    within = np.clip(day, DAYS.first, DAYS.last)
    return DAYS.worked[within - DAYS.first] + (day - within)


def nth(number: Column) -> Column:
    """The day by which so many days were worked."""
    within = np.clip(number, 0, len(DAYS.nth) - 1)
    return DAYS.nth[within] + (number - within)


if __name__ == "__main__":
    asked.main(figures)
