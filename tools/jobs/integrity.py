"""Runs the checks of integrity over a source."""

from collections.abc import Collection

import pyarrow as pa

from hoso.domain.calendar import day_number
from hoso.projections.archive.register import ArchiveGrew
from hoso.projections.integrity.chains import LookUp
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.parts import Question
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
