"""Runs the checks of integrity over a source: for programs, and as lists of dossiers."""

from collections.abc import Collection

import pyarrow as pa

from hoso.domain.calendar import day_number
from hoso.projections.archive.register import ArchiveGrew
from hoso.projections.documents import findings
from hoso.projections.documents.model import Document
from hoso.projections.integrity.chains import LookUp
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.parts import Question
from hoso.projections.kernels.checks import CHECKS, RE_ENTERED
from hoso.projections.ledger.register import SCHEMA, Moment
from hoso.tools.sources.source import Source


def integrity(source: Source, question: Question) -> Integrity:
    """What the checks find in a source. Raises ``UserError`` where it cannot be read."""
    return integrity_of(question, source.integrity_parts(question), look_up_in(source, question))


def look_up_in(source: Source, question: Question) -> LookUp:
    """How dossiers of a source are looked up in its register, at the end of the last day told."""
    moment = Moment(question.as_of, day_number(question.told.last))

    def look_up(dossiers: Collection[str]) -> pa.Table:
        while True:
            try:
                tables = source.register_of(question.office, moment, dossiers)
                return pa.concat_tables([SCHEMA.empty_table(), *tables])
            except ArchiveGrew:
                continue

    return look_up


def listing(
    source: Source, question: Question, names: Collection[str], ask: tuple[str, ...] = ()
) -> Document:
    """The dossiers in which some checks saw something, and the chains of re-entered ones. Raises as
    ``integrity``.

    ``ask`` is how ``hoso explain`` reads the same history.
    """
    seen = found(source, question, names)
    document = findings.document(seen, question.selected.registry, ask=ask)
    if CHECKS[RE_ENTERED] not in names or not seen.chains.chains:
        return document
    from hoso.projections.reports.integrity.tables import (
        chains_table,  # here, as programs need none
    )

    return document._replace(parts=(*document.parts, chains_table(seen.chains)))


def for_programs(source: Source, question: Question, names: Collection[str]) -> Document:
    """What programs get of some checks, or of all where none is named. Raises as ``integrity``."""
    return findings.for_programs(found(source, question, names))


def found(source: Source, question: Question, names: Collection[str]) -> Integrity:
    """What some checks find in a source, or all where none is named. Raises as ``integrity``."""
    whole = integrity(source, question)
    chosen = tuple(each for each in whole.checks if not names or each.name in names)
    return whole._replace(checks=chosen)
