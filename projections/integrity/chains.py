"""Chains of re-entered dossiers: how long the applicant really waited, counted once.

A chain leads from a dossier that was cancelled as re-entered or duplicate, by ``replaced_by``, to
the dossier that took its place, and so on. Its first dossier is the one that was received first: a
duplicate may have come in after the other one. Counted as one, a chain is resolved when its last
dossier is, and in time only if that is no later than the due day that its first dossier had, and
this one was not overdue itself.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from datetime import date
from typing import Any, Final, NamedTuple

import pyarrow as pa

from hoso.domain.calendar import between, day_number
from hoso.projections.integrity.parts import Question

# The register rows (``ledger.register.SCHEMA``) of some dossiers, at the end of the last day told.
LookUp = Callable[[Collection[str]], pa.Table]
Row = Mapping[str, Any]
IN_TIME: Final = ("resolved.early", "resolved.on_time")


class Chain(NamedTuple):
    """A chain: the codes of its dossiers in order, the day on which the first was received and that
    on which the last was closed, how many days the applicant waited between them, or up to the last
    day told, and of these how many working days.

    ``closed`` is None while the last one is open. ``in_time`` says whether the chain, counted as
    one, was resolved in time; None where it was not resolved. The days are None where the log does
    not have the first or the last dossier.
    """

    dossiers: tuple[str, ...]
    received: date | None
    closed: date | None
    waited_days: int | None
    waited_working_days: int | None
    in_time: bool | None


class Chains(NamedTuple):
    """The chains with a re-entry in the window, or of which the last dossier was resolved in it.

    ``resolved`` and ``in_time`` are those of the statement; ``in_time_as_one`` is how many would be
    resolved in time if chains counted as one.
    """

    chains: tuple[Chain, ...]
    resolved: int
    in_time: int
    in_time_as_one: int


def chains_of(
    links: Mapping[str, str],
    re_entered: Set[str],
    resolved: int,
    in_time: int,
    question: Question,
    look_up: LookUp,
) -> Chains:
    """The chains that links between dossiers make.

    ``re_entered`` are the dossiers that were cancelled so in the window, ``resolved`` is how many
    were resolved in it, ``in_time`` how many of these in time.
    """
    codes = {*links, *links.values()}
    rows = {row["dossier"]: row for row in look_up(codes).to_pylist()} if codes else {}
    chains, late = [], set()
    for dossiers in sequences(links):
        chain, last = _chain(dossiers, rows, question), rows.get(dossiers[-1])
        is_resolved = last is not None and _is_resolved_in_window(last, question)
        if is_resolved or not re_entered.isdisjoint(dossiers):
            chains.append(chain)
        if is_resolved and last is not None and last["account"] in IN_TIME and not chain.in_time:
            late.add(dossiers[-1])
    return Chains(tuple(chains), resolved, in_time, in_time - len(late))


def sequences(links: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The codes of each chain, in order, sorted by the first. Of a circle, each once."""
    successors = set(links.values())
    begins = sorted(code for code in links if code not in successors)
    seen: set[str] = set()
    for begin in (*begins, *sorted(links)):
        if begin in seen:
            continue
        chain = {begin: None}  # a dict: it has an order, and is quick to say what it has
        following = links.get(begin)
        while following is not None and following not in chain:
            chain[following] = None
            following = links.get(following)
        seen.update(links.keys() & chain.keys())
        yield tuple(chain)


def _chain(dossiers: tuple[str, ...], rows: Mapping[str, Row], question: Question) -> Chain:
    known = [rows[code] for code in dossiers if code in rows]
    first, last = min(known, key=_received, default=None), rows.get(dossiers[-1])
    if first is None or last is None:
        return Chain(dossiers, None if first is None else first["received"], *[None] * 4)
    received, closed = first["received"], last["closed"]
    end = closed or question.told.last
    is_resolved = last["account"].startswith("resolved.")
    return Chain(
        dossiers,
        received,
        closed,
        (end - received).days,
        between(question.office.calendar.days, day_number(received), day_number(end)),
        _is_in_time(first, last, question) if is_resolved else None,
    )


def _received(row: Row) -> date:
    received: date = row["received"]
    return received


def _is_in_time(first: Row, last: Row, question: Question) -> bool:
    """Whether a chain, counted as one, was resolved in time."""
    limit = question.office.policy.value("supplement_limit", last["closed"])
    assert isinstance(limit, int)
    was_overdue = first["lapsed"] or first["requests"] > limit
    return not was_overdue and last["closed"] <= first["due"] and last["account"] in IN_TIME


def _is_resolved_in_window(last: Row, question: Question) -> bool:
    return (
        last["account"].startswith("resolved.")
        and question.told.first <= last["closed"] <= question.told.last
        and question.selected.accepts(last)
    )
